/*
 * Signing keys, with OpenSSL 3.0.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/commands/jwk.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <string.h>

enum { COORDINATE_MAX = 66, NUMBER_MAX = JWK_RSA_BITS_MAX / 8 };

/* What a type is called: by OpenSSL, as a curve there and in a JWK, and its algorithms. */
static const struct kind {
    const char *name, *group, *curve;
    int size; /* bytes of a coordinate or of an Edwards key */
    const char *algorithms[7];
} kinds[] = {
    [JWK_RSA] = {"RSA", "", "", 0, {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}},
    [JWK_EC] = {"EC", "prime256v1", "P-256", 32, {"ES256"}},
    [JWK_P384] = {"EC", "secp384r1", "P-384", 48, {"ES384"}},
    [JWK_P521] = {"EC", "secp521r1", "P-521", 66, {"ES512"}},
    [JWK_ED25519] = {"ED25519", "", "Ed25519", 32, {"EdDSA", "Ed25519"}}, /* RFC 8037, RFC 9864 */
    [JWK_ED448] = {"ED448", "", "Ed448", 57, {"EdDSA", "Ed448"}},
};

EVP_PKEY *jwk_make(enum jwk_type type, unsigned bits, const char **error)
{
    const struct kind *kind = &kinds[type];
    EVP_PKEY *key = type == JWK_RSA  ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits)
                    : kind->group[0] ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind->group)
                                     : EVP_PKEY_Q_keygen(NULL, NULL, kind->name);
    *error = key ? NULL : "OpenSSL could not make the key";
    return key;
}

/* Instead of asking on the terminal. */
static int refuse_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    *(bool *)context = true;
    return -1;
}

EVP_PKEY *jwk_read(const char *file, bool *is_unreadable, const char **error)
{
    bool is_encrypted = false;
    errno = 0;
    BIO *in = BIO_new_file(file, "r");
    *is_unreadable = !in;
    if (!in) {
        *error = errno ? strerror(errno) : "cannot be opened";
        return NULL;
    }
    EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, refuse_passphrase, &is_encrypted);
    BIO_free(in);
    *error = key            ? NULL
             : is_encrypted ? "the key is encrypted; a plain PEM file is needed"
                            : "there is no private key in PEM in it";
    return key;
}

bool jwk_type_of(EVP_PKEY *key, enum jwk_type *type, const char **error)
{
    char group[32] = "";
    int bits = EVP_PKEY_get_bits(key);
    if (EVP_PKEY_is_a(key, "EC"))
        EVP_PKEY_get_group_name(key, group, sizeof group, NULL);
    *error = "a key is RSA, EC on P-256, P-384 or P-521, Ed25519, or Ed448";
    for (int i = 0; i < JWK_TYPE_COUNT && *error; i++) {
        if (!EVP_PKEY_is_a(key, kinds[i].name) || strcmp(group, kinds[i].group) != 0)
            continue;
        *type = (enum jwk_type)i;
        *error = NULL;
    }
    if (!*error && *type == JWK_RSA && (bits < JWK_RSA_BITS || bits > JWK_RSA_BITS_MAX))
        *error = "an RSA key has 2048 to 8192 bits"; /* RFC 7518, section 3.3 */
    return !*error;
}

const char *jwk_algorithm(enum jwk_type type)
{
    return kinds[type].algorithms[0];
}

bool jwk_signs(enum jwk_type type, const char *algorithm)
{
    for (const char *const *known = kinds[type].algorithms; *known; known++)
        if (strcmp(*known, algorithm) == 0)
            return true;
    return false;
}

/* ---- text ---- */

struct str jwk_base64url(struct arena *arena, const void *bytes, size_t size)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct str_builder out = {.arena = arena};
    const unsigned char *at = bytes;
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < size; i++) {
        bits = bits << 8 | at[i];
        for (count += 8; count >= 6; count -= 6)
            str_add_byte(&out, alphabet[bits >> (count - 6) & 0x3f]);
    }
    if (count)
        str_add_byte(&out, alphabet[bits << (6 - count) & 0x3f]);
    return str_built(&out);
}

struct str jwk_json_string(struct arena *arena, struct str text)
{
    struct str_builder out = {.arena = arena};
    str_add_byte(&out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte < 0x20)
            str_add_format(&out, "\\u%04x", (unsigned)byte);
        else if (byte == '"' || byte == '\\')
            str_add_format(&out, "\\%c", byte);
        else
            str_add_byte(&out, text.at[i]);
    }
    str_add_byte(&out, '"');
    return str_built(&out);
}

bool jwk_is_kid(const char *text)
{
    for (const char *at = text; *at; at++)
        if (*at < ' ' || *at > '~')
            return false;
    return *text != '\0';
}

/* ---- the public key ---- */

/* A number of the key, big-endian; `size` 0: without leading zeros. */
static struct str number_text(struct arena *arena, EVP_PKEY *key, const char *name, int size)
{
    unsigned char bytes[NUMBER_MAX];
    BIGNUM *number = NULL;
    struct str text = {NULL, 0};
    if (!EVP_PKEY_get_bn_param(key, name, &number))
        return text;
    if (BN_num_bytes(number) <= NUMBER_MAX) {
        int len = BN_bn2binpad(number, bytes, size ? size : BN_num_bytes(number));
        if (len > 0)
            text = jwk_base64url(arena, bytes, (size_t)len);
    }
    BN_free(number);
    return text;
}

static struct str edwards_text(struct arena *arena, EVP_PKEY *key)
{
    unsigned char bytes[COORDINATE_MAX];
    size_t size = sizeof bytes;
    if (EVP_PKEY_get_raw_public_key(key, bytes, &size) != 1)
        return (struct str){NULL, 0};
    return jwk_base64url(arena, bytes, size);
}

static struct str rsa_members(struct arena *arena, EVP_PKEY *key)
{
    struct str exponent = number_text(arena, key, OSSL_PKEY_PARAM_RSA_E, 0);
    struct str modulus = number_text(arena, key, OSSL_PKEY_PARAM_RSA_N, 0);
    if (!exponent.len || !modulus.len)
        return (struct str){NULL, 0};
    return str_format(arena, "\"e\":\"%.*s\",\"kty\":\"RSA\",\"n\":\"%.*s\"", STR_ARG(exponent),
                      STR_ARG(modulus));
}

static struct str curve_members(struct arena *arena, EVP_PKEY *key, const struct kind *kind)
{
    struct str x = number_text(arena, key, OSSL_PKEY_PARAM_EC_PUB_X, kind->size);
    struct str y = number_text(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, kind->size);
    if (!x.len || !y.len)
        return (struct str){NULL, 0};
    return str_format(arena, "\"crv\":\"%s\",\"kty\":\"EC\",\"x\":\"%.*s\",\"y\":\"%.*s\"",
                      kind->curve, STR_ARG(x), STR_ARG(y));
}

/* RFC 8037, section 2. */
static struct str edwards_members(struct arena *arena, EVP_PKEY *key, const struct kind *kind)
{
    struct str x = edwards_text(arena, key);
    if (!x.len)
        return (struct str){NULL, 0};
    return str_format(arena, "\"crv\":\"%s\",\"kty\":\"OKP\",\"x\":\"%.*s\"", kind->curve,
                      STR_ARG(x));
}

struct str jwk_public(struct arena *arena, EVP_PKEY *key, enum jwk_type type)
{
    const struct kind *kind = &kinds[type];
    if (type == JWK_RSA)
        return rsa_members(arena, key);
    return kind->group[0] ? curve_members(arena, key, kind) : edwards_members(arena, key, kind);
}

struct str jwk_thumbprint(struct arena *arena, struct str public_members)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    struct str text = str_format(arena, "{%.*s}", STR_ARG(public_members));
    SHA256((const unsigned char *)text.at, text.len, hash);
    return jwk_base64url(arena, hash, sizeof hash);
}

/*
 * Signing keys, with OpenSSL 3.0.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/commands/jwk.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <string.h>

enum { COORDINATE = 32, NUMBER_MAX = JWK_RSA_BITS_MAX / 8 };

EVP_PKEY *jwk_make(enum jwk_type type, unsigned bits, const char **error)
{
    EVP_PKEY *key = NULL;
    switch (type) {
    case JWK_RSA:
        key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
        break;
    case JWK_EC:
        key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        break;
    case JWK_ED25519:
        key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        break;
    }
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

EVP_PKEY *jwk_read(const char *file, const char **error)
{
    bool is_encrypted = false;
    errno = 0;
    BIO *in = BIO_new_file(file, "r");
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
    *error = NULL;
    if (EVP_PKEY_is_a(key, "RSA")) {
        *type = JWK_RSA;
        int bits = EVP_PKEY_get_bits(key);
        if (bits < JWK_RSA_BITS || bits > JWK_RSA_BITS_MAX)
            *error = "an RSA key has 2048 to 8192 bits"; /* RFC 7518, section 3.3 */
    } else if (EVP_PKEY_is_a(key, "EC")) {
        *type = JWK_EC;
        EVP_PKEY_get_group_name(key, group, sizeof group, NULL);
        if (strcmp(group, "prime256v1") != 0)
            *error = "an EC key is on the curve P-256";
    } else if (EVP_PKEY_is_a(key, "ED25519")) {
        *type = JWK_ED25519;
    } else {
        *error = "a key is RSA, EC on P-256, or Ed25519";
    }
    return !*error;
}

const char *jwk_algorithm(enum jwk_type type)
{
    static const char *const names[] = {
        [JWK_RSA] = "RS256", [JWK_EC] = "ES256", [JWK_ED25519] = "EdDSA"};
    return names[type];
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

static struct str ed25519_text(struct arena *arena, EVP_PKEY *key)
{
    unsigned char bytes[COORDINATE];
    size_t size = sizeof bytes;
    if (EVP_PKEY_get_raw_public_key(key, bytes, &size) != 1)
        return (struct str){NULL, 0};
    return jwk_base64url(arena, bytes, size);
}

struct str jwk_public(struct arena *arena, EVP_PKEY *key, enum jwk_type type)
{
    struct str first, second;
    switch (type) {
    case JWK_RSA:
        first = number_text(arena, key, OSSL_PKEY_PARAM_RSA_E, 0);
        second = number_text(arena, key, OSSL_PKEY_PARAM_RSA_N, 0);
        if (first.len && second.len)
            return str_format(arena, "\"e\":\"%.*s\",\"kty\":\"RSA\",\"n\":\"%.*s\"",
                              STR_ARG(first), STR_ARG(second));
        break;
    case JWK_EC:
        first = number_text(arena, key, OSSL_PKEY_PARAM_EC_PUB_X, COORDINATE);
        second = number_text(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, COORDINATE);
        if (first.len && second.len)
            return str_format(arena,
                              "\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%.*s\",\"y\":\"%.*s\"",
                              STR_ARG(first), STR_ARG(second));
        break;
    case JWK_ED25519: /* RFC 8037, section 2 */
        first = ed25519_text(arena, key);
        if (first.len)
            return str_format(arena, "\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%.*s\"",
                              STR_ARG(first));
        break;
    }
    return (struct str){NULL, 0};
}

struct str jwk_thumbprint(struct arena *arena, struct str public_members)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    struct str text = str_format(arena, "{%.*s}", STR_ARG(public_members));
    SHA256((const unsigned char *)text.at, text.len, hash);
    return jwk_base64url(arena, hash, sizeof hash);
}

/* ---- signing ---- */

/* R || S of 32 bytes each (RFC 7518, section 3.4) out of OpenSSL's DER. */
static bool from_der(const unsigned char *der, size_t size, unsigned char out[2 * COORDINATE])
{
    const unsigned char *at = der;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)size);
    bool done =
        signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, COORDINATE) == COORDINATE &&
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + COORDINATE, COORDINATE) == COORDINATE;
    ECDSA_SIG_free(signature);
    return done;
}

struct str jwk_sign(struct arena *arena, EVP_PKEY *key, enum jwk_type type, struct str text)
{
    unsigned char signature[NUMBER_MAX], pair[2 * COORDINATE];
    size_t size = sizeof signature;
    const char *digest = type == JWK_ED25519 ? NULL : "SHA2-256";
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    struct str out = {NULL, 0};
    if (context && EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, key, NULL) == 1 &&
        EVP_DigestSign(context, signature, &size, (const unsigned char *)text.at, text.len) == 1) {
        if (type != JWK_EC)
            out = jwk_base64url(arena, signature, size);
        else if (from_der(signature, size, pair))
            out = jwk_base64url(arena, pair, sizeof pair);
    }
    EVP_MD_CTX_free(context);
    return out;
}

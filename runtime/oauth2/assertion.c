/*
 * Signing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/assertion.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#include "runtime/oauth2/pairs.h"

enum { SIGNATURE_MAX = 1024, RSA_BITS_MIN = 2048, ID_BYTES = 16 };

/* RFC 7518, section 3.1; RFC 8037; RFC 9864. */
struct algorithm {
    const char *name;
    int kind;                      /* of key */
    const char *curve;             /* of an EC key, as OpenSSL calls it */
    const EVP_MD *(*digest)(void); /* NULL: the algorithm has its own */
    bool is_pss;
};

static const struct algorithm algorithms[] = {
    {"RS256", EVP_PKEY_RSA, NULL, EVP_sha256, false},
    {"PS256", EVP_PKEY_RSA, NULL, EVP_sha256, true},
    {"RS384", EVP_PKEY_RSA, NULL, EVP_sha384, false},
    {"PS384", EVP_PKEY_RSA, NULL, EVP_sha384, true},
    {"RS512", EVP_PKEY_RSA, NULL, EVP_sha512, false},
    {"PS512", EVP_PKEY_RSA, NULL, EVP_sha512, true},
    {"ES256", EVP_PKEY_EC, "prime256v1", EVP_sha256, false},
    {"ES384", EVP_PKEY_EC, "secp384r1", EVP_sha384, false},
    {"ES512", EVP_PKEY_EC, "secp521r1", EVP_sha512, false},
    {"EdDSA", EVP_PKEY_ED25519, NULL, NULL, false},
    {"Ed25519", EVP_PKEY_ED25519, NULL, NULL, false},
    {"EdDSA", EVP_PKEY_ED448, NULL, NULL, false},
    {"Ed448", EVP_PKEY_ED448, NULL, NULL, false},
};

static bool is_for(const struct algorithm *algorithm, const EVP_PKEY *key)
{
    char curve[64] = "";
    if (EVP_PKEY_get_base_id(key) != algorithm->kind)
        return false;
    if (algorithm->kind == EVP_PKEY_RSA)
        return EVP_PKEY_get_bits(key) >= RSA_BITS_MIN;
    return !algorithm->curve || (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
                                                                curve, sizeof curve, NULL) == 1 &&
                                 strcmp(curve, algorithm->curve) == 0);
}

static bool is_among(const char *names, const char *wanted)
{
    size_t size = strlen(wanted);
    for (const char *at = names; (at = strstr(at, wanted)); at += size)
        if ((at == names || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0'))
            return true;
    return false;
}

/* The first one for the key whose name is among these; NULL: any. */
static const struct algorithm *algorithm_of(const EVP_PKEY *key, const char *names)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
        if (is_for(&algorithms[i], key) && (!names || is_among(names, algorithms[i].name)))
            return &algorithms[i];
    return NULL;
}

const char *assertion_algorithm(const EVP_PKEY *key, const char *wanted, const char *known)
{
    const struct algorithm *found = algorithm_of(key, wanted[0] ? wanted : known);
    return found ? found->name : NULL;
}

/* A key with a password is not asked for it: there is nobody to answer. */
static int no_password(char *buffer, int size, int is_writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)is_writing;
    (void)context;
    return -1;
}

EVP_PKEY *assertion_key(struct slice pem, const char **reason)
{
    BIO *in = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, no_password, NULL) : NULL;
    BIO_free(in);
    ERR_clear_error();
    *reason = key ? NULL : "it is no private key in PEM without a password";
    if (key && !algorithm_of(key, NULL)) {
        *reason =
            "it is no RSA key of 2048 bits or more, P-256, P-384, P-521, Ed25519 or Ed448 key";
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

static void add_claims(const struct assertion *assertion, const unsigned char *id,
                       struct secret_text *out)
{
    uint64_t now = (uint64_t)time(NULL);
    struct secret_text claims = {0};
    secret_text_add_literal(&claims, "{\"iss\":");
    secret_text_add_json(&claims, assertion->issuer);
    secret_text_add_literal(&claims, ",\"sub\":");
    secret_text_add_json(&claims, assertion->subject);
    secret_text_add_literal(&claims, ",\"aud\":");
    secret_text_add_json(&claims, assertion->audience);
    secret_text_add_literal(&claims, ",\"iat\":");
    secret_text_add_number(&claims, now);
    secret_text_add_literal(&claims, ",\"exp\":");
    secret_text_add_number(&claims, now + ASSERTION_LIFE);
    secret_text_add_literal(&claims, ",\"jti\":\"");
    pairs_add_base64url(&claims, id, ID_BYTES);
    secret_text_add_literal(&claims, "\"}");
    pairs_add_base64url(out, claims.at, claims.len);
    out->failed = out->failed || claims.failed;
    secret_text_close(&claims);
}

static void add_header(const char *algorithm, const char *key_id, struct secret_text *out)
{
    struct secret_text header = {0};
    secret_text_add_literal(&header, "{\"alg\":\"");
    secret_text_add_literal(&header, algorithm);
    secret_text_add_literal(&header, "\",\"typ\":\"JWT\"");
    if (key_id[0]) {
        secret_text_add_literal(&header, ",\"kid\":");
        secret_text_add_json(&header, slice_of(key_id));
    }
    secret_text_add_byte(&header, '}');
    pairs_add_base64url(out, header.at, header.len);
    out->failed = out->failed || header.failed;
    secret_text_close(&header);
}

/* ECDSA: OpenSSL's DER to R and S side by side (RFC 7518, 3.4). False: no such signature. */
static bool to_raw(unsigned char *signature, size_t *size, size_t half)
{
    const unsigned char *at = signature;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)*size);
    bool done = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, (int)half) >= 0 &&
                BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + half, (int)half) >= 0;
    ECDSA_SIG_free(pair);
    *size = 2 * half;
    return done;
}

/* A salt as long as the hash (RFC 7518, section 3.5). */
static bool set_padding(EVP_PKEY_CTX *context)
{
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool sign(EVP_PKEY *key, const struct algorithm *how, struct slice input, unsigned char *out,
                 size_t *size)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;
    const EVP_MD *digest = how->digest ? how->digest() : NULL;
    bool done = context && EVP_DigestSignInit(context, &options, digest, NULL, key) == 1 &&
                (!how->is_pss || set_padding(options)) &&
                EVP_DigestSign(context, out, size, (const unsigned char *)input.at, input.len) == 1;
    EVP_MD_CTX_free(context);
    if (done && how->kind == EVP_PKEY_EC)
        done = to_raw(out, size, ((size_t)EVP_PKEY_get_bits(key) + 7) / 8);
    ERR_clear_error();
    return done;
}

bool assertion_sign(EVP_PKEY *key, const struct assertion *assertion, struct secret_text *out)
{
    unsigned char signature[SIGNATURE_MAX], id[ID_BYTES];
    size_t size = sizeof signature, start = out->len;
    const struct algorithm *how = algorithm_of(key, assertion->algorithm);
    if (!how || getrandom(id, sizeof id, 0) != sizeof id)
        return false;
    add_header(how->name, assertion->key_id, out);
    secret_text_add_byte(out, '.');
    add_claims(assertion, id, out);
    if (out->failed ||
        !sign(key, how, (struct slice){out->at + start, out->len - start}, signature, &size))
        return false;
    secret_text_add_byte(out, '.');
    pairs_add_base64url(out, signature, size);
    return !out->failed;
}

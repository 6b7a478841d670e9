/*
 * Signing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/assertion.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#include "runtime/oauth2/pairs.h"

enum { SIGNATURE_MAX = 1024, RSA_BITS_MIN = 2048, ID_BYTES = 16 };

/* The JWS algorithm that the key is for, or NULL (RFC 7518, 3.1; RFC 8037). */
static const char *algorithm_of(const EVP_PKEY *key)
{
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        return EVP_PKEY_get_bits(key) >= RSA_BITS_MIN ? "RS256" : NULL;
    case EVP_PKEY_EC:
        return EVP_PKEY_get_bits(key) == 256   ? "ES256"
               : EVP_PKEY_get_bits(key) == 384 ? "ES384"
                                               : NULL;
    case EVP_PKEY_ED25519:
        return "EdDSA";
    default:
        return NULL;
    }
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
    if (key && !algorithm_of(key)) {
        *reason = "it is no RSA key of 2048 bits or more, P-256, P-384 or Ed25519 key";
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

static void add_header(const EVP_PKEY *key, const char *key_id, struct secret_text *out)
{
    struct secret_text header = {0};
    secret_text_add_literal(&header, "{\"alg\":\"");
    secret_text_add_literal(&header, algorithm_of(key));
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

static const EVP_MD *digest_of(const EVP_PKEY *key)
{
    int kind = EVP_PKEY_get_base_id(key);
    if (kind == EVP_PKEY_ED25519)
        return NULL;
    return kind == EVP_PKEY_EC && EVP_PKEY_get_bits(key) == 384 ? EVP_sha384() : EVP_sha256();
}

static bool sign(EVP_PKEY *key, struct slice input, unsigned char *out, size_t *size)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context && EVP_DigestSignInit(context, NULL, digest_of(key), NULL, key) == 1 &&
                EVP_DigestSign(context, out, size, (const unsigned char *)input.at, input.len) == 1;
    EVP_MD_CTX_free(context);
    if (done && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
        done = to_raw(out, size, (size_t)EVP_PKEY_get_bits(key) / 8);
    ERR_clear_error();
    return done;
}

bool assertion_sign(EVP_PKEY *key, const struct assertion *assertion, struct secret_text *out)
{
    unsigned char signature[SIGNATURE_MAX], id[ID_BYTES];
    size_t size = sizeof signature, start = out->len;
    if (getrandom(id, sizeof id, 0) != sizeof id)
        return false;
    add_header(key, assertion->key_id, out);
    secret_text_add_byte(out, '.');
    add_claims(assertion, id, out);
    if (out->failed ||
        !sign(key, (struct slice){out->at + start, out->len - start}, signature, &size))
        return false;
    secret_text_add_byte(out, '.');
    pairs_add_base64url(out, signature, size);
    return !out->failed;
}

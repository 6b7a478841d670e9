/*
 * Signing with OpenSSL 3.0 (RFC 7518, section 3).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <string.h>

#include "compiler/commands/jwk.h"

enum { COORDINATE_MAX = 66, SIGNATURE_MAX = JWK_RSA_BITS_MAX / 8 };

/* "RS384": the digits at the end. NULL: the algorithm has a digest of its own. */
static const char *digest_of(const char *algorithm)
{
    const char *digits = algorithm + strcspn(algorithm, "0123456789");
    return strcmp(digits, "256") == 0   ? "SHA2-256"
           : strcmp(digits, "384") == 0 ? "SHA2-384"
           : strcmp(digits, "512") == 0 ? "SHA2-512"
                                        : NULL;
}

/* R || S of the curve's size each out of OpenSSL's DER; gives the size, 0: no signature. */
static size_t from_der(const unsigned char *der, size_t size, int half,
                       unsigned char out[2 * COORDINATE_MAX])
{
    const unsigned char *at = der;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)size);
    bool done = signature && half <= COORDINATE_MAX &&
                BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, half) == half &&
                BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + half, half) == half;
    ECDSA_SIG_free(signature);
    return done ? 2 * (size_t)half : 0;
}

static bool set_padding(EVP_PKEY_CTX *context, const char *algorithm)
{
    return algorithm[0] != 'P' ||
           (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0);
}

struct str jwk_sign(struct arena *arena, EVP_PKEY *key, const char *algorithm, struct str text)
{
    unsigned char signature[SIGNATURE_MAX], pair[2 * COORDINATE_MAX];
    size_t size = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *of_key = NULL; /* owned by `context` */
    struct str out = {NULL, 0};
    if (context &&
        EVP_DigestSignInit_ex(context, &of_key, digest_of(algorithm), NULL, NULL, key, NULL) == 1 &&
        set_padding(of_key, algorithm) &&
        EVP_DigestSign(context, signature, &size, (const unsigned char *)text.at, text.len) == 1) {
        if (EVP_PKEY_is_a(key, "EC"))
            size = from_der(signature, size, (EVP_PKEY_get_bits(key) + 7) / 8, pair);
        out = jwk_base64url(arena, EVP_PKEY_is_a(key, "EC") ? pair : signature, size);
    }
    EVP_MD_CTX_free(context);
    return out;
}

struct str jwk_sign_secret(struct arena *arena, struct str secret, const char *algorithm,
                           struct str text)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    size_t size = 0;
    if (strncmp(algorithm, "HS", 2) != 0 || !digest_of(algorithm) ||
        !EVP_Q_mac(NULL, "HMAC", NULL, digest_of(algorithm), NULL, secret.at, secret.len,
                   (const unsigned char *)text.at, text.len, mac, sizeof mac, &size))
        return (struct str){NULL, 0};
    return jwk_base64url(arena, mac, size);
}

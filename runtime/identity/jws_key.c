/*
 * Opening keys with OpenSSL 3.0: numbers become a public key, each algorithm gets a context that
 * stays initialised.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/jws_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stdlib.h>

enum {
    RSA_BITS_MIN = 2048, /* RFC 7518, section 3.3 */
    RSA_BITS_MAX = 8192, /* the cost of a check grows with the square */
    EXPONENT_BYTES_MAX = 8,
    COORDINATE_MAX = 66, /* of P-521 */
    ED25519_SIZE = 32,
    ED448_SIZE = 57,
};

void jws_key_close(struct jws_key *key)
{
    if (!key)
        return;
    for (uint32_t i = 0; i < key->lane_count; i++) {
        EVP_PKEY_CTX_free(key->lanes[i].context);
        EVP_MAC_CTX_free(key->lanes[i].mac); /* wipes the secret */
        EVP_MD_free(key->lanes[i].digest);
    }
    p256_table_close(key->table);
    EVP_PKEY_free(key->public_key);
    EVP_MD_CTX_free(key->digest);
    free(key);
}

uint32_t jws_key_algorithms(const struct jws_key *key)
{
    uint32_t algorithms = 0;
    for (uint32_t i = 0; i < key->lane_count; i++)
        algorithms |= key->lanes[i].algorithm->bit;
    return algorithms;
}

/* ---- contexts ---- */

static bool prepare_padding(const struct jws_lane *lane)
{
    if (lane->algorithm->scheme == JWS_RSA)
        return EVP_PKEY_CTX_set_rsa_padding(lane->context, RSA_PKCS1_PADDING) > 0;
    if (lane->algorithm->scheme != JWS_PSS)
        return true;
    /* salt and mask are of the digest's size and kind: RFC 7518, section 3.5 */
    return EVP_PKEY_CTX_set_rsa_padding(lane->context, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(lane->context, RSA_PSS_SALTLEN_DIGEST) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(lane->context, lane->digest) > 0;
}

static bool prepare_lane(struct jws_key *key, const struct jws_algorithm *algorithm)
{
    struct jws_lane *lane = &key->lanes[key->lane_count++];
    *lane = (struct jws_lane){.algorithm = algorithm};
    if (algorithm->scheme == JWS_EDWARDS) /* the lanes share key->digest */
        return true;
    lane->digest = EVP_MD_fetch(NULL, algorithm->digest, NULL);
    lane->context = EVP_PKEY_CTX_new_from_pkey(NULL, key->public_key, NULL);
    return lane->digest && lane->context && EVP_PKEY_verify_init(lane->context) > 0 &&
           EVP_PKEY_CTX_set_signature_md(lane->context, lane->digest) > 0 && prepare_padding(lane);
}

static bool prepare(struct jws_key *key, uint32_t algorithms)
{
    key->digest = EVP_MD_CTX_new();
    if (!key->digest)
        return false;
    for (size_t i = 0; i < JWS_ALGORITHM_COUNT; i++)
        if (algorithms & jws_algorithms[i].bit && !prepare_lane(key, &jws_algorithms[i]))
            return false;
    return key->lane_count && (key->lanes[0].algorithm->scheme != JWS_EDWARDS ||
                               EVP_DigestVerifyInit_ex(key->digest, NULL, NULL, NULL, NULL,
                                                       key->public_key, NULL) == 1);
}

/* Takes `public_key`, which may be NULL. */
static struct jws_key *open_key(uint32_t algorithms, EVP_PKEY *public_key, const char **cause)
{
    struct jws_key *key = calloc(1, sizeof *key);
    *cause = "is no valid public key";
    if (key && public_key) {
        key->public_key = public_key;
        if (prepare(key, algorithms)) {
            *cause = NULL;
            return key;
        }
        jws_key_close(key);
    } else {
        EVP_PKEY_free(public_key);
        free(key);
    }
    ERR_clear_error();
    return NULL;
}

static EVP_PKEY *public_key_of(const char *type, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY *found = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (!parameters || !context || EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &found, EVP_PKEY_PUBLIC_KEY, parameters) <= 0)
        found = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return found;
}

/* ---- RSA ---- */

static struct slice without_zeros(struct slice number)
{
    while (number.len && number.at[0] == 0)
        number = (struct slice){number.at + 1, number.len - 1};
    return number;
}

static bool is_odd(struct slice number)
{
    return number.len && ((unsigned char)number.at[number.len - 1] & 1);
}

static unsigned bits_of(struct slice number)
{
    unsigned bits = (unsigned)number.len * 8;
    for (unsigned top = number.len ? (unsigned char)number.at[0] : 0x80; !(top & 0x80); top <<= 1)
        bits--;
    return bits;
}

/* OpenSSL's own check looks for prime factors, which takes a tenth of a second for a long modulus.
 */
static const char *judge_rsa(struct slice modulus, struct slice exponent)
{
    if (modulus.len > RSA_BITS_MAX / 8)
        return "is longer than 8192 bits";
    if (bits_of(modulus) < RSA_BITS_MIN)
        return "is shorter than 2048 bits";
    if (!is_odd(modulus))
        return "has an even modulus";
    if (!is_odd(exponent) || (exponent.len == 1 && exponent.at[0] == 1))
        return "has an exponent that is even or below 3";
    if (exponent.len > EXPONENT_BYTES_MAX)
        return "has an exponent over 64 bits";
    return NULL;
}

struct jws_key *jws_key_open_rsa(struct slice modulus, struct slice exponent, uint32_t algorithms,
                                 const char **cause)
{
    modulus = without_zeros(modulus);
    exponent = without_zeros(exponent);
    *cause = judge_rsa(modulus, exponent);
    if (*cause)
        return NULL;
    EVP_PKEY *public_key = NULL;
    BIGNUM *n = BN_bin2bn((const unsigned char *)modulus.at, (int)modulus.len, NULL);
    BIGNUM *e = BN_bin2bn((const unsigned char *)exponent.at, (int)exponent.len, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (n && e && builder && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e))
        public_key = public_key_of("RSA", builder);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return open_key(algorithms & JWS_RSA_ANY, public_key, cause);
}

/* ---- elliptic curves ---- */

struct curve {
    enum mcpp_algorithm algorithm;
    const char *name;
    unsigned coordinate;
    const char *wrong_size; /* RFC 7518, section 6.2.1.2 */
};

static const struct curve curves[] = {
    {MCPP_ES256, "P-256", 32, "has coordinates that are not 32 bytes"},
    {MCPP_ES384, "P-384", 48, "has coordinates that are not 48 bytes"},
    {MCPP_ES512, "P-521", 66, "has coordinates that are not 66 bytes"},
};

/* On the curve and not the point at infinity. */
static bool is_point(EVP_PKEY *public_key)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, public_key, NULL);
    bool is_good = context && EVP_PKEY_public_check(context) > 0;
    EVP_PKEY_CTX_free(context);
    return is_good;
}

static EVP_PKEY *ec_key_of(const struct curve *curve, const unsigned char *point, size_t size)
{
    EVP_PKEY *public_key = NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (builder &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->name, 0) &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, size))
        public_key = public_key_of("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    if (!public_key || is_point(public_key))
        return public_key;
    EVP_PKEY_free(public_key);
    return NULL;
}

struct jws_key *jws_key_open_ec(enum mcpp_algorithm algorithm, struct slice x, struct slice y,
                                const char **cause)
{
    unsigned char point[1 + 2 * COORDINATE_MAX] = {POINT_CONVERSION_UNCOMPRESSED};
    const struct curve *curve = algorithm == MCPP_ES512   ? &curves[2]
                                : algorithm == MCPP_ES384 ? &curves[1]
                                                          : &curves[0];
    *cause = curve->wrong_size;
    if (x.len != curve->coordinate || y.len != curve->coordinate)
        return NULL;
    memcpy(point + 1, x.at, x.len);
    memcpy(point + 1 + x.len, y.at, y.len);
    EVP_PKEY *public_key = ec_key_of(curve, point, 1 + x.len + y.len);
    struct jws_key *key = open_key(curve->algorithm, public_key, cause);
    if (!key)
        return NULL;
    key->coordinate = curve->coordinate;
    if (curve->algorithm == MCPP_ES256)
        memcpy(key->point, point, sizeof key->point);
    return key;
}

struct jws_key *jws_key_open_edwards(struct slice x, uint32_t algorithms, const char **cause)
{
    bool is_25519 = x.len == ED25519_SIZE;
    *cause = "has an x that is not 32 or 57 bytes"; /* RFC 8032 */
    if (!is_25519 && x.len != ED448_SIZE)
        return NULL;
    uint32_t own = is_25519 ? MCPP_ED25519 : MCPP_ED448;
    EVP_PKEY *public_key = EVP_PKEY_new_raw_public_key_ex(NULL, is_25519 ? "ED25519" : "ED448",
                                                          NULL, (const unsigned char *)x.at, x.len);
    return open_key(algorithms & (MCPP_EDDSA | own), public_key, cause);
}

/* ---- secrets ---- */

static bool prepare_mac(struct jws_lane *lane, EVP_MAC *mac, struct slice secret)
{
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)lane->algorithm->digest, 0),
        OSSL_PARAM_construct_end(),
    };
    lane->mac = EVP_MAC_CTX_new(mac);
    return lane->mac &&
           EVP_MAC_init(lane->mac, (const unsigned char *)secret.at, secret.len, parameters) == 1;
}

struct jws_key *jws_key_open_secret(struct slice secret, uint32_t algorithms, const char **cause)
{
    size_t least = algorithms & MCPP_HS512 ? 64 : algorithms & MCPP_HS384 ? 48 : 32;
    *cause = "is shorter than the digest of its algorithm";
    if (secret.len < least || !(algorithms & JWS_HMAC_ANY))
        return NULL;
    struct jws_key *key = calloc(1, sizeof *key);
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    bool done = key && mac;
    for (size_t i = 0; i < JWS_ALGORITHM_COUNT && done; i++) {
        if (!(algorithms & JWS_HMAC_ANY & (uint32_t)jws_algorithms[i].bit))
            continue;
        struct jws_lane *lane = &key->lanes[key->lane_count++];
        *lane = (struct jws_lane){.algorithm = &jws_algorithms[i]};
        done = prepare_mac(lane, mac, secret);
    }
    EVP_MAC_free(mac);
    *cause = done ? NULL : "cannot be used";
    if (done)
        return key;
    ERR_clear_error();
    jws_key_close(key);
    return NULL;
}

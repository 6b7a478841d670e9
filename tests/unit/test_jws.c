/*
 * Signatures of tokens: every algorithm, with right and wrong keys, whole and spoilt.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/jws_verify.h"

#include <openssl/sha.h>

#include "runtime/identity/base64url.h"
#include "runtime/identity/jwks.h"
#include "runtime/identity/jwt.h"
#include "runtime/identity/p256_table.h"
#include "tests/unit/check.h"
#include "tests/unit/sign.h"

#define AT_JWT "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k\"}"

static struct arena arena;
static struct jwt_reader reader;
static struct signer rsa, ec;
static const char *cause;

static bool is_signed_by(struct slice token, const char *keys)
{
    struct jwt jwt;
    struct jws_key *key;
    struct str set = str_format(&arena, "{\"keys\":[%s]}", keys);
    struct jwks *jwks = jwks_open(slice_from(set), NULL, &cause);
    bool is_good = jwks && jwt_read(&reader, token, &jwt, &cause) == JWT_READ &&
                   jwks_choose(jwks, jwt.algorithm, jwt.header, jwt.kid, &key) == JWKS_FOUND &&
                   jws_verify(key, jwt.algorithm, jwt.signed_text, jwt.signature) &&
                   /* the context is used again */
                   jws_verify(key, jwt.algorithm, jwt.signed_text, jwt.signature);
    jwks_close(jwks);
    return is_good;
}

/* RFC 7515, appendices A.2 and A.3. */
static void test_rfc_vectors(void)
{
#define PAYLOAD                                                                                    \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl" \
    "fQ"
    CHECK(is_signed_by(
        SLICE("eyJhbGciOiJFUzI1NiJ9." PAYLOAD
              ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-"
              "Kg6NU1Q"),
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"));
    CHECK(is_signed_by(
        SLICE(
            "eyJhbGciOiJSUzI1NiJ9." PAYLOAD
            ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt"
            "_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLI"
            "ARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOP"
            "qvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe7"
            "7Rw"),
        "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_"
        "wWJcyQoTbji9k0l8W26mPddxHmf"
        "HQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9w"
        "Gzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4u"
        "DZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9g"
        "b54h4FRWyuXpoQ\"}"));
}

static void test_signatures(void)
{
    const char *rsa_key = signer_jwk(&arena, &rsa, "\"kid\":\"k\"");
    const char *ec_key = signer_jwk(&arena, &ec, "\"kid\":\"k\"");
    struct slice by_rsa = sign_text(&arena, &rsa, AT_JWT, "{}");
    struct slice by_ec = sign_text(&arena, &ec, "{\"alg\":\"ES256\",\"kid\":\"k\"}", "{}");
    CHECK(is_signed_by(by_rsa, rsa_key));
    CHECK(is_signed_by(by_ec, ec_key));
    CHECK(!is_signed_by(by_rsa, ec_key));
    CHECK(!is_signed_by(by_ec, rsa_key));
    /* header and key do not agree about the algorithm */
    CHECK(
        !is_signed_by(sign_text(&arena, &rsa, "{\"alg\":\"ES256\",\"kid\":\"k\"}", "{}"), rsa_key));
    CHECK(!is_signed_by(sign_text(&arena, &ec, AT_JWT, "{}"), ec_key));
    CHECK(!is_signed_by(sign_text(&arena, &ec, AT_JWT, "{}"), rsa_key));
}

/* A changed character anywhere spoils the token, be it by form or by signature. */
static void test_tampering(void)
{
    const char *key = signer_jwk(&arena, &ec, "\"kid\":\"k\"");
    struct slice good = sign_text(&arena, &ec, "{\"alg\":\"ES256\",\"kid\":\"k\"}", "{\"a\":1}");
    struct str copy = str_copy(&arena, (struct str){good.at, good.len});
    char *text = (char *)(uintptr_t)copy.at;
    unsigned accepted = 0;
    for (size_t i = 0; i < good.len; i++) {
        char kept = text[i];
        text[i] = kept == 'A' ? 'B' : 'A';
        accepted += is_signed_by((struct slice){text, good.len}, key);
        text[i] = kept;
    }
    CHECK_INT(accepted, 0);
    for (size_t i = 0; i < good.len; i++)
        accepted += is_signed_by((struct slice){text, i}, key);
    CHECK_INT(accepted, 0);
    CHECK(is_signed_by((struct slice){text, good.len}, key));
}

/* Of P-256. */
static const unsigned char order[P256_NUMBER] = {
    0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
static unsigned char coordinate[BASE64URL_ROOM(43)];

static struct slice sign_as(const struct signer *signer, const char *algorithm, struct str header,
                            struct str claims)
{
    struct str text =
        str_format(&arena, "%.*s.%.*s", STR_ARG(jwk_base64url(&arena, header.at, header.len)),
                   STR_ARG(jwk_base64url(&arena, claims.at, claims.len)));
    struct str signature = jwk_sign(&arena, signer->key, algorithm, text);
    return slice_from(str_format(&arena, "%.*s.%.*s", STR_ARG(text), STR_ARG(signature)));
}

/* ES256 signatures that must not even reach the arithmetic. */
static void test_ecdsa_range(void)
{
    unsigned char signature[128] = {0}, point[64];
    struct str members = jwk_public(&arena, ec.key, JWK_EC);
    size_t size;
    for (unsigned i = 0; i < 2; i++) {
        const char *at = strstr(members.at, i ? "\"y\":\"" : "\"x\":\"") + 5;
        CHECK(base64url_decode((struct slice){at, 43}, point + 32 * i, &size) && size == 32);
        if (i == 0)
            memset(point + 32, 0, 32);
    }
    struct jws_key *key = jws_key_open_ec(MCPP_ES256, (struct slice){(char *)point, 32},
                                          (struct slice){(char *)point + 32, 32}, &cause);
    if (!CHECK(key))
        return;
    for (unsigned len = 0; len <= 128; len++) /* zeros of any length: CVE-2022-21449 */
        CHECK(!jws_verify(key, MCPP_ES256, SLICE("text"), (struct slice){(char *)signature, len}));
    memcpy(signature, order, 32);
    memcpy(signature + 32, order, 32);
    CHECK(!jws_verify(key, MCPP_ES256, SLICE("text"), (struct slice){(char *)signature, 64}));
    memset(signature, 0, 64);
    signature[31] = signature[63] = 1;
    CHECK(!jws_verify(key, MCPP_ES256, SLICE("text"), (struct slice){(char *)signature, 64}));
    memset(signature, 0xff, 64);
    CHECK(!jws_verify(key, MCPP_ES256, SLICE("text"), (struct slice){(char *)signature, 64}));
    jws_key_close(key);
}

/* Many signatures, so that short and long integers in the DER all occur; then, past
 * P256_TABLE_AFTER, by the table of the key. */
static void test_many_ecdsa(void)
{
    const char *key = signer_jwk(&arena, &ec, "");
    unsigned good = 0;
    for (unsigned i = 0; i < 600; i++)
        good += is_signed_by(sign_text(&arena, &ec, "{\"alg\":\"ES256\"}", "{}"), key);
    CHECK_INT(good, 600);
}

static struct p256_table *table_of(const struct signer *signer)
{
    unsigned char point[P256_POINT] = {4};
    struct str members = jwk_public(&arena, signer->key, JWK_EC);
    size_t size;
    for (unsigned i = 0; i < 2; i++) {
        const char *at = strstr(members.at, i ? "\"y\":\"" : "\"x\":\"") + 5;
        CHECK(base64url_decode((struct slice){at, 43}, coordinate, &size) && size == 32);
        memcpy(point + 1 + 32 * i, coordinate, 32);
    }
    return p256_table_open(point);
}

/* The table agrees with OpenSSL's own check about good signatures and about spoilt ones. */
static void test_table(void)
{
    static const unsigned char zero[P256_NUMBER];
    unsigned char pair[BASE64URL_ROOM(86)], digest[32];
    size_t size;
    struct p256_table *table = table_of(&ec);
    if (!CHECK(table && p256_table_make(table) && p256_table_is_ready(table)))
        return;
    for (unsigned i = 0; i < 64; i++) {
        struct str text = str_format(&arena, "text %u", i);
        struct str signature = jwk_sign(&arena, ec.key, "ES256", text);
        CHECK(base64url_decode(slice_from(signature), pair, &size) && size == 64);
        SHA256((const unsigned char *)text.at, text.len, digest);
        CHECK(p256_table_verify(table, pair, pair + 32, digest));
        digest[i % 32] ^= 1;
        CHECK(!p256_table_verify(table, pair, pair + 32, digest));
        digest[i % 32] ^= 1;
        pair[i] ^= 0x40;
        CHECK(!p256_table_verify(table, pair, pair + 32, digest));
        pair[i] ^= 0x40;
        CHECK(!p256_table_verify(table, zero, pair + 32, digest));
        CHECK(!p256_table_verify(table, pair, zero, digest));
        CHECK(!p256_table_verify(table, order, pair + 32, digest));
        CHECK(!p256_table_verify(table, pair, order, digest));
    }
    /* a digest of zero: the sum is a multiple of the key alone */
    CHECK(!p256_table_verify(table, pair, pair + 32, zero));
    p256_table_close(table);
    table = table_of(&ec); /* closed while the table is being made */
    CHECK(table && !p256_table_is_ready(table));
    p256_table_close(table);
}

/* Each algorithm with a key of each type: only its own is good, and a spoilt one never. */
static void test_every_algorithm(void)
{
    static const struct {
        enum jwk_type type;
        const char *name;
    } all[] = {
        {JWK_RSA, "RS256"},     {JWK_RSA, "RS384"},       {JWK_RSA, "RS512"},
        {JWK_RSA, "PS256"},     {JWK_RSA, "PS384"},       {JWK_RSA, "PS512"},
        {JWK_EC, "ES256"},      {JWK_P384, "ES384"},      {JWK_P521, "ES512"},
        {JWK_ED25519, "EdDSA"}, {JWK_ED25519, "Ed25519"}, {JWK_ED448, "EdDSA"},
        {JWK_ED448, "Ed448"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct signer signer = all[i].type == JWK_RSA ? rsa : signer_make(all[i].type, "k");
        const char *key = signer_jwk(&arena, &signer, "");
        for (size_t at = 0; at < sizeof all / sizeof *all; at++) {
            struct str header = str_format(&arena, "{\"alg\":\"%s\"}", all[at].name);
            if (!jwk_signs(signer.type, all[at].name)) {
                CHECK(!is_signed_by(sign_text(&arena, &signer, header.at, "{}"), key));
                continue;
            }
            struct slice token = sign_as(&signer, all[at].name, header, STR("{\"a\":1}"));
            if (!CHECK(is_signed_by(token, key)))
                fprintf(stderr, "    %s\n", all[at].name);
            struct slice other = sign_as(&signer, all[at].name, header, STR("{\"a\":2}"));
            const char *dot = memrchr(other.at, '.', other.len);
            struct str mixed =
                str_format(&arena, "%.*s%.*s",
                           (int)((const char *)memrchr(token.at, '.', token.len) - token.at),
                           token.at, (int)(other.len - (size_t)(dot - other.at)), dot);
            CHECK(!is_signed_by(slice_from(mixed), key));
        }
        if (all[i].type != JWK_RSA)
            EVP_PKEY_free(signer.key);
    }
}

static void test_secret(void)
{
    static const char secret[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    static const struct {
        const char *name;
        enum mcpp_algorithm algorithm;
        size_t least;
    } all[] = {{"HS256", MCPP_HS256, 32}, {"HS384", MCPP_HS384, 48}, {"HS512", MCPP_HS512, 64}};
    unsigned char mac[BASE64URL_ROOM(86)];
    size_t size;
    for (size_t i = 0; i < 3; i++) {
        struct slice shorter = {secret, all[i].least - 1}, enough = {secret, all[i].least};
        CHECK(!jws_key_open_secret(shorter, all[i].algorithm, &cause));
        struct jws_key *key = jws_key_open_secret(enough, all[i].algorithm, &cause);
        struct str text =
            jwk_sign_secret(&arena, (struct str){enough.at, enough.len}, all[i].name, STR("text"));
        CHECK(base64url_decode(slice_from(text), mac, &size) && size == all[i].least);
        struct slice good = {(char *)mac, size}, cut = {(char *)mac, size - 1};
        if (!CHECK(key))
            continue;
        CHECK_INT(jws_key_algorithms(key), all[i].algorithm);
        CHECK(jws_verify(key, all[i].algorithm, SLICE("text"), good));
        CHECK(jws_verify(key, all[i].algorithm, SLICE("text"), good));
        CHECK(!jws_verify(key, all[i].algorithm, SLICE("texT"), good));
        CHECK(!jws_verify(key, all[i].algorithm, SLICE("text"), cut));
        CHECK(!jws_verify(key, all[i].algorithm, SLICE("text"), (struct slice){NULL, 0}));
        CHECK(!jws_verify(key, all[(i + 1) % 3].algorithm, SLICE("text"), good));
        CHECK(!jws_verify(key, MCPP_RS256, SLICE("text"), good));
        jws_key_close(key);
    }
    CHECK(!jws_key_open_secret(slice_of(secret), MCPP_RS256, &cause));
}

int main(void)
{
    rsa = signer_make(JWK_RSA, "k");
    ec = signer_make(JWK_EC, "k");
    CHECK(jwt_reader_open(&reader, 8192));
    test_rfc_vectors();
    test_signatures();
    test_tampering();
    test_ecdsa_range();
    test_many_ecdsa();
    test_table();
    test_every_algorithm();
    test_secret();
    jwt_reader_close(&reader);
    EVP_PKEY_free(rsa.key);
    EVP_PKEY_free(ec.key);
    arena_free(&arena);
    return check_report();
}

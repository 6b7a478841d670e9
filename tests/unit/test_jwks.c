/*
 * Key sets: what is taken, what is skipped, what a token may choose.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/jwks.h"

#include "runtime/identity/jws_algorithm.h"
#include "tests/unit/check.h"
#include "tests/unit/sign.h"

static struct arena arena;
static struct signer rsa, other_rsa, ec, ed;
static const char *cause;
static unsigned skipped;
static const char *skipped_cause;

static void count_skipped(void *context, uint32_t index, const char *why)
{
    (void)context;
    (void)index;
    skipped++;
    skipped_cause = why;
}

static struct jwks *open_text(const char *text)
{
    static const struct jwks_report report = {count_skipped, NULL};
    skipped = 0;
    skipped_cause = "";
    return jwks_open(slice_of(text), &report, &cause);
}

static enum jwks_choice choose(const struct jwks *jwks, enum mcpp_algorithm algorithm,
                               const char *header)
{
    struct json_text json = {0};
    struct jws_key *key = NULL;
    enum jwks_choice choice = JWKS_UNKNOWN;
    if (CHECK(json_text_scan(&json, header, strlen(header), (struct json_bounds){4, 20})))
        choice = jwks_choose(jwks, algorithm, &json, json_text_member(&json, 0, "kid"), &key);
    CHECK((choice == JWKS_FOUND) == (key != NULL) || choice == JWKS_AMBIGUOUS);
    json_text_close(&json);
    return choice;
}

/* How many usable keys a set of these members has. */
static unsigned usable(const char *keys)
{
    struct jwks *jwks = open_text(str_format(&arena, "{\"keys\":[%s]}", keys).at);
    unsigned count = jwks ? jwks->count : 0;
    jwks_close(jwks);
    return count;
}

static const char *join(const char *one, const char *other)
{
    return str_format(&arena, "%s,%s", one, other).at;
}

static void test_uses(void)
{
    CHECK_INT(usable(signer_jwk(&arena, &rsa, "")), 1);
    CHECK_INT(usable(signer_jwk(&arena, &ec, "\"kid\":\"e\",\"use\":\"sig\",\"alg\":\"ES256\"")),
              1);
    CHECK_INT(usable(signer_jwk(&arena, &rsa, "\"key_ops\":[\"sign\",\"verify\"]")), 1);
    CHECK_INT(usable(signer_jwk(&arena, &rsa, "\"x5t\":\"abc\",\"unknown\":{\"a\":[1]}")), 1);
    CHECK_INT(usable(signer_jwk(&arena, &rsa, "\"use\":\"enc\"")), 0);
    CHECK_INT(usable(signer_jwk(&arena, &rsa, "\"use\":7")), 0);
    CHECK_INT(usable(signer_jwk(&arena, &rsa, "\"key_ops\":[\"encrypt\"]")), 0);
    CHECK_INT(usable(signer_jwk(&arena, &rsa, "\"key_ops\":[]")), 0);
    CHECK_INT(usable(signer_jwk(&arena, &rsa, "\"key_ops\":\"verify\"")), 0);
}

static bool serves(const struct signer *signer, const char *alg, enum mcpp_algorithm algorithm)
{
    struct jwks *jwks =
        open_text(str_format(&arena, "{\"keys\":[%s]}", signer_jwk(&arena, signer, alg)).at);
    bool is_found = jwks && choose(jwks, algorithm, "{}") == JWKS_FOUND;
    jwks_close(jwks);
    return is_found;
}

/* A key is for its own `alg` alone; without one it is for those of its type and curve. */
static void test_algorithms(void)
{
    static const char *const others[] = {"\"HS256\"", "\"none\"",    "\"rs256\"",  "\"\"",
                                         "null",      "[\"RS256\"]", "\"ES256K\"", "\"RSA-OAEP\""};
    struct signer *all[] = {&rsa, &ec, &ed};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct str alg = str_format(&arena, "\"alg\":%s", others[i]);
        for (size_t at = 0; at < sizeof all / sizeof *all; at++)
            CHECK_INT(usable(signer_jwk(&arena, all[at], alg.at)), 0);
    }
    CHECK_INT(usable(signer_jwk(&arena, &rsa, "\"alg\":\"ES256\"")), 0);
    CHECK_INT(usable(signer_jwk(&arena, &ec, "\"alg\":\"RS256\"")), 0);
    CHECK_INT(usable(signer_jwk(&arena, &ec, "\"alg\":\"ES384\"")), 0);
    CHECK_INT(usable(signer_jwk(&arena, &ed, "\"alg\":\"Ed448\"")), 0);
    for (uint32_t bit = MCPP_RS256; bit <= MCPP_HS512; bit <<= 1) {
        enum mcpp_algorithm algorithm = (enum mcpp_algorithm)bit;
        CHECK(serves(&rsa, "", algorithm) == ((bit & JWS_RSA_ANY) != 0));
        CHECK(serves(&rsa, "\"alg\":\"PS384\"", algorithm) == (bit == MCPP_PS384));
        CHECK(serves(&ec, "", algorithm) == (bit == MCPP_ES256));
        CHECK(serves(&ed, "", algorithm) == (bit == MCPP_EDDSA || bit == MCPP_ED25519));
        CHECK(serves(&ed, "\"alg\":\"EdDSA\"", algorithm) == (bit == MCPP_EDDSA));
    }
}

static void test_skipping(void)
{
    const char *good = signer_jwk(&arena, &ec, "\"kid\":\"e\"");
    static const char *const bad[] = {
        "7",
        "{}",
        "{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"o\"}",
        "{\"kty\":\"FUTURE\",\"kid\":\"f\"}",
        "{\"kty\":\"RSA\",\"kid\":\"r\"}",
        "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":7,\"e\":\"AQAB\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kty\":[\"EC\"]}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_INT(usable(join(bad[i], good)), 1);
        CHECK_INT(skipped, 1);
        CHECK_INT(usable(join(good, bad[i])), 1);
    }
    CHECK_INT(usable(join(signer_jwk(&arena, &rsa, "\"d\":\"AAAA\""), good)), 1);
    CHECK_INT(usable(join(signer_jwk(&arena, &rsa, "\"kid\":7"), good)), 1);
}

/* A JWK from given bytes. */
static const char *rsa_jwk(const unsigned char *n, size_t size, const char *e)
{
    struct str number = jwk_base64url(&arena, n, size);
    return str_format(&arena, "{\"kty\":\"RSA\",\"n\":\"%.*s\",\"e\":\"%s\"}", STR_ARG(number), e)
        .at;
}

static void test_weak_rsa(void)
{
    unsigned char n[2049];
    memset(n, 0xff, sizeof n);
    CHECK_INT(usable(rsa_jwk(n, 256, "AQAB")), 1);
    CHECK_INT(usable(rsa_jwk(n, 128, "AQAB")), 0);
    CHECK_STR(slice_of(skipped_cause), "is shorter than 2048 bits");
    CHECK_INT(usable(rsa_jwk(n, 255, "AQAB")), 0);
    CHECK_INT(usable(rsa_jwk(n, 256, "AQ")), 0); /* 1 */
    CHECK_INT(usable(rsa_jwk(n, 256, "AA")), 0); /* 0 */
    CHECK_INT(usable(rsa_jwk(n, 256, "")), 0);
    CHECK_INT(usable(rsa_jwk(n, 256, "Ag")), 0);   /* 2 */
    CHECK_INT(usable(rsa_jwk(n, 256, "AQAA")), 0); /* 65536 */
    CHECK_INT(usable(rsa_jwk(n, 256, "AQAB=")), 0);
    CHECK_INT(usable(rsa_jwk(n, 256, "AAAAAAAAAAAAAQAB")), 1); /* leading zeros */
    CHECK_INT(usable(rsa_jwk(n, 256, "AQAAAAAAAAAB")), 0);     /* 72 bits */
    CHECK_INT(usable(rsa_jwk(n, 1024, "AQAB")), 1);
    CHECK_INT(usable(rsa_jwk(n, 1025, "AQAB")), 0);
    CHECK_INT(usable(rsa_jwk(n, 2049, "AQAB")), 0);
    n[0] = 0x7f;
    CHECK_INT(usable(rsa_jwk(n, 256, "AQAB")), 0); /* 2047 bits */
    n[0] = 0xff;
    n[255] = 0xfe;
    CHECK_INT(usable(rsa_jwk(n, 256, "AQAB")), 0);
    CHECK_STR(slice_of(skipped_cause), "has an even modulus");
}

static void test_bad_points(void)
{
    unsigned char x[33] = {0}, y[33] = {0};
    static const char format[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%.*s\",\"y\":\"%.*s\"}";
    for (unsigned i = 31; i <= 33; i++) {
        struct str text = str_format(&arena, format, STR_ARG(jwk_base64url(&arena, x, i)),
                                     STR_ARG(jwk_base64url(&arena, y, i)));
        CHECK_INT(usable(text.at), 0); /* (0, 0) is not on the curve either */
    }
    /* a good key with one bit of y changed */
    struct str copy = str_copy(&arena, str_of(signer_jwk(&arena, &ec, "")));
    char *jwk = (char *)(uintptr_t)copy.at;
    char *at = strstr(jwk, "\"y\":\"") + 5;
    *at = *at == 'A' ? 'B' : 'A';
    CHECK_INT(usable(jwk), 0);
    CHECK_STR(slice_of(skipped_cause), "is no valid public key");
}

static void test_sets(void)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":[]}",
        "{\"keys\":[],\"keys\":[]}",
        "<html></html>",
        "{\"keys\":[1]} x",
        "null",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!open_text(bad[i]) && cause);
    struct str_builder many = {.arena = &arena};
    const char *good = signer_jwk(&arena, &ec, "");
    for (unsigned i = 0; i < 100; i++)
        str_add_format(&many, "%s%s", i ? "," : "", i ? "{\"kty\":\"x\"}" : good);
    CHECK_INT(usable(str_built(&many).at), 1);
    str_add_text(&many, ",{}");
    CHECK_INT(usable(str_built(&many).at), 0);
    struct str large = str_format(&arena, "{\"keys\":[%s],\"a\":\"%*s\"}", good, 256 * 1024, "");
    CHECK(!open_text(large.at));
    CHECK_STR(slice_of(cause), "the key set is larger than 256 KiB");
}

static void test_choice(void)
{
    const char *keys = join(signer_jwk(&arena, &rsa, "\"kid\":\"one\""),
                            join(signer_jwk(&arena, &other_rsa, "\"kid\":\"\\u0074wo\""),
                                 signer_jwk(&arena, &ec, "\"kid\":\"one\"")));
    struct jwks *jwks = open_text(str_format(&arena, "{\"keys\":[%s]}", keys).at);
    if (!CHECK(jwks && jwks->count == 3))
        return;
    CHECK_INT(choose(jwks, MCPP_RS256, "{\"kid\":\"one\"}"), JWKS_FOUND);
    CHECK_INT(choose(jwks, MCPP_RS256, "{\"kid\":\"two\"}"), JWKS_FOUND);
    CHECK_INT(choose(jwks, MCPP_ES256, "{\"kid\":\"\\u006fne\"}"), JWKS_FOUND);
    CHECK_INT(choose(jwks, MCPP_ES256, "{\"kid\":\"two\"}"), JWKS_UNKNOWN);
    CHECK_INT(choose(jwks, MCPP_RS256, "{}"), JWKS_AMBIGUOUS);
    CHECK_INT(choose(jwks, MCPP_ES256, "{}"), JWKS_FOUND);
    static const char *const unknown[] = {"{\"kid\":\"\"}",     "{\"kid\":\"One\"}",
                                          "{\"kid\":\"one \"}", "{\"kid\":\"one\\u0000\"}",
                                          "{\"kid\":\"on\"}",   "{\"kid\":\"../one\"}"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        CHECK_INT(choose(jwks, MCPP_RS256, unknown[i]), JWKS_UNKNOWN);
    jwks_close(jwks);
}

static void test_duplicate_kid(void)
{
    const char *two = join(signer_jwk(&arena, &rsa, "\"kid\":\"x\""),
                           signer_jwk(&arena, &other_rsa, "\"kid\":\"x\""));
    CHECK_INT(usable(two), 0);
    CHECK_STR(slice_of(cause), "there is no usable key");
    CHECK_INT(usable(join(two, signer_jwk(&arena, &ec, "\"kid\":\"e\""))), 1);
    CHECK_INT(skipped, 2);
    CHECK_STR(slice_of(skipped_cause), "has the kid of another key");
    struct signer third = signer_make(JWK_RSA, "");
    CHECK_INT(usable(join(two, signer_jwk(&arena, &third, "\"kid\":\"x\""))), 0);
    /* a key that cannot be used is no rival */
    CHECK_INT(usable(join(signer_jwk(&arena, &rsa, "\"kid\":\"x\""),
                          signer_jwk(&arena, &other_rsa, "\"kid\":\"x\",\"use\":\"enc\""))),
              1);
    EVP_PKEY_free(third.key);
}

int main(void)
{
    rsa = signer_make(JWK_RSA, "");
    other_rsa = signer_make(JWK_RSA, "");
    ec = signer_make(JWK_EC, "");
    ed = signer_make(JWK_ED25519, "");
    test_uses();
    test_algorithms();
    test_skipping();
    test_weak_rsa();
    test_bad_points();
    test_sets();
    test_choice();
    test_duplicate_kid();
    EVP_PKEY_free(rsa.key);
    EVP_PKEY_free(other_rsa.key);
    EVP_PKEY_free(ec.key);
    EVP_PKEY_free(ed.key);
    arena_free(&arena);
    return check_report();
}

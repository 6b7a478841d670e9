/*
 * Tokens: their form, their header, their claims, their signature.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/jwt.h"

#include "runtime/identity/base64url.h"
#include "runtime/identity/jwks.h"
#include "runtime/identity/jwt_claims.h"
#include "tests/unit/check.h"
#include "tests/unit/sign.h"

#define NOW_S 1800000000
#define AT_JWT "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k\"}"
#define CLAIMS "\"iss\":\"https://i\",\"aud\":\"api\",\"sub\":\"a\",\"exp\":1800000100"

static struct arena arena;
static struct jwt_reader reader;
static struct signer rsa, ec;
static const char *cause;

static bool reads(struct slice token)
{
    struct jwt jwt;
    return jwt_read(&reader, token, &jwt, &cause);
}

static bool reads_header(const char *header)
{
    return reads(sign_text(&arena, &ec, header, "{}"));
}

/* ---- form ---- */

static void test_form(void)
{
    struct slice good = sign_text(&arena, &rsa, AT_JWT, "{" CLAIMS "}");
    CHECK(reads(good));
    struct str text = {good.at, good.len};
    static const char *const bad[] = {"",
                                      ".",
                                      "..",
                                      "...",
                                      "a.b.c",
                                      "a",
                                      "e30.e30",
                                      "e30.e30.",
                                      "{}.{}.",
                                      "e30.e30.e30",
                                      "e30.e30.e30.e30.e30"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!reads(slice_of(bad[i])));
    CHECK(!reads(slice_from(str_format(&arena, "%.*s.", STR_ARG(text)))));
    CHECK(!reads(slice_from(str_format(&arena, "%.*s=", STR_ARG(text)))));
    CHECK(!reads(slice_from(str_format(&arena, "%.*s ", STR_ARG(text)))));
    CHECK(!reads(slice_from(str_format(&arena, " %.*s", STR_ARG(text)))));
    CHECK(!reads(slice_from(str_format(&arena, "%.*s.%.*s", STR_ARG(text), STR_ARG(text)))));
    char *dots = arena_alloc(&arena, 60000);
    memset(dots, '.', 60000);
    CHECK(!reads((struct slice){dots, 60000}));
    CHECK_STR(slice_of(cause), "token is too long");
}

static const char *const good_headers[] = {
    "{\"alg\":\"ES256\"}",
    " { \"alg\" : \"ES256\" } ",
    "{\"alg\":\"ES256\",\"typ\":\"JWT\"}",
    "{\"alg\":\"ES256\",\"typ\":\"jwt\"}",
    "{\"alg\":\"ES256\",\"typ\":\"AT+JWT\"}",
    "{\"alg\":\"ES256\",\"typ\":\"application/at+jwt\"}",
    "{\"alg\":\"ES256\",\"typ\":\"Application/JWT\"}",
    "{\"alg\":\"ES256\",\"x\":{\"y\":[1,2]},\"jku\":\"https://x\",\"jwk\":{},\"x5c\":[]}",
    "{\"alg\":\"ES25\\u0036\"}",
    "{\"alg\":\"ES256\",\"cty\":\"json\",\"b64\":true}",
};
static const char *const bad_headers[] = {
    "[]",
    "null",
    "7",
    "\"a\"",
    "{}",
    "{\"alg\":\"none\"}",
    "{\"alg\":\"None\"}",
    "{\"alg\":\"HS256\"}",
    "{\"alg\":\"es256\"}",
    "{\"alg\":\"ES256 \"}",
    "{\"alg\":\"\"}",
    "{\"alg\":\"ES256\\u0000\"}",
    "{\"alg\":\"ES384\"}",
    "{\"alg\":7}",
    "{\"alg\":null}",
    "{\"alg\":[\"ES256\"]}",
    "{\"ALG\":\"ES256\"}",
    "{\"alg\":\"ES256\",\"alg\":\"none\"}",
    "{\"alg\":\"ES256\",\"al\\u0067\":\"ES256\"}",
    "{\"alg\":\"ES256\"} x",
    "{\"alg\":\"ES256\"}{}",
    "\xef\xbb\xbf{\"alg\":\"ES256\"}",
    "{\"alg\":\"ES256\",\"typ\":\"dpop+jwt\"}",
    "{\"alg\":\"ES256\",\"typ\":\"logout+jwt\"}",
    "{\"alg\":\"ES256\",\"typ\":\"\"}",
    "{\"alg\":\"ES256\",\"typ\":\"JWT \"}",
    "{\"alg\":\"ES256\",\"typ\":null}",
    "{\"alg\":\"ES256\",\"typ\":\"application/\"}",
    "{\"alg\":\"ES256\",\"typ\":\"application/application/jwt\"}",
    "{\"alg\":\"ES256\",\"cty\":\"JWT\"}",
    "{\"alg\":\"ES256\",\"cty\":\"application/jwt\"}",
    "{\"alg\":\"ES256\",\"cty\":7}",
    "{\"alg\":\"ES256\",\"crit\":[\"x\"]}",
    "{\"alg\":\"ES256\",\"crit\":[]}",
    "{\"alg\":\"ES256\",\"crit\":null}",
    "{\"alg\":\"ES256\",\"b64\":false}",
    "{\"alg\":\"ES256\",\"kid\":7}",
    "{\"alg\":\"ES256\",\"kid\":null}",
    "{'alg':'ES256'}",
    "{\"alg\":\"ES256\"/**/}",
    "{\"alg\":\"ES256\",\"x\":[[[[[[[[1]]]]]]]]}",
};

static void test_header(void)
{
    for (size_t i = 0; i < sizeof good_headers / sizeof *good_headers; i++)
        if (!CHECK(reads_header(good_headers[i])))
            fprintf(stderr, "    %s: %s\n", good_headers[i], cause);
    for (size_t i = 0; i < sizeof bad_headers / sizeof *bad_headers; i++)
        if (!CHECK(!reads_header(bad_headers[i])))
            fprintf(stderr, "    %s\n", bad_headers[i]);
}

static void test_payload(void)
{
    static const char *const bad[] = {"",
                                      "null",
                                      "[]",
                                      "7",
                                      "{",
                                      "{}x",
                                      "{'a':1}",
                                      "{\"a\":1,}",
                                      "{\"a\":1/**/}",
                                      "{\"a\":\"\xff\"}",
                                      "{\"a\":1,\"a\":2}",
                                      "{\"aud\":1,\"\\u0061ud\":2}",
                                      "{\"exp\":NaN}",
                                      "{\"exp\":+9}",
                                      "{\"exp\":09}",
                                      "{\"exp\":0x7f}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!CHECK(!reads(sign_text(&arena, &ec, "{\"alg\":\"ES256\"}", bad[i]))))
            fprintf(stderr, "    %s\n", bad[i]);
    CHECK(!reads(sign_bytes(&arena, &ec, str_of("{\"alg\":\"ES256\"}"), (struct str){"{}\0x", 4})));
    struct str_builder deep = {.arena = &arena};
    str_add_text(&deep, "{\"a\":");
    for (unsigned i = 0; i < 40; i++)
        str_add_byte(&deep, '[');
    for (unsigned i = 0; i < 40; i++)
        str_add_byte(&deep, ']');
    str_add_byte(&deep, '}');
    CHECK(!reads(sign_text(&arena, &ec, "{\"alg\":\"ES256\"}", str_built(&deep).at)));
}

/* ---- claims ---- */

static const char *judge_at(const char *claims, int64_t now_ms)
{
    static const struct claim_rules rules = {{"https://i", 9}, {"api", 3}, 30};
    struct json_text json = {0};
    if (!json_text_scan(&json, claims, strlen(claims), (struct json_bounds){32, 1000})) {
        json_text_close(&json);
        return "no JSON";
    }
    const char *fault = claims_check(&json, &rules, now_ms);
    json_text_close(&json);
    return fault;
}

static const char *judge(const char *claims)
{
    return judge_at(claims, INT64_C(1000) * NOW_S);
}

#define EXPECT(claims, wanted)                   \
    do {                                         \
        const char *found_ = judge(claims);      \
        if (!CHECK_TEXT(found_, wanted))         \
            fprintf(stderr, "    %s\n", claims); \
    } while (0)

static bool is_text(const char *found, const char *wanted)
{
    return strcmp(found ? found : "", wanted) == 0;
}

#define CHECK_TEXT(found, wanted) CHECK(is_text(found, wanted))

static void test_names(void)
{
    EXPECT("{" CLAIMS "}", "");
    EXPECT("{\"\\u0069ss\":\"https:\\/\\/i\",\"aud\":[\"x\",\"a\\u0070i\"],\"exp\":1800000100}",
           "");
    EXPECT("{\"iss\":\"https://i\",\"aud\":\"api\",\"exp\":1800000100}",
           ""); /* sub may be absent */
    static const char *const issuers[] = {"null",
                                          "7",
                                          "[\"https://i\"]",
                                          "\"https://i/\"",
                                          "\"https://\"",
                                          "\"https://i\\u0000\"",
                                          "\"HTTPS://I\"",
                                          "{}",
                                          "\"\""};
    for (size_t i = 0; i < sizeof issuers / sizeof *issuers; i++) {
        struct str claims =
            str_format(&arena, "{\"iss\":%s,\"aud\":\"api\",\"exp\":1800000100}", issuers[i]);
        EXPECT(claims.at, "another issuer");
    }
    EXPECT("{\"aud\":\"api\",\"exp\":1800000100}", "another issuer");
    EXPECT("{\"ISS\":\"https://i\",\"aud\":\"api\",\"exp\":1800000100}", "another issuer");
    static const char *const audiences[] = {
        "null",           "7",         "[]",          "\"ap\"", "\"apis\"",    "\"API\"",
        "\"api\\u0000\"", "\"api,x\"", "{\"api\":1}", "[1,2]",  "[\"api\",1]", "[1,\"api\"]",
        "[[\"api\"]]",    "\"\"",      "\"api x\""};
    for (size_t i = 0; i < sizeof audiences / sizeof *audiences; i++) {
        struct str claims = str_format(
            &arena, "{\"iss\":\"https://i\",\"aud\":%s,\"exp\":1800000100}", audiences[i]);
        EXPECT(claims.at, "another audience");
    }
    EXPECT("{\"iss\":\"https://i\",\"AUD\":\"api\",\"exp\":1800000100}", "another audience");
    EXPECT("{\"iss\":\"https://i\",\"aud\":\"api\",\"exp\":1800000100,\"sub\":7}",
           "sub is no string");
    EXPECT("{\"iss\":\"https://i\",\"aud\":\"api\",\"exp\":1800000100,\"client_id\":[]}",
           "client_id is no string");
    static const char bound[] = "bound to a key, and proof of possession is not supported";
    EXPECT("{" CLAIMS ",\"cnf\":{\"jkt\":\"x\"}}", bound);
    EXPECT("{" CLAIMS ",\"cnf\":{}}", bound);
    EXPECT("{" CLAIMS ",\"cnf\":null}", bound);
}

static const char *judge_time(const char *name, const char *value)
{
    bool is_exp = strcmp(name, "exp") == 0;
    struct str claims = str_format(&arena, "{\"iss\":\"https://i\",\"aud\":\"api\",%s\"%s\":%s}",
                                   is_exp ? "" : "\"exp\":1800000100,", name, value);
    const char *found = judge(claims.at);
    return found ? found : "";
}

static void test_times(void)
{
    static const struct {
        const char *name, *value, *wanted;
    } cases[] = {
        {"exp", "1800000000", ""}, /* the leeway is 30 s */
        {"exp", "1799999971", ""},
        {"exp", "1799999970.001", ""},
        {"exp", "1799999970", "expired"},
        {"exp", "1799999969.9999", "expired"},
        {"exp", "1.8000001e9", ""},
        {"exp", "18000001e2", ""},
        {"exp", "18000001000E-1", ""},
        {"exp", "1800000100.123456789012345678901234567890", ""},
        {"exp", "0.00000000000000000000000018000001e32", "expired"},
        {"exp", "0.00000000000000000000000018000001e34", ""},
        {"exp", "0", "expired"},
        {"exp", "0e9999999999999999999", "expired"},
        {"exp", "1e-9999999999999999999", "expired"},
        {"exp", "253402300799", ""},
        {"exp", "253402300800", "exp is no date"},
        {"exp", "1800000100000", "exp is no date"}, /* milliseconds */
        {"exp", "9223372036854775808", "exp is no date"},
        {"exp", "18446744073709551716", "exp is no date"},
        {"exp", "1800000100e18446744073709551616", "exp is no date"},
        {"exp", "1e308", "exp is no date"},
        {"exp", "1e400", "exp is no date"},
        {"exp", "1e99999999999999999999", "exp is no date"},
        {"exp", "-1", "exp is no date"},
        {"exp", "-1800000100", "exp is no date"},
        {"exp", "\"1800000100\"", "exp is no date"},
        {"exp", "null", "exp is no date"},
        {"exp", "true", "exp is no date"},
        {"exp", "[1800000100]", "exp is no date"},
        {"exp", "{}", "exp is no date"},
        {"nbf", "1800000000", ""},
        {"nbf", "1800000030", ""},
        {"nbf", "1800000031", "not valid yet"},
        {"nbf", "\"1800000000\"", "nbf is no date"},
        {"nbf", "1e400", "nbf is no date"},
        {"iat", "1700000000.5", ""},
        {"iat", "1800000030", ""},
        {"iat", "1800003600", "issued in the future"},
        {"iat", "true", "iat is no date"},
        {"exp ", "1800000100", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *found = judge_time(cases[i].name, cases[i].value);
        if (!CHECK(strcmp(found, cases[i].wanted) == 0))
            fprintf(stderr, "    %s %s: '%s'\n", cases[i].name, cases[i].value, found);
    }
    static const char missing[] = "exp is missing";
    EXPECT("{\"iss\":\"https://i\",\"aud\":\"api\"}", missing);
    EXPECT("{\"iss\":\"https://i\",\"aud\":\"api\",\"Exp\":1800000100}", missing);
    EXPECT("{\"iss\":\"https://i\",\"aud\":\"api\",\"exp \":1800000100}", missing);
    /* a clock before 1970 or far ahead */
    CHECK(!judge_at("{" CLAIMS "}", -1000));
    CHECK_TEXT(judge_at("{" CLAIMS "}", INT64_MAX / 2), "expired");
}

/* ---- signatures ---- */

static bool is_signed_by(struct slice token, const char *keys)
{
    struct jwt jwt;
    struct jws_key *key;
    struct str set = str_format(&arena, "{\"keys\":[%s]}", keys);
    struct jwks *jwks = jwks_open(slice_from(set), NULL, &cause);
    bool is_good = jwks && jwt_read(&reader, token, &jwt, &cause) &&
                   jwks_choose(jwks, jwt.algorithm, jwt.header, jwt.kid, &key) == JWKS_FOUND &&
                   jws_verify(key, jwt.signed_text, jwt.signature) &&
                   jws_verify(key, jwt.signed_text, jwt.signature); /* the context is used again */
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

/* ES256 signatures that must not even reach the arithmetic. */
static void test_ecdsa_range(void)
{
    static const unsigned char order[32] = {0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,
                                            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                            0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                            0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    unsigned char signature[128] = {0}, point[64];
    struct str members = jwk_public(&arena, ec.key, JWK_EC);
    size_t size;
    for (unsigned i = 0; i < 2; i++) {
        const char *at = strstr(members.at, i ? "\"y\":\"" : "\"x\":\"") + 5;
        CHECK(base64url_decode((struct slice){at, 43}, point + 32 * i, &size) && size == 32);
        if (i == 0)
            memset(point + 32, 0, 32);
    }
    struct jws_key *key = jws_key_open_p256((struct slice){(char *)point, 32},
                                            (struct slice){(char *)point + 32, 32}, &cause);
    if (!CHECK(key))
        return;
    for (unsigned len = 0; len <= 128; len++) /* zeros of any length: CVE-2022-21449 */
        CHECK(!jws_verify(key, SLICE("text"), (struct slice){(char *)signature, len}));
    memcpy(signature, order, 32);
    memcpy(signature + 32, order, 32);
    CHECK(!jws_verify(key, SLICE("text"), (struct slice){(char *)signature, 64}));
    memset(signature, 0, 64);
    signature[31] = signature[63] = 1;
    CHECK(!jws_verify(key, SLICE("text"), (struct slice){(char *)signature, 64}));
    memset(signature, 0xff, 64);
    CHECK(!jws_verify(key, SLICE("text"), (struct slice){(char *)signature, 64}));
    jws_key_close(key);
}

/* Many signatures, so that short and long integers in the DER all occur. */
static void test_many_ecdsa(void)
{
    const char *key = signer_jwk(&arena, &ec, "");
    unsigned good = 0;
    for (unsigned i = 0; i < 600; i++)
        good += is_signed_by(sign_text(&arena, &ec, "{\"alg\":\"ES256\"}", "{}"), key);
    CHECK_INT(good, 600);
}

int main(void)
{
    rsa = signer_make(JWK_RSA, "k");
    ec = signer_make(JWK_EC, "k");
    CHECK(jwt_reader_open(&reader, 8192));
    test_form();
    test_header();
    test_payload();
    test_names();
    test_times();
    test_rfc_vectors();
    test_signatures();
    test_tampering();
    test_ecdsa_range();
    test_many_ecdsa();
    jwt_reader_close(&reader);
    EVP_PKEY_free(rsa.key);
    EVP_PKEY_free(ec.key);
    arena_free(&arena);
    return check_report();
}

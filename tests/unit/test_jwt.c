/*
 * Tokens: their form, their header, their claims. Signatures are in test_jws.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/jwt.h"

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
    return jwt_read(&reader, token, &jwt, &cause) == JWT_READ;
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
    CHECK_STR(slice_of(cause), "token is longer than limit-token-bytes");
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
    "{\"alg\":\"ES256K\"}",
    "{\"alg\":\"hs256\"}",
    "{\"alg\":\"es256\"}",
    "{\"alg\":\"ES256 \"}",
    "{\"alg\":\"\"}",
    "{\"alg\":\"ES256\\u0000\"}",
    "{\"alg\":\"ES521\"}",
    "{\"alg\":\"eddsa\"}",
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
    static const char *const audiences[] = {"api"};
    static const struct claim_rules rules = {{"https://i", 9}, audiences, 1, 30, false};
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
}

/* ---- what a token is bound to ---- */

static const char *bound_by(const char *cnf, struct binding *out)
{
    struct json_text json = {0};
    struct str claims = str_format(&arena, "{%s}", cnf);
    CHECK(json_text_scan(&json, claims.at, claims.len, (struct json_bounds){9, 99}));
    const char *fault = claims_binding(&json, out);
    json_text_close(&json);
    return fault ? fault : "";
}

#define DIGEST_1 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
#define DIGEST_2 "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"

static void test_binding(void)
{
    static const char other[] = "bound in a way that is not supported";
    static const char *const bad[][2] = {
        {"\"cnf\":null", "cnf is no object"},
        {"\"cnf\":\"jkt\"", "cnf is no object"},
        {"\"cnf\":{}", other},
        {"\"cnf\":{\"jwk\":{}}", other},
        {"\"cnf\":{\"jkt\":\"" DIGEST_1 "\",\"kid\":\"x\"}", other},
        {"\"cnf\":{\"jkt\":\"x\"}", "cnf has no proper jkt"},
        {"\"cnf\":{\"jkt\":7}", "cnf has no proper jkt"},
        {"\"cnf\":{\"jkt\":\"" DIGEST_1 "E\"}", "cnf has no proper jkt"},
        {"\"cnf\":{\"x5t#S256\":\"\"}", "cnf has no proper x5t#S256"},
        {"\"cnf\":{\"x5t\":\"" DIGEST_1 "\"}", other},
    };
    struct binding binding;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_TEXT(bound_by(bad[i][0], &binding), bad[i][1]);
    CHECK_TEXT(bound_by("\"a\":1", &binding), "");
    CHECK_INT(binding.kinds, 0);
    CHECK_TEXT(bound_by("\"cnf\":{\"jkt\":\"" DIGEST_1 "\"}", &binding), "");
    CHECK(binding.kinds == MCPP_BOUND_DPOP && binding.key[0] == 1 && binding.key[31] == 1);
    CHECK_TEXT(
        bound_by("\"cnf\":{\"x5t#S256\":\"" DIGEST_2 "\",\"jkt\":\"" DIGEST_1 "\"}", &binding), "");
    CHECK(binding.kinds == (MCPP_BOUND_DPOP | MCPP_BOUND_MTLS) && binding.certificate[7] == 2);
}

static void test_forms(void)
{
    struct jwt jwt;
    struct slice signed_text = sign_text(&arena, &ec, "{\"alg\":\"ES256\"}", "{}");
    struct slice not_one = sign_text(&arena, &ec, "hello", "{}");
    struct slice proof = sign_text(&arena, &ec, "{\"alg\":\"ES256\",\"typ\":\"dpop+jwt\"}", "{}");
    CHECK_INT(jwt_read(&reader, signed_text, &jwt, &cause), JWT_READ);
    CHECK_INT(jwt_read(&reader, SLICE("2YotnFZFEjr1zCsicMWpAA"), &jwt, &cause), JWT_OPAQUE);
    CHECK_INT(jwt_read(&reader, SLICE("a.b"), &jwt, &cause), JWT_OPAQUE);
    CHECK_INT(jwt_read(&reader, not_one, &jwt, &cause), JWT_OPAQUE);
    CHECK_INT(jwt_read(&reader, SLICE("e30.AAAA.AAAA.AAAA.AAAA"), &jwt, &cause), JWT_REFUSED);
    CHECK_INT(jwt_read(&reader, SLICE("e30.e30.AAAA"), &jwt, &cause), JWT_REFUSED);
    /* a proof is no token, and a token no proof */
    CHECK_INT(jwt_read(&reader, proof, &jwt, &cause), JWT_REFUSED);
    CHECK(jwt_read_proof(&reader, proof, &jwt, &cause));
    CHECK(!jwt_read_proof(&reader, signed_text, &jwt, &cause));
    CHECK(jwt_read(&reader, sign_text(&arena, &ec, AT_JWT, "{}"), &jwt, &cause) == JWT_READ &&
          jwt.is_at_jwt);
}

static void test_profile(void)
{
    static const char *const audiences[] = {"other", "api"};
    static const struct claim_rules rules = {{"https://i", 9}, audiences, 2, 30, true};
    static const char *const members[] = {"\"sub\":\"a\"", "\"client_id\":\"c\"",
                                          "\"iat\":1799999999", "\"jti\":\"j\""};
    static const char *const causes[] = {"sub is missing", "client_id is missing", "iat is missing",
                                         "jti is missing", ""};
    for (size_t without = 0; without < 5; without++) {
        struct json_text json = {0};
        struct str_builder out = {.arena = &arena};
        str_add_text(&out, "{\"iss\":\"https://i\",\"aud\":[\"x\",\"api\"],\"exp\":1800000100");
        for (size_t i = 0; i < 4; i++)
            if (i != without)
                str_add_format(&out, ",%s", members[i]);
        str_add_byte(&out, '}');
        struct str claims = str_built(&out);
        CHECK(json_text_scan(&json, claims.at, claims.len, (struct json_bounds){9, 99}));
        const char *fault = claims_check(&json, &rules, NOW_S * INT64_C(1000));
        CHECK_TEXT(fault ? fault : "", causes[without]);
        CHECK(claims_end(&json, &rules) == INT64_C(1800000130) * 1000);
        json_text_close(&json);
    }
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
    test_binding();
    test_forms();
    test_profile();
    jwt_reader_close(&reader);
    EVP_PKEY_free(rsa.key);
    EVP_PKEY_free(ec.key);
    arena_free(&arena);
    return check_report();
}

/*
 * Answers of token endpoints: what is a token, what life it has, what is shown of an error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/token_answer.h"

#include "runtime/oauth2/pairs.h"
#include "tests/unit/check.h"

static const struct slice secret_list[] = {{"s3cret-value", 12}};
static const struct token_secrets secrets = {secret_list, 1};

static struct token_answer read_status(unsigned status, const char *body)
{
    struct token_answer answer;
    struct upstream_response response = {
        .outcome = UPSTREAM_ANSWERED, .status = status, .body = slice_of(body)};
    token_answer_read(&response, &secrets, &answer);
    return answer;
}

static enum token_verdict verdict_of(unsigned status, const char *body)
{
    struct token_answer answer = read_status(status, body);
    token_answer_close(&answer);
    return answer.verdict;
}

static void test_given(void)
{
    struct token_answer answer =
        read_status(200, "{\"access_token\":\"abc.d-e\",\"token_type\":\"bEaReR\","
                         "\"expires_in\":60,\"refresh_token\":\"r\\u0031\"}");
    CHECK_INT(answer.verdict, TOKEN_GIVEN);
    CHECK_STR(answer.access_token, "abc.d-e");
    CHECK_STR(answer.refresh_token, "r1");
    CHECK(answer.has_life);
    CHECK_INT(answer.life_s, 60);
    token_answer_close(&answer);
}

static void test_life(void)
{
    static const struct {
        const char *text;
        bool has_life;
        uint32_t life_s;
    } cases[] = {{"3600", true, 3600},
                 {"\"3600\"", true, 3600},
                 {"3600.5", true, 3600},
                 {"-5", true, 0},
                 {"\"-5\"", true, 0},
                 {"1e400", true, TOKEN_LIFE_MAX},
                 {"1e-9", true, 0},
                 {"0", true, 0},
                 {"null", false, 0},
                 {"\"soon\"", false, 0},
                 {"\"\"", false, 0},
                 {"true", false, 0},
                 {"99999999999999999999", true, TOKEN_LIFE_MAX},
                 {"\"60s\"", false, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char body[200];
        snprintf(body, sizeof body,
                 "{\"access_token\":\"a\",\"token_type\":\"bearer\",\"expires_in\":%s}",
                 cases[i].text);
        struct token_answer answer = read_status(200, body);
        if (!CHECK(answer.verdict == TOKEN_GIVEN && answer.has_life == cases[i].has_life) ||
            !CHECK(!answer.has_life || answer.life_s == cases[i].life_s))
            fprintf(stderr, "    expires_in %s: %u\n", cases[i].text, answer.life_s);
        token_answer_close(&answer);
    }
}

static void test_unusable(void)
{
    static const char *const bodies[] = {
        "",
        "<html>busy</html>",
        "[]",
        "{}",
        "{\"access_token\":\"\",\"token_type\":\"bearer\"}",
        "{\"access_token\":\"a\"}",
        "{\"access_token\":\"a\",\"token_type\":\"DPoP\"}",
        "{\"access_token\":\"a\",\"token_type\":\"bearer2\"}",
        "{\"access_token\":\"a\\r\\nX: y\",\"token_type\":\"bearer\"}",
        "{\"access_token\":\"a b\",\"token_type\":\"bearer\"}",
        "{\"access_token\":\"a\\u0000\",\"token_type\":\"bearer\"}",
        "{\"access_token\":\"\\u00e9\",\"token_type\":\"bearer\"}",
        "{\"access_token\":7,\"token_type\":\"bearer\"}",
        "{\"ACCESS_TOKEN\":\"a\",\"token_type\":\"bearer\"}",
        "{\"access_token\":\"a\",\"access_token\":\"b\",\"token_type\":\"bearer\"}",
        "{\"access_token\":\"a\",\"token_type\":\"bearer\",\"refresh_token\":\"x\\ny\"}",
        "{\"access_token\":\"a\",\"token_type\":\"bearer\"} trailing",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        if (!CHECK(verdict_of(200, bodies[i]) == TOKEN_UNUSABLE))
            fprintf(stderr, "    %s\n", bodies[i]);
    CHECK_INT(verdict_of(500, "{\"access_token\":\"a\",\"token_type\":\"bearer\"}"),
              TOKEN_UNUSABLE);
    CHECK_INT(verdict_of(302, ""), TOKEN_UNUSABLE);
}

static void test_errors(void)
{
    struct token_answer answer =
        read_status(400, "{\"error\":\"invalid_grant\",\"error_description\":\"s3cret-value "
                         "is\\nold \\u00e9\"}");
    CHECK_INT(answer.verdict, TOKEN_REFUSED);
    CHECK_STR(slice_of(answer.error), "invalid_grant");
    CHECK_STR(slice_of(answer.problem), "it says invalid_grant: [secret] is?old ??");
    token_answer_close(&answer);
    CHECK_INT(verdict_of(200, "{\"error\":\"bad_verification_code\"}"), TOKEN_REFUSED);
    CHECK_INT(verdict_of(400, "{\"error\":\"authorization_pending\"}"), TOKEN_PENDING);
    CHECK_INT(verdict_of(400, "{\"error\":\"slow_down\"}"), TOKEN_SLOWER);
    answer = read_status(403, "");
    CHECK_INT(answer.verdict, TOKEN_REFUSED);
    CHECK_STR(slice_of(answer.problem), "it answered 403 without saying why");
    struct upstream_response late = {.outcome = UPSTREAM_TIMEOUT, .detail = "timed out"};
    token_answer_read(&late, &secrets, &answer);
    CHECK_STR(slice_of(answer.problem), "it did not answer in time");
    struct upstream_response wait = {
        .outcome = UPSTREAM_ANSWERED, .status = 429, .retry_after = SLICE("17")};
    token_answer_read(&wait, &secrets, &answer);
    CHECK_INT(answer.retry_after_s, 17);
}

static void test_form(void)
{
    struct secret_text form = {0}, header = {0};
    pairs_add(&form, "grant_type", SLICE("client_credentials"));
    pairs_add(&form, "scope", SLICE("read:pets write:pets"));
    pairs_add(&form, "audience", (struct slice){0});
    pairs_add(&form, "x", SLICE("a&b=c+d%/~"));
    CHECK_STR(form, "grant_type=client_credentials&scope=read%3Apets%20write%3Apets"
                    "&x=a%26b%3Dc%2Bd%25%2F~");
    pairs_add_basic(&header, SLICE("a:b"), SLICE("p w\xc3\xa9"));
    CHECK_STR(header, "Authorization: Basic YSUzQWI6cCUyMHclQzMlQTk="); /* a%3Ab:p%20w%C3%A9 */
    secret_text_close(&form);
    secret_text_close(&header);
}

int main(void)
{
    test_given();
    test_life();
    test_unusable();
    test_errors();
    test_form();
    return check_report();
}

/*
 * Tests of claims and arguments: types, exact decimals, escapes, globs, and no way past by type.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/decide/test.h"

#include <stdlib.h>

#include "tests/unit/check.h"

static struct json_tape tape;

static void *grow(void *context, void *old, size_t old_size, size_t new_size)
{
    (void)context;
    (void)old_size;
    return realloc(old, new_size);
}

static struct json_place scan(const char *text)
{
    tape.depth_max = 20;
    tape.node_max = 999;
    tape.grow = grow;
    CHECK(json_scan(text, strlen(text), &tape, NULL) == JSON_OK);
    return (struct json_place){text, tape.nodes, 0};
}

/* A literal as the policy writes it. */
static struct mcpp_literal literal(const char *text)
{
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return (struct mcpp_literal){text[0] == 't' ? MCPP_TRUE : MCPP_FALSE, text};
    return (struct mcpp_literal){text[0] == '\'' ? MCPP_STRING : MCPP_NUMBER,
                                 text + (text[0] == '\'')};
}

static bool claim(enum mcpp_comparison comparison, const char *value, const char *wanted)
{
    struct mcpp_literal one = literal(wanted);
    struct mcpp_test test = {comparison, NULL, 0, &one, 1};
    struct json_place place = scan(value);
    return test_claim(&test, &place);
}

/* The argument `a` of the arguments. */
static enum test_result argument(enum mcpp_comparison comparison, const char *arguments,
                                 const char *wanted)
{
    static const char *const path[] = {"a", NULL};
    struct mcpp_literal one = literal(wanted);
    struct mcpp_test test = {comparison, path, MCPP_NONE, &one, 1};
    struct caller nobody = {0};
    struct json_place place = scan(arguments);
    return test_argument(&test, &nobody, &place);
}

static void check_numbers(void)
{
    CHECK(claim(MCPP_EQUAL, "100", "100") && claim(MCPP_EQUAL, "1e2", "100"));
    CHECK(claim(MCPP_EQUAL, "100.0", "100") && claim(MCPP_EQUAL, "-0", "0"));
    CHECK(!claim(MCPP_EQUAL, "100.0000000000000000000000001", "100"));
    CHECK(!claim(MCPP_EQUAL, "9007199254740993", "9007199254740992")); /* one double */
    CHECK(claim(MCPP_LESS, "9007199254740992", "9007199254740993"));
    CHECK(claim(MCPP_GREATER, "18446744073709551617", "18446744073709551616"));
    CHECK(claim(MCPP_GREATER, "1e400", "100") && claim(MCPP_LESS, "-1e400", "-100"));
    CHECK(claim(MCPP_LESS_OR_EQUAL, "2", "2") && !claim(MCPP_LESS, "2", "2"));
    CHECK(claim(MCPP_GREATER_OR_EQUAL, "2", "2") && !claim(MCPP_GREATER, "2", "2"));
    CHECK(claim(MCPP_GREATER_OR_EQUAL, "2.5", "2") && !claim(MCPP_GREATER_OR_EQUAL, "1.9", "2"));
    /* a text is no number, in a claim silently */
    CHECK(!claim(MCPP_EQUAL, "\"100\"", "100") && !claim(MCPP_GREATER, "\"101\"", "100"));
}

static void check_texts(void)
{
    CHECK(claim(MCPP_EQUAL, "\"ab\"", "'ab") && !claim(MCPP_EQUAL, "\"ab\"", "'abc"));
    CHECK(!claim(MCPP_EQUAL, "\"abc\"", "'ab") && !claim(MCPP_EQUAL, "\"AB\"", "'ab"));
    CHECK(claim(MCPP_EQUAL, "\"\\u0061\\u00e9\\ud83d\\ude00\"", "'a\xc3\xa9\xf0\x9f\x98\x80"));
    CHECK(!claim(MCPP_EQUAL, "\"ab\\u0000\"", "'ab") && claim(MCPP_EQUAL, "\"\"", "'"));
    CHECK(claim(MCPP_LESS, "\"a\"", "'b") && claim(MCPP_GREATER, "\"ab\"", "'a"));
    CHECK(claim(MCPP_GREATER, "\"a\\u0000\"", "'a") && claim(MCPP_LESS, "\"\"", "'a"));
    CHECK(!claim(MCPP_EQUAL, "7", "'7"));
}

static void check_globs(void)
{
    CHECK(claim(MCPP_MATCHES, "\"abc\"", "'abc") && !claim(MCPP_MATCHES, "\"abcd\"", "'abc"));
    CHECK(claim(MCPP_MATCHES, "\"abc\"", "'*") && claim(MCPP_MATCHES, "\"\"", "'*"));
    CHECK(claim(MCPP_MATCHES, "\"abc\"", "'a*") && !claim(MCPP_MATCHES, "\"bc\"", "'a*"));
    CHECK(claim(MCPP_MATCHES, "\"aXbXc\"", "'a*b*c") && !claim(MCPP_MATCHES, "\"acb\"", "'a*b*c"));
    CHECK(claim(MCPP_MATCHES, "\"aaab\"", "'*aab") && claim(MCPP_MATCHES, "\"abab\"", "'*ab"));
    CHECK(!claim(MCPP_MATCHES, "\"aba\"", "'*ab") && claim(MCPP_MATCHES, "\"ab\"", "'a**b"));
    CHECK(claim(MCPP_MATCHES, "\"\\u0061b\\u0063\"", "'*bc"));
    CHECK(!claim(MCPP_MATCHES, "7", "'*") && !claim(MCPP_MATCHES, "[\"a\"]", "'a"));
}

static void check_other_claims(void)
{
    CHECK(claim(MCPP_EQUAL, "true", "true") && !claim(MCPP_EQUAL, "true", "false"));
    CHECK(claim(MCPP_EQUAL, "false", "false") && !claim(MCPP_EQUAL, "1", "true"));
    CHECK(!claim(MCPP_LESS, "false", "true"));
    CHECK(claim(MCPP_CONTAINS, "[\"x\",\"a\"]", "'a") && claim(MCPP_CONTAINS, "\"a\"", "'a"));
    CHECK(!claim(MCPP_CONTAINS, "[]", "'a") && !claim(MCPP_CONTAINS, "[[\"a\"]]", "'a"));
    CHECK(claim(MCPP_CONTAINS, "[1,null,\"a\"]", "'a") && !claim(MCPP_CONTAINS, "\"ab\"", "'a"));
    CHECK(claim(MCPP_CONTAINS, "[1,2.0]", "2") && !claim(MCPP_CONTAINS, "{\"a\":1}", "'a"));
    CHECK(!claim(MCPP_EQUAL, "[\"a\"]", "'a") && !claim(MCPP_EQUAL, "null", "'a"));
    CHECK(claim(MCPP_EXISTS, "0", "true") && claim(MCPP_EXISTS, "[]", "true"));
    CHECK(!claim(MCPP_EXISTS, "null", "true"));
    struct mcpp_literal all[] = {{MCPP_STRING, "a"}, {MCPP_NUMBER, "7"}, {MCPP_TRUE, ""}};
    struct mcpp_test in = {MCPP_IN, NULL, 0, all, 3};
    static const char *const inside[] = {"\"a\"", "7.0", "true"}, *const outside[] = {
                                                                      "\"7\"", "8", "false", "null",
                                                                      "[\"a\"]"};
    for (size_t i = 0; i < 3; i++)
        CHECK(test_claim(&in, &(struct json_place[]){scan(inside[i])}[0]));
    for (size_t i = 0; i < 5; i++)
        CHECK(!test_claim(&in, &(struct json_place[]){scan(outside[i])}[0]));
    in.literal_count = 0;
    CHECK(!test_claim(&in, &(struct json_place[]){scan("1")}[0]));
    CHECK(!test_claim(&in, NULL));
}

static void check_arguments(void)
{
    CHECK(argument(MCPP_GREATER, "{\"a\":101}", "100") == TEST_HOLDS);
    CHECK(argument(MCPP_GREATER, "{\"a\":1.01e2}", "100") == TEST_HOLDS);
    CHECK(argument(MCPP_GREATER, "{\"a\":100}", "100") == TEST_FAILS);
    CHECK(argument(MCPP_GREATER, "{\"b\":101}", "100") == TEST_FAILS);
    CHECK(argument(MCPP_GREATER, "{\"\\u0061\":101}", "100") == TEST_HOLDS);
    static const char *const odd[] = {"{\"a\":\"101\"}", "{\"a\":[101]}", "{\"a\":{\"a\":101}}",
                                      "{\"a\":true}", "{\"a\":null}"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        CHECK(argument(MCPP_GREATER, odd[i], "100") == TEST_MISFITS);
        CHECK(argument(MCPP_EQUAL, odd[i], "100") == TEST_MISFITS);
    }
    CHECK(argument(MCPP_EQUAL, "{\"a\":false}", "true") == TEST_FAILS);
    CHECK(argument(MCPP_EQUAL, "{\"a\":0}", "false") == TEST_MISFITS);
    CHECK(argument(MCPP_MATCHES, "{\"a\":\"xy\"}", "'x*") == TEST_HOLDS);
    CHECK(argument(MCPP_MATCHES, "{\"a\":7}", "'*") == TEST_MISFITS);
    CHECK(argument(MCPP_CONTAINS, "{\"a\":[\"x\",\"y\"]}", "'y") == TEST_HOLDS);
    CHECK(argument(MCPP_CONTAINS, "{\"a\":\"y\"}", "'y") == TEST_HOLDS);
    CHECK(argument(MCPP_CONTAINS, "{\"a\":[]}", "'y") == TEST_FAILS);
    CHECK(argument(MCPP_CONTAINS, "{\"a\":[\"y\",7]}", "'y") == TEST_MISFITS);
    CHECK(argument(MCPP_CONTAINS, "{\"a\":[7,\"y\"]}", "'y") == TEST_MISFITS);
    CHECK(argument(MCPP_EXISTS, "{\"a\":{}}", "true") == TEST_HOLDS);
    CHECK(argument(MCPP_EXISTS, "{}", "true") == TEST_FAILS);
    CHECK(argument(MCPP_EXISTS, "{\"a\":null}", "true") == TEST_MISFITS);
}

static enum test_result inside(const char *arguments)
{
    static const char *const path[] = {"a", "b.c", NULL};
    static const struct mcpp_literal one = {MCPP_NUMBER, "1"};
    static const struct mcpp_test test = {MCPP_EQUAL, path, MCPP_NONE, &one, 1};
    struct caller nobody = {0};
    struct json_place place = scan(arguments);
    return test_argument(&test, &nobody, &place);
}

static void check_paths(void)
{
    CHECK(inside("{\"a\":{\"b.c\":1}}") == TEST_HOLDS);
    CHECK(inside("{\"a\":{\"b\":{\"c\":1}}}") == TEST_FAILS);
    CHECK(inside("{\"a\":{}}") == TEST_FAILS && inside("{}") == TEST_FAILS);
    CHECK(inside("{\"a\":[]}") == TEST_MISFITS && inside("{\"a\":null}") == TEST_MISFITS);
}

static enum test_result against_claim(enum json_kind kind, const char *text, const char *arguments)
{
    static const char *const path[] = {"a", NULL};
    static const struct mcpp_test test = {MCPP_IS_CLAIM, path, 0, NULL, 0};
    struct caller_claim claim = {kind, {text, strlen(text)}};
    struct caller caller = {.kind = CALLER_VERIFIED, .claims = &claim};
    struct json_place place = scan(arguments);
    return test_argument(&test, &caller, &place);
}

static void check_claim_against_argument(void)
{
    CHECK(against_claim(JSON_STRING, "al\"ice", "{\"a\":\"al\\u0022ice\"}") == TEST_HOLDS);
    CHECK(against_claim(JSON_STRING, "alice", "{\"a\":\"alic\"}") == TEST_FAILS);
    CHECK(against_claim(JSON_STRING, "", "{\"a\":\"\"}") == TEST_HOLDS);
    CHECK(against_claim(JSON_NUMBER, "7", "{\"a\":7.0}") == TEST_HOLDS);
    CHECK(against_claim(JSON_STRING, "42", "{\"a\":42}") == TEST_HOLDS);
    CHECK(against_claim(JSON_STRING, "-42", "{\"a\":-42}") == TEST_HOLDS);
    CHECK(against_claim(JSON_STRING, "042", "{\"a\":42}") == TEST_FAILS);
    CHECK(against_claim(JSON_STRING, "42", "{\"a\":42.0}") == TEST_MISFITS);
    CHECK(against_claim(JSON_STRING, "1e2", "{\"a\":1e2}") == TEST_MISFITS);
    CHECK(against_claim(JSON_NUMBER, "42", "{\"a\":\"42\"}") == TEST_MISFITS);
    CHECK(against_claim(JSON_TRUE, "true", "{\"a\":true}") == TEST_MISFITS);
    CHECK(against_claim(JSON_ARRAY, "[\"x\"]", "{\"a\":\"x\"}") == TEST_MISFITS);
    CHECK(against_claim(JSON_STRING, "x", "{\"a\":[\"x\"]}") == TEST_MISFITS);
    CHECK(against_claim(JSON_STRING, "x", "{\"a\":null}") == TEST_MISFITS);
    CHECK(against_claim(JSON_STRING, "x", "{}") == TEST_FAILS);
    CHECK(against_claim(JSON_NULL, "null", "{\"a\":null}") == TEST_FAILS);
    CHECK(against_claim(JSON_NULL, "null", "{\"a\":[]}") == TEST_FAILS);
}

static void check_wants(void)
{
    struct mcpp_literal all[] = {{MCPP_STRING, "a"}, {MCPP_NUMBER, "7"}, {MCPP_FALSE, ""}};
    struct mcpp_test test = {MCPP_IN, NULL, MCPP_NONE, all, 3};
    CHECK_STR(slice_of(test_wants(&test)), "a string, a number or a boolean");
    test.literal_count = 2;
    CHECK_STR(slice_of(test_wants(&test)), "a string or a number");
    test.literals++;
    CHECK_STR(slice_of(test_wants(&test)), "a number or a boolean");
    test.literal_count = 1;
    CHECK_STR(slice_of(test_wants(&test)), "a number");
}

int main(void)
{
    check_numbers();
    check_texts();
    check_globs();
    check_other_claims();
    check_arguments();
    check_paths();
    check_claim_against_argument();
    check_wants();
    free(tape.nodes);
    return check_report();
}

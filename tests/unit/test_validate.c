/*
 * Validation: numbers as texts, messages, limits. That the keywords mean what JSON Schema says is
 * for test_validate_suite.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "runtime/validate/decimal.h"
#include "runtime/validate/validate.h"
#include "tests/unit/check.h"

/* ---- decimals ---- */

static int compare(const char *left, const char *right)
{
    struct decimal one = decimal_read(slice_of(left)), two = decimal_read(slice_of(right));
    CHECK_INT(decimal_compare(&two, &one), -decimal_compare(&one, &two));
    if (decimal_compare(&one, &two) == 0)
        CHECK(decimal_hash(&one) == decimal_hash(&two));
    return decimal_compare(&one, &two);
}

static void test_compare(void)
{
    static const char *const equal[][2] = {
        {"0", "-0"},      {"0", "0.000e99"}, {"1", "1.0"},      {"10", "1e1"},
        {"1.5", "15e-1"}, {"0.001", "1E-3"}, {"-12", "-1.2e1"}, {"1200", "12.00E+2"}};
    static const char *const less[][2] = {
        {"9223372036854775807", "9223372036854775808"},
        {"-9223372036854775809", "-9223372036854775808"},
        {"9007199254740992", "9007199254740993"},
        {"0.1", "0.10000000000000000001"},
        {"-1", "0"},
        {"-1e400", "-1e399"},
        {"1e-400", "1e-399"},
        {"0", "1e-999999999"},
        {"99.9", "1e2"},
        {"12", "12.5"},
        {"1.2", "12"},
        {"1e99999999999999999999", "1e999999999999999999999999999990"}};
    for (size_t i = 0; i < sizeof equal / sizeof equal[0]; i++)
        CHECK_INT(compare(equal[i][0], equal[i][1]), 0);
    for (size_t i = 0; i + 1 < sizeof less / sizeof less[0]; i++)
        if (!CHECK(compare(less[i][0], less[i][1]) < 0))
            fprintf(stderr, "    %s < %s\n", less[i][0], less[i][1]);
    CHECK_INT(compare(less[11][0], less[11][1]), 0); /* beyond what an exponent can be */
}

static bool is_multiple(const char *number, const char *divisor)
{
    struct decimal one = decimal_read(slice_of(number)), two = decimal_read(slice_of(divisor));
    return CHECK(decimal_is_divisor(&two)) && decimal_is_multiple(&one, &two);
}

static void test_multiple(void)
{
    CHECK(is_multiple("9223372036854775807", "7"));
    CHECK(!is_multiple("9223372036854775808", "7"));
    CHECK(is_multiple("0.3", "0.1"));
    CHECK(is_multiple("1.13", "0.01"));
    CHECK(!is_multiple("1.135", "0.01"));
    CHECK(is_multiple("0", "17"));
    CHECK(is_multiple("-4.5", "1.5"));
    CHECK(is_multiple("1e1000000000", "0.0000000001"));
    CHECK(is_multiple("1e60", "576460752303423488")); /* 2^59 */
    CHECK(!is_multiple("1e10", "3"));
    CHECK(is_multiple("123456789012345678901234567890", "10"));
    CHECK(is_multiple("999999999999999999", "999999999999999999"));
    CHECK(!is_multiple("999999999999999998", "999999999999999999"));
    struct decimal longer = decimal_read(SLICE("1234567890123456789"));
    CHECK(!decimal_is_divisor(&longer));
}

static void test_count(void)
{
    static const struct {
        const char *text;
        uint32_t wanted;
    } counts[] = {{"0", 0},
                  {"12", 12},
                  {"1.2e1", 12},
                  {"100", 100},
                  {"-3", 0},
                  {"4294967295", UINT32_MAX},
                  {"4294967296", UINT32_MAX},
                  {"1e99", UINT32_MAX},
                  {"9999999999", UINT32_MAX}};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct decimal number = decimal_read(slice_of(counts[i].text));
        CHECK_INT(decimal_count(&number), counts[i].wanted);
    }
}

/* ---- values ---- */

static void *grow(void *context, void *nodes, size_t old_size, size_t new_size)
{
    (void)context, (void)old_size;
    return realloc(nodes, new_size);
}

/* The result; `out` gets the problems. */
static enum validate_result run(const char *schema_text, const char *text, char *out, size_t size)
{
    struct pool *pool = pool_open(64 << 20);
    struct text problems = {.pool = pool};
    struct json_tape tape = {.depth_max = 1000, .node_max = 10000000, .grow = grow};
    enum validate_result result = VALIDATE_NO_MEMORY;
    struct schema schema;
    if (CHECK(schema_compile(slice_of(schema_text), pool, &schema) == SCHEMA_COMPILED) &&
        CHECK(json_scan(text, strlen(text), &tape, NULL) == JSON_OK)) {
        const struct instance value = {text, tape.nodes, 0};
        result = validate_value(&schema, &value, pool, &problems);
    }
    if (out)
        snprintf(out, size, "%.*s", SLICE_ARG(text_slice(&problems)));
    free(tape.nodes);
    pool_close(pool);
    return result;
}

#define FITS(schema, text) CHECK(run(schema, text, NULL, 0) == VALIDATE_FITS)

static void tells(const char *schema, const char *text, const char *wanted)
{
    char told[4000] = "";
    CHECK(run(schema, text, told, sizeof told) == VALIDATE_DIFFERS);
    CHECK_STR(slice_of(told), wanted);
}

/* The schema of member `a`. */
#define A(schema) "{\"properties\":{\"a\":" schema "}}"

static void test_scalars_told(void)
{
    tells(A("{\"type\":[\"integer\",\"null\"]}"), "{\"a\":1.5}",
          "- a: expected an integer or null, got the number 1.5\n");
    tells(A("{\"type\":\"integer\",\"format\":\"int64\"}"), "{\"a\":9223372036854775808}",
          "- a: expected a 64-bit integer (-9223372036854775808 to 9223372036854775807), got the "
          "number 9223372036854775808\n");
    FITS(A("{\"type\":\"integer\",\"format\":\"int64\"}"), "{\"a\":-9223372036854775808}");
    FITS(A("{\"format\":\"int32\"}"), "{\"a\":\"99999999999\"}");
    tells(A("{\"enum\":[\"x\",1,null]}"), "{\"a\":\"y\"}",
          "- a: expected one of \"x\", 1, null, got the string \"y\"\n");
    tells(A("{\"const\":{\"b\":[1]}}"), "{\"a\":{\"b\":[2]}}",
          "- a: expected {\"b\":[1]}, got an object\n");
    FITS(A("{\"const\":{\"b\":[1],\"c\":\"A\"}}"), "{\"a\":{\"c\":\"\\u0041\",\"b\":[1.0]}}");
    tells(A("{\"minimum\":1,\"multipleOf\":0.5}"), "{\"a\":0.7}",
          "- a: expected at least 1, got the number 0.7\n"
          "- a: expected a multiple of 0.5, got the number 0.7\n");
    tells(A("{\"exclusiveMaximum\":10}"), "{\"a\":10.0}",
          "- a: expected less than 10, got the number 10.0\n");
    tells(A("{\"minLength\":2}"), "{\"a\":\"\\ud83d\\ude00\"}",
          "- a: expected at least 2 characters, got 1: \"\\ud83d\\ude00\"\n");
    tells(A("{\"maxLength\":1}"), "{\"a\":\"éé\"}",
          "- a: expected at most 1 character, got 2: \"éé\"\n");
    tells(A("{\"pattern\":\"^[a-z]+$\"}"), "{\"a\":\"A\"}",
          "- a: expected a string that matches the pattern ^[a-z]+$, got the string \"A\"\n");
    tells(A("{\"format\":\"date\"}"), "{\"a\":\"today\"}",
          "- a: expected a date like 2024-12-31, got the string \"today\"\n");
    tells(A("false"), "{\"a\":true}", "- a: expected nothing here, got true\n");
}

static void test_compounds_told(void)
{
    tells("{\"properties\":{\"a\":{\"items\":{\"properties\":{\"b c\":{\"type\":\"null\"}}}}}}",
          "{\"a\":[{},{\"b c\":[]}]}", "- a[1][\"b c\"]: expected null, got an array of 0 items\n");
    tells(A("{\"required\":[\"b\"],\"additionalProperties\":false}"), "{\"a\":{\"c\":1}}",
          "- a: unknown property: c; none is known\n"
          "- a: missing required property: b\n");
    tells(A("{\"minItems\":2,\"uniqueItems\":true}"), "{\"a\":[1]}",
          "- a: expected at least 2 items, got 1\n");
    tells(A("{\"uniqueItems\":true}"), "{\"a\":[1,{\"x\":1,\"y\":2},{\"y\":2,\"x\":1.0}]}",
          "- a: expected items that differ, got the same at [1] and [2]\n");
    tells(A("{\"prefixItems\":[{}],\"items\":false}"), "{\"a\":[1,2]}",
          "- a: expected at most 1 item, got 2\n");
    tells(A("{\"contains\":{\"const\":1},\"minContains\":2}"), "{\"a\":[1]}",
          "- a: expected at least 2 items of the kind that `contains` describes, got 1\n");
    tells("{\"propertyNames\":{\"maxLength\":2}}", "{\"abc\":1}",
          "- the name \"abc\": expected at most 2 characters, got 3: \"abc\"\n");
    tells(A("{\"maxProperties\":1}"), "{\"a\":{\"b\":1,\"c\":2}}",
          "- a: expected at most 1 properties, got 2\n");
    tells("{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}",
          "- missing required argument: b\n");
    tells(A("{\"properties\":{\"b\":true},\"unevaluatedProperties\":false}"),
          "{\"a\":{\"b\":1,\"c\":2}}", "- a.c: expected no such property, got the number 2\n");
}

static void test_alternatives_told(void)
{
    static const char nullable[] =
        A("{\"anyOf\":[{\"type\":\"object\",\"properties\":{\"b\":{\"maximum\":1}}},"
          "{\"type\":\"null\"}]}");
    FITS(nullable, "{\"a\":null}");
    tells(nullable, "{\"a\":{\"b\":2}}", "- a.b: expected at most 1, got the number 2\n");
    tells(nullable, "{\"a\":7}", "- a: expected an object or null, got the number 7\n");
    static const char union_[] =
        A("{\"oneOf\":[{\"properties\":{\"kind\":{\"const\":\"cat\"}},\"required\":[\"claws\"]},"
          "{\"properties\":{\"kind\":{\"const\":\"dog\"}},\"required\":[\"bark\"]}]}");
    tells(union_, "{\"a\":{\"kind\":\"dog\"}}", "- a: missing required property: bark\n");
    tells(union_, "{\"a\":5}",
          "- a: expected a value that fits exactly one of 2 alternatives, got one that fits "
          "alternatives 1 and 2\n");
    tells(A("{\"anyOf\":[{\"const\":1},{\"const\":2}]}"), "{\"a\":3}",
          "- a: expected a value that fits one of 2 alternatives, got the number 3\n");
    tells(A("{\"not\":{\"type\":\"string\"}}"), "{\"a\":\"x\"}",
          "- a: expected a value that does not fit what `not` describes, got the string \"x\"\n");
    tells("{\"if\":{\"required\":[\"a\"]},\"then\":{\"required\":[\"b\"]}}", "{\"a\":1}",
          "- missing required argument: b\n");
}

/* What is not enforced never makes a value wrong, wherever it stands. */
static void test_uncertain(void)
{
    FITS("{\"not\":{\"pattern\":\"(?=a)\"}}", "\"a\"");
    FITS("{\"oneOf\":[{\"format\":\"ipv4\"},{\"format\":\"hostname\"}]}", "\"127.0.0.1\"");
    FITS("{\"oneOf\":[{\"not\":{\"format\":\"email\"}},{\"type\":\"string\"}]}", "\"a\"");
    FITS("{\"if\":{\"pattern\":\"(?=a)\"},\"then\":false,\"else\":false}", "\"a\"");
    FITS("{\"contains\":{\"format\":\"uri\"},\"maxContains\":1}", "[\"a\",\"b\"]");
    FITS("{\"patternProperties\":{\"(?=a)\":false},\"additionalProperties\":false}", "{\"b\":1}");
    tells("{\"oneOf\":[{\"type\":\"integer\",\"format\":\"id\"},{\"type\":\"null\"}]}", "\"a\"",
          "- expected an integer or null, got the string \"a\"\n");
    tells("{\"oneOf\":[{\"format\":\"id\",\"minimum\":5},{\"minimum\":1},{\"minimum\":2}]}", "3",
          "- expected a value that fits exactly one of 3 alternatives, got one that fits "
          "alternatives 2 and 3\n");
}

static void test_many_told(void)
{
    char told[4000] = "";
    CHECK(run("{\"items\":{\"type\":\"null\"}}", "[1,2,3,4,5,6,7,8]", told, sizeof told) ==
          VALIDATE_DIFFERS);
    CHECK(strstr(told, "- [4]: expected null, got the number 5\n- and more\n") != NULL);
    CHECK(strstr(told, "[5]") == NULL);
    /* long values are cut between characters */
    char text[400] = "{\"a\":\"x";
    for (int i = 0; i < 60; i++)
        strcat(text, "é");
    strcat(text, "\"}");
    CHECK(run(A("{\"type\":\"null\"}"), text, told, sizeof told) == VALIDATE_DIFFERS);
    CHECK(strstr(told, "éé…\n") != NULL && strlen(told) < 200);
}

/* ---- limits ---- */

static void test_limits(void)
{
    static const char tree[] =
        "{\"$ref\":\"#/$defs/T\",\"$defs\":{\"T\":{\"type\":\"array\",\"items\":"
        "{\"$ref\":\"#/$defs/T\"}}}}";
    char deep[2000];
    memset(deep, '[', 500);
    memset(deep + 500, ']', 500);
    deep[1000] = '\0';
    FITS(tree, deep);
    memset(deep, '[', 900);
    deep[900] = '1';
    memset(deep + 901, ']', 900);
    deep[1801] = '\0';
    char told[4000];
    CHECK(run(tree, deep, told, sizeof told) == VALIDATE_DIFFERS);
    CHECK(strstr(told, "- …[0][0]") != NULL);
    CHECK(run("{\"$ref\":\"#\"}", "1", NULL, 0) == VALIDATE_TOO_DEEP);
    CHECK(run("{\"not\":{\"$ref\":\"#\"}}", "1", NULL, 0) == VALIDATE_TOO_DEEP);
    CHECK(run("{\"$ref\":\"#/$defs/A\",\"$defs\":{\"A\":{\"anyOf\":[{\"$ref\":\"#/$defs/B\"}]},"
              "\"B\":{\"$ref\":\"#/$defs/A\"}}}",
              "1", NULL, 0) == VALIDATE_TOO_DEEP);
    /* two alternatives at each of 40 levels, and the end fits none: 2^40 ways */
    char blown[200];
    memset(blown, '[', 40);
    blown[40] = '1';
    memset(blown + 41, ']', 40);
    blown[81] = '\0';
    CHECK(run("{\"type\":\"array\",\"oneOf\":[{\"items\":{\"$ref\":\"#\"}},"
              "{\"items\":{\"$ref\":\"#\"}}]}",
              blown, NULL, 0) == VALIDATE_TOO_COSTLY);
    CHECK(run("{\"not\":{\"type\":\"array\",\"not\":{\"oneOf\":[{\"items\":{\"$ref\":\"#\"}},"
              "{\"items\":{\"$ref\":\"#\"}}]}}}",
              blown, NULL, 0) == VALIDATE_TOO_COSTLY);
}

static void test_costly(void)
{
    enum { COUNT = 60000 };
    char *many = malloc(COUNT * 10 + 10), *end = many;
    *end++ = '[';
    for (int i = 0; i < COUNT; i++)
        end += sprintf(end, "%s%d", i ? "," : "", i);
    strcpy(end, "]");
    FITS("{\"uniqueItems\":true,\"items\":{\"type\":\"integer\"}}", many);
    free(many);
    enum { LONG = 8000000 };
    char *text = malloc(LONG + 3);
    memset(text, 'a', LONG + 2);
    text[0] = text[LONG + 1] = '"';
    text[LONG + 2] = '\0';
    CHECK(run("{\"pattern\":\"(a+)+$b\"}", text, NULL, 0) == VALIDATE_TOO_COSTLY);
    free(text);
}

static void test_broken(void)
{
    static const char *const broken[] = {
        "",
        "1",
        "{\"type\":\"int\"}",
        "{\"type\":1}",
        "{\"items\":[]}",
        "{\"properties\":{\"a\":1}}",
        "{\"required\":\"a\"}",
        "{\"minLength\":-1}",
        "{\"minLength\":1.5}",
        "{\"minimum\":\"1\"}",
        "{\"multipleOf\":0}",
        "{\"pattern\":1}",
        "{\"enum\":{}}",
        "{\"allOf\":{}}",
        "{\"$ref\":\"other.json\"}",
        "{\"$ref\":\"#/$defs/a\"}",
        "{\"$ref\":\"#a\"}",
        "{\"properties\":{},\"$ref\":\"#/properties/\"}",
        "{\"allOf\":[true],\"$ref\":\"#/allOf/1\"}",
        "{\"allOf\":[true],\"$ref\":\"#/allOf/x\"}",
    };
    struct pool *pool = pool_open(SIZE_MAX);
    struct schema schema;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        if (!CHECK(schema_compile(slice_of(broken[i]), pool, &schema) == SCHEMA_BROKEN))
            fprintf(stderr, "    %s\n", broken[i]);
    CHECK(schema_compile(SLICE("{\"pattern\":\"(?=a)\",\"multipleOf\":1234567890123456789}"), pool,
                         &schema) == SCHEMA_COMPILED);
    CHECK_INT(schema.unenforced, 2);
    pool_close(pool);
}

int main(void)
{
    test_compare();
    test_multiple();
    test_count();
    test_scalars_told();
    test_compounds_told();
    test_alternatives_told();
    test_uncertain();
    test_many_told();
    test_limits();
    test_costly();
    test_broken();
    return check_report();
}

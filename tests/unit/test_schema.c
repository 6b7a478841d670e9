/*
 * Schemas of OpenAPI 3.0 and 3.1 as JSON Schema 2020-12, input and output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/schema.h"

#include "tests/unit/api_fixture.h"

/* The document has the schema as the body of POST /a, in one argument `body`, for its array type.
 */
static struct str input_of(struct fixture *fixture, const char *version, const char *schema,
                           const char *components)
{
    static char text[4000];
    snprintf(
        text, sizeof text,
        "{\"openapi\":\"%s\",\"info\":{\"title\":\"t\",\"version\":\"1\"},\n\"paths\":{\"/a\":{"
        "\"post\":{\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{\n"
        "\"schema\":{\"type\":\"array\",\"items\":\n%s\n}}}},\"responses\":{}}}},"
        "\"components\":{\"schemas\":{%s}}}",
        version, schema, components);
    fixture_read(fixture, text);
    struct str all = fixture_operation(fixture)->input_schema;
    static const char start[] =
        "{\"type\":\"object\",\"properties\":{\"body\":{\"type\":\"array\",\"items\":";
    static const char end[] = "}},\"required\":[\"body\"],\"additionalProperties\":false}";
    bool is_framed = CHECK(str_starts(all, start));
    if (is_framed && str_ends(all, end))
        all = str_part(all, sizeof start - 1, all.len - (sizeof end - 1));
    return all;
}

static void check_schema(const char *version, const char *schema, const char *wanted)
{
    struct fixture fixture;
    struct str got = input_of(&fixture, version, schema, "");
    CHECK(fixture.is_built);
    CHECK_STR(got, wanted);
    if (fixture.diags.items.count)
        CHECK_STR(fixture.diags.items.at[0].message, "");
    arena_free(&fixture.arena);
}

/* The schema is written so, and the diagnostic says it. */
static void check_reported(const char *schema, const char *wanted, const char *slug,
                           const char *message)
{
    struct fixture fixture;
    struct str got = input_of(&fixture, "3.1.0", schema, "");
    CHECK_STR(got, wanted);
    CHECK_STR(fixture_diag(&fixture, slug), message);
    CHECK_INT(fixture_count(&fixture, slug), 1);
    arena_free(&fixture.arena);
}

static void test_version_3_0(void)
{
    check_schema("3.0.4", "{\"type\":\"string\",\"nullable\":true}",
                 "{\"type\":[\"string\",\"null\"]}");
    check_schema("3.0.4", "{\"type\":\"string\",\"nullable\":true,\"enum\":[\"a\"]}",
                 "{\"type\":[\"string\",\"null\"],\"enum\":[\"a\",null]}");
    check_schema("3.0.4", "{\"type\":\"string\",\"nullable\":true,\"enum\":[\"a\",null]}",
                 "{\"type\":[\"string\",\"null\"],\"enum\":[\"a\",null]}");
    check_schema("3.0.4", "{\"nullable\":true,\"allOf\":[{\"type\":\"string\"}],\"title\":\"T\"}",
                 "{\"anyOf\":[{\"allOf\":[{\"type\":\"string\"}],\"title\":\"T\"},"
                 "{\"type\":\"null\"}]}");
    check_schema("3.0.4", "{\"minimum\":5,\"exclusiveMinimum\":true}", "{\"exclusiveMinimum\":5}");
    check_schema("3.0.4", "{\"exclusiveMaximum\":true,\"maximum\":1.50}",
                 "{\"exclusiveMaximum\":1.50}");
    check_schema("3.0.4", "{\"minimum\":5,\"exclusiveMinimum\":false}", "{\"minimum\":5}");
    check_schema("3.0.4",
                 "{\"type\":\"integer\",\"format\":\"int64\",\"example\":9007199254740993}",
                 "{\"type\":\"integer\",\"format\":\"int64\",\"examples\":[9007199254740993]}");
    check_schema("3.0.4", "{\"discriminator\":{\"propertyName\":\"k\"},\"xml\":{},\"x-a\":1}",
                 "{}");
}

static void test_version_3_1(void)
{
    check_schema("3.1.0", "{\"type\":[\"string\",\"null\"],\"const\":\"a\\u0000\\\"\"}",
                 "{\"type\":[\"string\",\"null\"],\"const\":\"a\\u0000\\\"\"}");
    check_schema("3.1.0", "{\"exclusiveMinimum\":0,\"minimum\":0}",
                 "{\"exclusiveMinimum\":0,\"minimum\":0}");
    check_schema("3.1.0", "true", "{}");
    check_schema("3.1.0", "false", "false");
    check_schema("3.1.0", "{\"additionalProperties\":false,\"not\":{\"required\":[\"a\",\"a\"]}}",
                 "{\"additionalProperties\":false,\"not\":{\"required\":[\"a\"]}}");
    check_schema("3.1.0", "{\"if\":{\"const\":1},\"then\":true,\"else\":{\"maxLength\":3}}",
                 "{\"if\":{\"const\":1},\"then\":{},\"else\":{\"maxLength\":3}}");
    check_schema("3.2.0", "{\"prefixItems\":[{},false],\"dependentRequired\":{\"a\":[\"b\"]}}",
                 "{\"prefixItems\":[{},false],\"dependentRequired\":{\"a\":[\"b\"]}}");
}

static void test_items(void)
{
    check_schema("3.1.0", "{\"additionalItems\":{\"type\":\"string\"}}", "{}");
    check_schema("3.1.0", "{\"properties\":{\"a\":false,\"b\":true}}",
                 "{\"properties\":{\"a\":{\"not\":{}},\"b\":{}}}");
}

static void test_dynamic_references(void)
{
    struct fixture fixture;
    struct str got =
        input_of(&fixture, "3.1.0", "{\"$dynamicRef\":\"#node\",\"description\":\"first\"}",
                 "\"Tree\":{\"$dynamicAnchor\":\"node\",\"$anchor\":\"tree\",\"properties\":"
                 "{\"kid\":{\"$dynamicRef\":\"#node\"},\"next\":{\"$ref\":\"#tree\"}}}");
    CHECK(fixture.is_built);
    CHECK_STR(got,
              "{\"type\":\"object\",\"properties\":{\"body\":{\"type\":\"array\",\"items\":"
              "{\"$ref\":\"#/$defs/node\",\"description\":\"first\"}}},\"required\":[\"body\"],"
              "\"additionalProperties\":false,\"$defs\":{\"node\":{\"properties\":{\"kid\":"
              "{\"$ref\":\"#/$defs/node\"},\"next\":{\"$ref\":\"#/$defs/node\"}}}}}");
    CHECK_INT(fixture_count(&fixture, "unsupported-keyword"), 1);
    arena_free(&fixture.arena);
    input_of(&fixture, "3.1.0", "{\"anyOf\":[{\"$dynamicRef\":\"#no\"},{\"$dynamicRef\":7}]}", "");
    CHECK(!fixture.is_built);
    CHECK_INT(fixture_count(&fixture, "unknown-reference"), 1);
    CHECK_INT(fixture_count(&fixture, "bad-reference"), 1);
    arena_free(&fixture.arena);
    struct str both =
        input_of(&fixture, "3.1.0", "{\"$ref\":\"#/components/schemas/A\",\"$dynamicRef\":\"#a\"}",
                 "\"A\":{\"$dynamicAnchor\":\"a\",\"type\":\"string\"}");
    CHECK(str_find(both, '$') < both.len);
    CHECK_STR(fixture_diag(&fixture, "unsupported-keyword"),
              "4: '$dynamicRef' is not supported; it is left out, so more values are taken");
    arena_free(&fixture.arena);
}

static void test_read_only(void)
{
    check_schema("3.1.0",
                 "{\"properties\":{\"id\":{\"readOnly\":true},\"at\":{\"writeOnly\":true}},"
                 "\"required\":[\"id\",\"at\"]}",
                 "{\"properties\":{\"at\":{}},\"required\":[\"at\"]}");
    check_schema("3.1.0",
                 "{\"allOf\":[{\"properties\":{\"id\":{\"readOnly\":true}}},"
                 "{\"required\":[\"id\",\"b\"]}]}",
                 "{\"allOf\":[{\"properties\":{}},{\"required\":[\"b\"]}]}");
}

static void test_wrong_values(void)
{
    check_reported("{\"minLength\":-1}", "{}", "bad-schema",
                   "4: the value of 'minLength' is not an integer from 0; it is left out");
    check_reported("{\"multipleOf\":0.0}", "{}", "bad-schema",
                   "4: the value of 'multipleOf' is not a number above 0; it is left out");
    check_reported(
        "{\"required\":true}", "{}", "bad-schema",
        "4: the value of 'required' is a boolean, not a sequence of names; it is left out");
    check_reported("{\"type\":\"file\"}", "{}", "unknown-type",
                   "4: 'file' is no type of JSON Schema; any value is taken");
    check_reported(
        "{\"anyOf\":[]}", "{}", "bad-schema",
        "4: the value of 'anyOf' is a sequence, not a sequence of schemas; it is left out");
    check_reported("{\"wat\":1}", "{}", "unknown-keyword",
                   "4: 'wat' is no keyword of a schema; it is left out");
    check_reported("{\"$recursiveRef\":\"#\"}", "{}", "unsupported-keyword",
                   "4: '$recursiveRef' is not supported; it is left out, so more values are taken");
    check_reported(
        "{\"items\":[{\"type\":\"string\"},{\"items\":[{}]}],\"additionalItems\":false}",
        "{\"prefixItems\":[{\"type\":\"string\"},{\"prefixItems\":[{}]}],\"items\":false}",
        "unsupported-keyword",
        "4: a sequence under 'items' is read as 'prefixItems', here and elsewhere");
    check_reported("{\"items\":[]}", "{}", "unsupported-keyword",
                   "4: a sequence under 'items' is read as 'prefixItems', here and elsewhere");
    check_reported("7", "{}", "bad-schema", "4: a schema is a number; any value is taken");
}

static void test_references(void)
{
    struct fixture fixture;
    struct str got = input_of(&fixture, "3.1.0", "{\"$ref\":\"#/components/schemas/Tree\"}",
                              "\"Tree\":{\"properties\":{\"kids\":{\"type\":\"array\",\"items\":"
                              "{\"$ref\":\"#/components/schemas/Tree\"}},\"leaf\":{\"$ref\":"
                              "\"#/components/schemas/a~1b\",\"title\":\"L\"}}},"
                              "\"a/b\":{\"type\":\"string\"},\"Unused\":{\"type\":\"null\"}");
    CHECK(fixture.is_built);
    CHECK_STR(got, "{\"type\":\"object\",\"properties\":{\"body\":{\"type\":\"array\",\"items\":"
                   "{\"$ref\":\"#/$defs/Tree\"}}},\"required\":[\"body\"],"
                   "\"additionalProperties\":false,\"$defs\":{\"Tree\":{\"properties\":{\"kids\":"
                   "{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/Tree\"}},\"leaf\":{\"$ref\":"
                   "\"#/$defs/a_b\",\"title\":\"L\"}}},\"a_b\":{\"type\":\"string\"}}}");
    CHECK_INT(fixture.diags.items.count, 0);
    arena_free(&fixture.arena);
}

static void test_reference_to_nothing(void)
{
    struct fixture fixture;
    input_of(&fixture, "3.1.0", "{\"$ref\":\"#/components/schemas/A\"}",
             "\"A\":{\"$ref\":\"#/components/schemas/B\"},"
             "\"B\":{\"$ref\":\"#/components/schemas/A\"}");
    CHECK(!fixture.is_built);
    CHECK_INT(fixture_count(&fixture, "circular-reference"), 1);
    arena_free(&fixture.arena);
}

static void test_beside_a_reference(void)
{
    struct fixture fixture;
    struct str got = input_of(&fixture, "3.0.4",
                              "{\"$ref\":\"#/components/schemas/A\",\"description\":\"d\","
                              "\"maxLength\":3,\"type\":\"string\"}",
                              "\"A\":{\"type\":\"string\"}");
    CHECK(str_starts(got, "{\"type\":\"object\",\"properties\":{\"body\":{\"type\":\"array\","
                          "\"items\":{\"$ref\":\"#/$defs/A\",\"description\":\"d\"}}}"));
    CHECK_INT(fixture_count(&fixture, "ignored-keyword"), 1); /* `type` says the same */
    CHECK_STR(fixture_diag(&fixture, "ignored-keyword"),
              "4: 'maxLength' beside '$ref' is ignored in OpenAPI 3.0");
    arena_free(&fixture.arena);
}

/* ---- outputs ---- */

static void check_output(const char *responses, const char *wanted, const char *accept)
{
    struct fixture fixture;
    struct arena arena = {0};
    struct str text = str_format(
        &arena,
        API_HEAD("3.0.3") "paths: {/a: {get: {responses: {%s}}}}\n"
                          "components: {schemas: {A: {type: object, properties: {p: {writeOnly: "
                          "true}, q: {example: 1}}}, B: {properties: {b: {$ref: "
                          "'#/components/schemas/B'}}}}}\n",
        responses);
    fixture_read(&fixture, text.at);
    CHECK_STR(fixture_operation(&fixture)->output_schema, wanted);
    CHECK_STR(fixture_operation(&fixture)->accept, accept);
    arena_free(&fixture.arena);
    arena_free(&arena);
}

#define JSON_OF(schema) "content: {application/json: {schema: " schema "}}"

static void test_outputs(void)
{
    check_output("'200': {" JSON_OF("{$ref: '#/components/schemas/A'}") "}",
                 "{\"type\":\"object\",\"properties\":{\"q\":{}}}", "application/json");
    check_output("'201': {" JSON_OF("{$ref: '#/components/schemas/B'}") "}",
                 "{\"type\":\"object\",\"properties\":{\"b\":{\"$ref\":\"#/$defs/B\"}},"
                 "\"$defs\":{\"B\":{\"properties\":{\"b\":{\"$ref\":\"#/$defs/B\"}}}}}",
                 "application/json");
    check_output("'200': {" JSON_OF("{type: object, nullable: true}") "}",
                 "{\"type\":[\"object\",\"null\"]}", "application/json");
    check_output("default: {" JSON_OF("{type: object}") "}", "", "");
    check_output("'404': {" JSON_OF("{type: object}") "}, 2XX: {content: {text/csv: {}}}", "",
                 "text/csv");
    check_output(
        "'200': {content: {text/html: {}, application/hal+json: {schema: {type: object}}}}",
        "{\"type\":\"object\"}", "application/hal+json");
    check_output("'200': {" JSON_OF("{$ref: '#/components/schemas/A'}") "}, '202': {" JSON_OF(
                     "{type: object}") "}",
                 "{\"type\":\"object\",\"anyOf\":[{\"$ref\":\"#/$defs/A\"},{\"type\":\"object\"}],"
                 "\"$defs\":{\"A\":{\"type\":\"object\",\"properties\":{\"q\":{}}}}}",
                 "application/json");
}

static void test_outputs_of_other_types(void)
{
    check_output("'200': {" JSON_OF("{type: array, items: {}}") "}",
                 "{\"type\":\"array\",\"items\":{}}", "application/json");
    check_output("'200': {" JSON_OF("{type: array, items: {$ref: '#/components/schemas/B'}}") "}",
                 "{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/B\"},\"$defs\":{\"B\":"
                 "{\"properties\":{\"b\":{\"$ref\":\"#/$defs/B\"}}}}}",
                 "application/json");
    check_output("'200': {" JSON_OF("{type: string}") "}", "{\"type\":\"string\"}",
                 "application/json");
    check_output("'200': {" JSON_OF("{type: object}") "}, '201': {" JSON_OF("{type: integer}") "}",
                 "{\"anyOf\":[{\"type\":\"object\"},{\"type\":\"integer\"}]}", "application/json");
    /* nothing can be promised */
    check_output("'200': {" JSON_OF("{}") "}", "", "application/json");
    check_output("'200': {" JSON_OF("{description: Something}") "}", "", "application/json");
    check_output("'200': {" JSON_OF("{type: file}") "}", "", "application/json");
    check_output("'200': {" JSON_OF("{type: string, format: binary}") "}", "", "application/json");
    check_output("'200': {" JSON_OF("{type: object}") "}, '201': {" JSON_OF("{}") "}", "",
                 "application/json");
}

/* Shared nodes: 10 levels of 10 aliases each are 10^10 values. */
static void test_size_guard(void)
{
    struct fixture fixture;
    struct arena arena = {0};
    struct str_builder text = {.arena = &arena};
    str_add_text(&text, API_HEAD("3.1.0") "x-0: &a0 {type: string, description: something}\n");
    for (int level = 1; level < 6; level++) {
        str_add_format(&text, "x-%d: &a%d {allOf: [", level, level);
        for (int i = 0; i < 10; i++)
            str_add_format(&text, "*a%d, ", level - 1);
        str_add_text(&text, "]}\n");
    }
    str_add_text(&text, "paths: {/a: {get: {parameters: [{name: q, in: query, schema: *a5}, {name: "
                        "r, in: query, schema: {type: string}}]}}}\n");
    fixture_read(&fixture, text.at);
    CHECK_STR(fixture_operation(&fixture)->input_schema,
              "{\"type\":\"object\",\"properties\":{\"q\":{},\"r\":{\"type\":\"string\"}},"
              "\"additionalProperties\":false}");
    CHECK_INT(fixture_count(&fixture, "schema-too-large"), 1);
    arena_free(&fixture.arena);
    arena_free(&arena);
}

/* A parameter without a schema, and more said about it than fits. */
static void test_long_description(void)
{
    struct fixture fixture;
    struct arena arena = {0};
    struct str_builder text = {.arena = &arena};
    str_add_text(&text, API_HEAD("3.1.0") "paths: {/a: {get: {parameters: [{name: q, in: query, "
                                          "description: '");
    for (int i = 0; i < SCHEMA_TEXT_MAX; i++)
        str_add_byte(&text, 'x');
    str_add_text(&text, "'}, {name: r, in: query, schema: {$ref: '#/components/schemas/R'}}]}}}\n"
                        "components: {schemas: {R: {properties: {}}}}\n");
    fixture_read(&fixture, text.at);
    CHECK(fixture.is_built);
    CHECK(str_ends(fixture_operation(&fixture)->input_schema,
                   ",\"r\":{}},\"additionalProperties\":false}"));
    CHECK_INT(fixture_count(&fixture, "schema-too-large"), 2); /* r, and the operation's */
    arena_free(&fixture.arena);
    arena_free(&arena);
}

/* References upon references: 16 levels of 10 each. Only done when it is done quickly. */
static void test_work_guard(void)
{
    struct fixture fixture;
    struct arena arena = {0};
    struct str_builder text = {.arena = &arena};
    str_add_text(&text, API_HEAD("3.1.0") "paths: {/a: {post: {requestBody: {content: "
                                          "{application/json: {schema: &s {$ref: "
                                          "'#/components/schemas/S0'}}}}, responses: {'200': "
                                          "{content: {application/json: {schema: *s}}}}}}}\n"
                                          "components:\n  schemas:\n");
    for (int level = 0; level < 16; level++) {
        str_add_format(&text, "    S%d: {required: [a, b], allOf: [", level);
        for (int i = 0; i < 10; i++)
            str_add_format(&text, "{$ref: '#/components/schemas/S%d'}, ", level + 1);
        str_add_text(&text, "]}\n");
    }
    str_add_text(&text, "    S16: {minProperties: 1}\n");
    fixture_read(&fixture, text.at);
    CHECK(fixture.is_built);
    CHECK(str_starts(fixture_operation(&fixture)->output_schema, "{\"required\":"));
    CHECK_INT(fixture_operation(&fixture)->argument_count, 1);
    arena_free(&fixture.arena);
    arena_free(&arena);
}

int main(void)
{
    test_version_3_0();
    test_version_3_1();
    test_items();
    test_dynamic_references();
    test_read_only();
    test_wrong_values();
    test_references();
    test_reference_to_nothing();
    test_beside_a_reference();
    test_outputs();
    test_outputs_of_other_types();
    test_size_guard();
    test_work_guard();
    test_long_description();
    return check_report();
}

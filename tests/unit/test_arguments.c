/*
 * Arguments against a tool's input schema: what counts as absent, texts for the model, broken
 * schemas, memory that runs out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/arguments.h"
#include "runtime/observe/log.h"
#include "runtime/validate/schema_cache.h"
#include "tests/unit/check.h"

static const struct mcpp_parameter parameters[] = {
    {"id", "id", MCPP_IN_BODY, MCPP_STYLE_FORM, true, true, false, NULL, NULL, NULL},
    {"name", "na\"me", MCPP_IN_BODY, MCPP_STYLE_FORM, true, false, false, NULL, NULL, NULL},
    {"tags", "tags", MCPP_IN_BODY, MCPP_STYLE_FORM, true, false, false, NULL, NULL, NULL},
    {"page", "page", MCPP_IN_QUERY, MCPP_STYLE_FORM, true, false, false, NULL, NULL, NULL},
};

static const char schema[] =
    "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"integer\"},"
    "\"name\":{\"type\":[\"string\",\"null\"]},"
    "\"tags\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
    "\"page\":{\"type\":[\"integer\",\"null\"]}},"
    "\"required\":[\"id\"],\"minProperties\":1,\"additionalProperties\":false}";

static const struct mcpp_tool tools[] = {
    {.name = "put",
     .input_schema = schema,
     .parameters = parameters,
     .parameter_count = 4,
     .body = MCPP_BODY_JSON,
     .content_type = ""},
    {.name = "none", .input_schema = "{\"additionalProperties\":false}"},
    {.name = "lost", .input_schema = "{\"$ref\":\"#/$defs/Gone\"}"},
    {.name = "torn", .input_schema = "{\"type\":"},
    {.name = "endless", .input_schema = "{\"allOf\":[{\"$ref\":\"#\"}]}"},
};

static const struct mcpp_policy policy = {.tools = tools,
                                          .tool_count = sizeof tools / sizeof tools[0]};

static const char *check(struct schema_cache *cache, const char *name, const char *json,
                         struct pool *pool)
{
    const struct mcpp_tool *tool = tools;
    struct value value;
    struct text message = {.pool = pool};
    while (strcmp(tool->name, name) != 0)
        tool++;
    text_add_byte(&message, '[');
    text_add_literal(&message, json ? json : "");
    text_add_literal(&message, "] ");
    if (message.failed)
        return refusal_no_memory;
    struct slice text = {message.at, message.len - 1};
    struct call_arguments arguments = {0};
    if (json && !value_scan(text, 100, pool, &value))
        return refusal_no_memory;
    if (json)
        arguments = (struct call_arguments){value.text, value.tape, 1};
    return arguments_validate(cache, tool, &arguments, pool);
}

static void expect(struct schema_cache *cache, const char *name, const char *json,
                   const char *wanted)
{
    struct pool *pool = pool_open(1 << 20);
    const char *refusal = check(cache, name, json, pool);
    if (!wanted) {
        if (!CHECK(!refusal))
            fprintf(stderr, "    %s\n", refusal);
    } else if (CHECK(refusal != NULL)) {
        CHECK_STR(slice_of(refusal), wanted);
    }
    pool_close(pool);
}

#define HEAD(tool) "The arguments do not fit the input schema of " tool ":\n"

static void test_texts(struct schema_cache *cache)
{
    expect(cache, "put", "{\"id\":9007199254740993}", NULL);
    expect(cache, "put", "{}",
           HEAD("put") "- missing required argument: id (an integer)\n"
                       "- expected at least 1 arguments, got 0");
    expect(cache, "put", NULL,
           HEAD("put") "- missing required argument: id (an integer)\n"
                       "- expected at least 1 arguments, got 0");
    expect(cache, "put", "{\"id\":1,\"naem\":2}",
           HEAD("put") "- unknown argument: naem; the nearest known name is name");
    expect(cache, "put", "{\"id\":\"7\",\"tags\":[1],\"zzz\":{}}",
           HEAD("put") "- id: expected an integer, got the string \"7\"\n"
                       "- tags[0]: expected a string, got the number 1\n"
                       "- unknown argument: zzz; known: id, name, page, tags");
    expect(cache, "none", "{}", NULL);
    expect(cache, "none", "{\"a b\":1}", HEAD("none") "- unknown argument: \"a b\"; none is known");
}

/* A null is a value where the body has a word for it and the schema allows it. */
static void test_null(struct schema_cache *cache)
{
    expect(cache, "put", "{\"id\":1,\"name\":null,\"tags\":null,\"page\":null}", NULL);
    expect(cache, "put", "{\"tags\":null,\"id\":null,\"name\":[null]}",
           HEAD("put") "- name: expected a string or null, got an array of 1 item\n"
                       "- missing required argument: id (an integer)");
    expect(cache, "put", "{\"gone\":null,\"id\":1}",
           HEAD("put") "- unknown argument: gone; known: id, name, page, tags");
}

static void test_unusable(struct schema_cache *cache)
{
    static const char broken[] =
        "The tool's input schema cannot be used, so that no call of it can be checked.";
    for (int i = 0; i < 2; i++) {
        expect(cache, "lost", "{}", broken);
        expect(cache, "torn", "{}", broken);
        expect(cache, "endless", "{}",
               "The arguments cannot be checked: they or the tool's input schema are nested too "
               "deeply.");
    }
}

static void test_memory(struct schema_cache *cache)
{
    unsigned refused = 0, told = 0;
    for (size_t limit = 0; limit < 40000; limit += 97) {
        struct pool *pool = pool_open(limit);
        const char *refusal =
            check(cache, "put", "{\"id\":1,\"tags\":[\"\\u0041\",2],\"page\":null}", pool);
        if (CHECK(refusal != NULL)) {
            refused += refusal == refusal_no_memory;
            told += strstr(refusal, "tags[1]: expected a string") != NULL;
        }
        CHECK(refused == 0 || told == 0 || refusal != refusal_no_memory);
        pool_close(pool);
    }
    CHECK(refused > 0 && told > 0);
}

int main(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    struct schema_cache *cache = schema_cache_open(&policy);
    if (CHECK(cache != NULL)) {
        test_texts(cache);
        test_null(cache);
        test_unusable(cache);
        test_memory(cache);
    }
    schema_cache_close(cache);
    return check_report();
}

/*
 * Bodies from arguments: JSON, form, multipart, text, bytes; null and absent ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/body.h"
#include "tests/unit/check.h"

static struct pool *pool;

static const char *build(const struct mcpp_tool *tool, const char *json, struct body *out)
{
    struct value value;
    struct matched matched;
    /* arguments are never the root of a message: node 1 is the only item of an array */
    struct text message = {.pool = pool};
    text_add_byte(&message, '[');
    text_add_literal(&message, json);
    text_add_literal(&message, "] ");
    struct slice text = text_slice(&message);
    if (!CHECK(value_scan((struct slice){text.at, text.len - 1}, 100, pool, &value)))
        return "no JSON";
    struct call_arguments arguments = {value.text, value.tape, 1};
    const char *refusal = arguments_match(tool, &arguments, pool, &matched);
    return refusal ? refusal : body_build(&matched, out);
}

#define CHECK_TEXT(actual, wanted) CHECK_STR(slice_of(actual), wanted)

static const struct mcpp_parameter properties[] = {
    {"id", "id", MCPP_IN_BODY, MCPP_STYLE_FORM, true, true, false, NULL, NULL, NULL},
    {"name", "na\"me", MCPP_IN_BODY, MCPP_STYLE_FORM, true, false, false, NULL, NULL, NULL},
    {"tags", "tags", MCPP_IN_BODY, MCPP_STYLE_FORM, true, false, false, NULL, NULL, NULL},
    {"other", "other", MCPP_IN_BODY, MCPP_STYLE_JSON, false, false, false, NULL, NULL, NULL},
};

static const char schema[] =
    "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"integer\"},"
    "\"name\":{\"type\":[\"string\",\"null\"]},\"tags\":{\"type\":\"array\"},"
    "\"other\":{\"anyOf\":[{\"type\":\"object\"},{\"type\":\"null\"}]}},"
    "\"additionalProperties\":false}";

static struct mcpp_tool tool_with(enum mcpp_body body)
{
    return (struct mcpp_tool){.name = "t",
                              .input_schema = schema,
                              .parameters = properties,
                              .parameter_count = 4,
                              .body = body,
                              .content_type = ""};
}

static void test_json(void)
{
    struct mcpp_tool tool = tool_with(MCPP_BODY_JSON);
    struct body body;
    CHECK(!build(&tool, "{\"id\": 9007199254740993, \"name\":\"\\u0041\\n\"}", &body));
    CHECK(body.is_present);
    CHECK_STR(body.bytes, "{\"id\":9007199254740993,\"na\\\"me\":\"\\u0041\\n\"}");
    CHECK_TEXT(body.content_type, "application/json");
    CHECK(!build(&tool, "{\"id\":-0.10e+2,\"tags\":[1, {\"a\" :2}]}", &body));
    CHECK_STR(body.bytes, "{\"id\":-0.10e+2,\"tags\":[1, {\"a\" :2}]}");
    /* a null where the schema has one is a value, elsewhere it is nothing */
    CHECK(!build(&tool, "{\"id\":1,\"name\":null,\"tags\":null,\"other\":null}", &body));
    CHECK_STR(body.bytes, "{\"id\":1,\"na\\\"me\":null,\"other\":null}");
    tool.content_type = "application/merge-patch+json";
    CHECK(!build(&tool, "{\"id\":1}", &body));
    CHECK_TEXT(body.content_type, "application/merge-patch+json");
}

static void test_optional(void)
{
    struct mcpp_tool tool = tool_with(MCPP_BODY_JSON);
    struct body body;
    tool.parameters = properties + 1;
    tool.parameter_count = 3;
    CHECK(!build(&tool, "{}", &body));
    CHECK_STR(body.bytes, "{}");
    tool = tool_with(MCPP_BODY_NONE);
    CHECK(!build(&tool, "{\"id\":1}", &body));
    CHECK(!body.is_present);
}

static void test_whole(void)
{
    static const struct mcpp_parameter whole = {
        "body", "body", MCPP_IN_WHOLE_BODY, MCPP_STYLE_SIMPLE, false, false, false, NULL,
        NULL,   NULL};
    struct mcpp_tool tool = {.name = "t",
                             .input_schema = "{}",
                             .parameters = &whole,
                             .parameter_count = 1,
                             .body = MCPP_BODY_JSON,
                             .content_type = ""};
    struct body body;
    CHECK(!build(&tool, "{\"body\": [1,  18446744073709551615] }", &body));
    CHECK_STR(body.bytes, "[1,  18446744073709551615]");
    CHECK(!build(&tool, "{}", &body));
    CHECK(!body.is_present);
    tool.body = MCPP_BODY_TEXT;
    CHECK(!build(&tool, "{\"body\":\"a\\u0000b\\u00e9\"}", &body));
    CHECK(slice_equal(body.bytes, SLICE("a\0b\xc3\xa9")));
    CHECK_TEXT(body.content_type, "text/plain; charset=utf-8");
    CHECK(!build(&tool, "{\"body\":\"\"}", &body));
    CHECK(body.is_present && body.bytes.len == 0);
    tool.body = MCPP_BODY_BASE64;
    CHECK(!build(&tool, "{\"body\":\"AP8=\"}", &body));
    CHECK(slice_equal(body.bytes, SLICE("\0\xff")));
    CHECK_TEXT(build(&tool, "{\"body\":\"AP8\"}", &body),
               "Argument body must be Base64 (RFC 4648, padded).");
    CHECK(build(&tool, "{\"body\":1234}", &body) != NULL);
}

static void test_form(void)
{
    struct mcpp_tool tool = tool_with(MCPP_BODY_FORM);
    struct body body;
    CHECK(!build(&tool,
                 "{\"id\":9007199254740993,\"name\":\"a b&c=d\",\"tags\":[1,\"x\"],"
                 "\"other\":{\"k\": [1]}}",
                 &body));
    CHECK_STR(body.bytes, "id=9007199254740993&na%22me=a+b%26c%3Dd&tags=1&tags=x&other="
                          "%7B%22k%22%3A%5B1%5D%7D");
    CHECK_TEXT(body.content_type, "application/x-www-form-urlencoded");
    CHECK(!build(&tool, "{\"id\":1,\"tags\":[],\"name\":null,\"other\":2}", &body));
    CHECK_STR(body.bytes, "id=1&other=2");
}

/* The body with its boundary, which is drawn anew each time, replaced by B. */
static struct slice without_boundary(const struct body *body)
{
    struct text out = {.pool = pool};
    const char *boundary = strstr(body->content_type, "boundary=");
    if (!CHECK(boundary != NULL))
        return text_slice(&out);
    boundary += strlen("boundary=");
    CHECK(strlen(boundary) >= 32);
    struct slice rest = body->bytes;
    for (const char *found;
         (found = memmem(rest.at, rest.len, boundary, strlen(boundary))) != NULL;) {
        size_t before = (size_t)(found - rest.at);
        text_add(&out, (struct slice){rest.at, before});
        text_add_byte(&out, 'B');
        rest.at = found + strlen(boundary);
        rest.len -= before + strlen(boundary);
    }
    text_add(&out, rest);
    return text_slice(&out);
}

static void test_multipart(void)
{
    static const struct mcpp_parameter parts[] = {
        {"caption", "ca\"p\r\n", MCPP_IN_BODY, MCPP_STYLE_PART, false, false, false, NULL, NULL,
         NULL},
        {"file", "file", MCPP_IN_BODY, MCPP_STYLE_PART, false, false, false, "image/png", NULL,
         NULL},
        {"meta", "meta", MCPP_IN_BODY, MCPP_STYLE_PART, false, false, false, NULL, NULL, NULL},
        {"tags", "tags", MCPP_IN_BODY, MCPP_STYLE_PART, false, false, false, NULL, NULL, NULL},
    };
    struct mcpp_tool tool = {
        .name = "t",
        .input_schema = "{\"properties\":{\"file\":{\"type\":\"string\",\"contentEncoding\":"
                        "\"base64\",\"contentMediaType\":\"image/png\"}}}",
        .parameters = parts,
        .parameter_count = 4,
        .body = MCPP_BODY_MULTIPART,
        .content_type = "multipart/form-data"};
    struct body body, other;
    CHECK(!build(&tool,
                 "{\"caption\":\"--x\\r\\n\",\"file\":\"/w==\",\"meta\":{\"a\": 1},"
                 "\"tags\":[1,\"two\"]}",
                 &body));
    CHECK_STR(without_boundary(&body),
              "--B\r\nContent-Disposition: form-data; name=\"ca%22p%0D%0A\"\r\n\r\n--x\r\n\r\n"
              "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n"
              "Content-Type: image/png\r\n\r\n\xff\r\n"
              "--B\r\nContent-Disposition: form-data; name=\"meta\"\r\n"
              "Content-Type: application/json\r\n\r\n{\"a\":1}\r\n"
              "--B\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\n1\r\n"
              "--B\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\ntwo\r\n"
              "--B--\r\n");
    CHECK(!build(&tool, "{\"caption\":\"x\"}", &other));
    CHECK(strcmp(body.content_type, other.content_type) != 0);
    CHECK_TEXT(build(&tool, "{\"file\":\"!\"}", &body),
               "Argument file must be Base64 (RFC 4648, padded).");
}

static void test_no_memory(void)
{
    struct mcpp_tool tool = tool_with(MCPP_BODY_JSON);
    struct pool *roomy = pool;
    struct body body;
    unsigned refused = 0;
    char json[2000];
    snprintf(json, sizeof json, "{\"id\":1,\"name\":\"%01800d\"}", 0);
    struct value value;
    struct text message = {.pool = roomy};
    text_add_format(&message, "[%s]", json);
    CHECK(value_scan(text_slice(&message), 100, roomy, &value));
    struct call_arguments arguments = {value.text, value.tape, 1};
    for (size_t limit = 0; limit < 12000; limit += 97) {
        struct matched matched;
        pool = pool_open(limit);
        const char *refusal = arguments_match(&tool, &arguments, pool, &matched);
        if (!refusal)
            refusal = body_build(&matched, &body);
        refused += refusal == refusal_no_memory;
        CHECK(!refusal || refusal == refusal_no_memory);
        pool_close(pool);
    }
    pool = roomy;
    CHECK(refused > 0 && refused < 12000 / 97);
}

int main(void)
{
    pool = pool_open(1 << 20);
    test_json();
    test_optional();
    test_whole();
    test_form();
    test_multipart();
    test_no_memory();
    pool_close(pool);
    return check_report();
}

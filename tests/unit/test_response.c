/*
 * Answers of a backend as results of a tool.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/response.h"
#include "runtime/backend/value.h"
#include "tests/unit/check.h"

static struct pool *pool;
static struct mcpp_tool tool = {.name = "get/it", .output_schema = ""};
static struct call_result result;

static void map(const struct upstream_response *response)
{
    struct response_source source = {&tool, SLICE("api.example"), 30000, 100, NULL, NULL, pool};
    response_map(&source, response, &result);
}

static void answer(unsigned status, const char *type, struct slice body)
{
    struct text copy = {.pool = pool};
    text_add(&copy, body);
    text_add_byte(&copy, '\0');
    map(&(struct upstream_response){.outcome = UPSTREAM_ANSWERED,
                                    .detail = "",
                                    .status = status,
                                    .content_type = slice_of(type),
                                    .body = {copy.at, body.len}});
}

/* The text of the result's first content item. */
static struct slice first_text(void)
{
    struct value content, text;
    struct slice characters = {NULL, 0};
    struct text copy = {.pool = pool};
    text_add(&copy, result.content);
    text_add_byte(&copy, '\0');
    struct slice json = {copy.at, copy.len - 1};
    if (CHECK(value_scan(json, 100, pool, &content))) {
        struct value_walk walk = value_first(&content);
        if (CHECK(value_next(&walk)) && value_member(&walk.item, "text", &text))
            CHECK(value_characters(&text, pool, &characters));
    }
    return characters;
}

static bool mentions(const char *words)
{
    struct slice text = first_text();
    bool found = memmem(text.at, text.len, words, strlen(words)) != NULL;
    if (!found)
        fprintf(stderr, "    %.*s\n", SLICE_ARG(text));
    return found;
}

static void test_json(void)
{
    answer(200, "application/json", SLICE("{\n \"id\": 9007199254740993, \"s\": \"a \\\" b\"}\n"));
    CHECK(!result.is_error);
    CHECK_STR(result.structured, "{\"id\":9007199254740993,\"s\":\"a \\\" b\"}");
    CHECK_STR(first_text(), "{\n \"id\": 9007199254740993, \"s\": \"a \\\" b\"}\n");
    CHECK(memchr(result.content.at, '\n', result.content.len) == NULL);
    answer(201, "application/hal+JSON ; charset=utf-8", SLICE("{}"));
    CHECK_STR(result.structured, "{}");
    answer(200, "application/json", SLICE("[1,2]"));
    CHECK(!result.is_error && result.structured.len == 0);
    CHECK_STR(result.content, "[{\"type\":\"text\",\"text\":\"[1,2]\"}]");
    static const char *const broken[] = {"{", "{\"a\":1,\"a\":2}", "{}x", "{'a':1}",
                                         "\xef\xbb\xbf{}"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        answer(200, "application/json", slice_of(broken[i]));
        CHECK(!result.is_error && result.structured.len == 0);
        CHECK_STR(first_text(), broken[i]);
    }
}

static void test_text_and_bytes(void)
{
    answer(200, "text/csv; charset=utf-8", SLICE("a,\"b\"\r\n\xc3\xa9"));
    CHECK_STR(result.content, "[{\"type\":\"text\",\"text\":\"a,\\\"b\\\"\\r\\n\xc3\xa9\"}]");
    answer(200, "text/plain",
           SLICE("a\xff"
                 "b"));
    CHECK_STR(first_text(), "a\xef\xbf\xbd"
                            "b");
    answer(200, "", SLICE("plain"));
    CHECK_STR(first_text(), "plain");
    answer(200, "image/png", SLICE("\x89PNG"));
    CHECK_STR(result.content,
              "[{\"type\":\"image\",\"mimeType\":\"image/png\",\"data\":\"iVBORw==\"}]");
    answer(200, "audio/wav;x=1", SLICE("RIFF"));
    CHECK_STR(result.content,
              "[{\"type\":\"audio\",\"mimeType\":\"audio/wav\",\"data\":\"UklGRg==\"}]");
    answer(200, "application/pdf", SLICE("%PDF"));
    CHECK_STR(result.content,
              "[{\"type\":\"resource\",\"resource\":{\"uri\":\"mcpp:///tools/get%2Fit/result\","
              "\"mimeType\":\"application/pdf\",\"blob\":\"JVBERg==\"}}]");
    answer(200, "", SLICE("\x00\xff"));
    CHECK(memmem(result.content.at, result.content.len, "\"blob\":\"AP8=\"", 13) != NULL);
    answer(204, "", SLICE(""));
    CHECK(!result.is_error);
    CHECK_STR(first_text(), "204 No Content");
    answer(200, "application/json", SLICE(""));
    CHECK_STR(first_text(), "200 OK, without content");
}

static void test_output_schema(void)
{
    tool.output_schema = "{\"type\":\"object\"}";
    answer(200, "application/json", SLICE("{\"a\":1}"));
    CHECK(!result.is_error && result.structured.len);
    answer(200, "text/plain", SLICE("fine"));
    CHECK(result.is_error);
    CHECK(mentions("did what was asked"));
    CHECK(memmem(result.content.at, result.content.len, "\"text\":\"fine\"", 13) != NULL);
    answer(204, "", SLICE(""));
    CHECK(result.is_error);
    answer(200, "application/json", SLICE("[1]"));
    CHECK(result.is_error && result.structured.len == 0);
    tool.output_schema = "{\"type\":\"array\"}";
    answer(200, "application/json", SLICE("[1, 2]"));
    CHECK(!result.is_error);
    CHECK_STR(result.structured, "[1,2]");
    tool.output_schema = "";
}

static void test_errors(void)
{
    answer(404, "application/json", SLICE("{\"message\":\"no such pet\"}"));
    CHECK(result.is_error && result.structured.len == 0);
    CHECK_STR(first_text(),
              "The backend api.example answered 404 Not Found:\n{\"message\":\"no such pet\"}");
    answer(500, "application/pdf", SLICE("%PDF"));
    CHECK_STR(first_text(), "The backend api.example answered 500 Internal Server Error");
    answer(599, "", SLICE(""));
    CHECK_STR(first_text(), "The backend api.example answered 599");
    answer(302, "text/html", SLICE("<a href='http://internal/'>"));
    CHECK(result.is_error);
    CHECK_STR(first_text(), "The backend api.example answered 302 Found; it redirects elsewhere, "
                            "which is not followed");
    map(&(struct upstream_response){.outcome = UPSTREAM_ANSWERED,
                                    .detail = "",
                                    .status = 429,
                                    .retry_after = SLICE("30"),
                                    .body = SLICE("")});
    CHECK_STR(first_text(),
              "The backend api.example answered 429 Too Many Requests (retry after: 30)");
}

static void test_excerpt(void)
{
    char body[5001];
    for (size_t i = 0; i + 1 < sizeof body; i += 2)
        memcpy(body + i, "\xc3\xa9", 2);
    body[0] = 'x'; /* now every cut at an even place would split a character */
    body[1] = 'y';
    body[5000] = '\xff';
    answer(400, "text/plain", (struct slice){body, sizeof body});
    struct slice text = first_text();
    CHECK(text.len < 2200);
    CHECK(mentions("… (5001 bytes in all)"));
    CHECK(memmem(text.at, text.len, "\xef\xbf\xbd", 3) == NULL);
}

static void test_failures(void)
{
    static const struct {
        enum upstream_outcome outcome;
        const char *detail, *wanted;
    } rows[] = {
        {UPSTREAM_UNREACHABLE, "connection refused",
         "The backend api.example cannot be reached: connection refused."},
        {UPSTREAM_TIMEOUT, "timed out",
         "The backend api.example did not answer within 30000 ms; "
         "whether it did what was asked is not known."},
        {UPSTREAM_TOO_LARGE, "x",
         "The backend api.example answered with more than this server "
         "takes."},
        {UPSTREAM_BROKEN, "connection reset",
         "The backend api.example did not answer properly: connection reset."},
        {UPSTREAM_OVERLOADED, "x",
         "The backend api.example was not asked: too many calls are "
         "waiting for it. Try later."},
        {UPSTREAM_NO_MEMORY, "x",
         "The backend api.example was not asked: this server is out of "
         "memory. Try later."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        map(&(struct upstream_response){.outcome = rows[i].outcome, .detail = rows[i].detail});
        CHECK(result.is_error);
        CHECK_STR(first_text(), rows[i].wanted);
    }
}

/* Whatever the pool's limit: an answer, and one that is JSON. */
static void test_no_memory(void)
{
    static char body[20001];
    struct pool *roomy = pool;
    unsigned failed = 0, done = 0;
    snprintf(body, sizeof body, "{\"a\":\"%019900d\"}", 0);
    for (size_t limit = 0; limit < 200000; limit += 1999) {
        struct pool *small = pool_open(limit);
        struct response_source source = {&tool, SLICE("h"), 1, 100, NULL, NULL, small};
        struct upstream_response response = {.outcome = UPSTREAM_ANSWERED,
                                             .detail = "",
                                             .status = 200,
                                             .content_type = SLICE("application/json"),
                                             .body = slice_of(body)};
        response_map(&source, &response, &result);
        CHECK(first_text().len > 0);
        failed += result.is_error;
        done += result.structured.len > 0;
        pool_close(small);
    }
    pool = roomy;
    CHECK(failed > 0 && done > 0);
}

int main(void)
{
    pool = pool_open(1 << 24);
    test_json();
    test_text_and_bytes();
    test_output_schema();
    test_errors();
    test_excerpt();
    test_failures();
    test_no_memory();
    pool_close(pool);
    return check_report();
}

/*
 * The JSON scanner: every file of JSONTestSuite, and what the suite does not ask.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "grammar/json.h"

#include <dirent.h>
#include <stdlib.h>

#include "compiler/base/source.h"
#include "tests/unit/check.h"

static void *grow(void *context, void *nodes, size_t old_size, size_t new_size)
{
    (void)context, (void)old_size;
    return realloc(nodes, new_size);
}

static void *grow_nothing(void *context, void *nodes, size_t old_size, size_t new_size)
{
    (void)context, (void)nodes, (void)old_size, (void)new_size;
    return NULL;
}

static struct json_tape tape = {.depth_max = 100, .node_max = 10000000, .grow = grow};
static size_t where;

/* The text is copied into memory of its own size, so that reading past it is noticed. */
static enum json_error scan_bytes(const char *bytes, size_t size)
{
    char *text = malloc(size + 1);
    memcpy(text, bytes, size);
    text[size] = '"'; /* the byte behind the text must not matter */
    enum json_error error = json_scan(text, size, &tape, &where);
    free(text);
    return error;
}

static enum json_error scan_text(const char *text)
{
    return scan_bytes(text, strlen(text));
}

static void test_values(void)
{
    const char *text = "{\"a\":[1,-2.5e+3,true],\"b\\u0063\":{\"d\":null},\"e\":\"x\\n\"}";
    CHECK_INT(json_scan(text, strlen(text), &tape, NULL), JSON_OK);
    CHECK_INT(tape.count, 12);
    CHECK_INT(tape.nodes[0].kind, JSON_OBJECT);
    CHECK_INT(tape.nodes[0].count, 3);
    CHECK_INT(tape.nodes[0].next, 12);
    CHECK_INT(tape.nodes[0].end, strlen(text));
    CHECK_INT(tape.nodes[2].kind, JSON_ARRAY);
    CHECK_INT(tape.nodes[2].count, 3);
    CHECK_INT(tape.nodes[2].next, 6);
    CHECK_INT(tape.nodes[4].kind, JSON_NUMBER);
    CHECK_INT(tape.nodes[4].end - tape.nodes[4].start, 7);
    CHECK_INT(json_member(text, &tape, 0, "bc"), 7);
    CHECK_INT(json_member(text, &tape, 7, "d"), 9);
    CHECK_INT(json_member(text, &tape, 0, "d"), 0);
    CHECK_INT(json_member(text, &tape, 2, "a"), 0);
    char out[8];
    CHECK_INT(json_unescape(text, &tape.nodes[11], out), 2);
    CHECK(memcmp(out, "x\n", 2) == 0);
}

static void test_unescape(void)
{
    const char *text = "\"\\u0000\\u00e9\\u20ac\\ud83d\\ude00\\/\\\"\\\\\\b\\f\\n\\r\\t\xc3\xa9\"";
    const char wanted[] = "\0\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80/\"\\\b\f\n\r\t\xc3\xa9";
    CHECK_INT(json_scan(text, strlen(text), &tape, NULL), JSON_OK);
    char out[64];
    CHECK_INT(json_unescape(text, &tape.nodes[0], out), sizeof wanted - 1);
    CHECK(memcmp(out, wanted, sizeof wanted - 1) == 0);
    CHECK(json_string_is(text, &tape.nodes[0], wanted, sizeof wanted - 1));
    CHECK(!json_string_is(text, &tape.nodes[0], wanted, sizeof wanted - 2));
    CHECK(!json_string_is(text, &tape.nodes[0], wanted, sizeof wanted));
}

static void test_refused(void)
{
    static const struct {
        const char *text;
        enum json_error error;
        size_t where;
    } cases[] = {
        {"", JSON_ERROR_SYNTAX, 0},
        {"  ", JSON_ERROR_SYNTAX, 2},
        {"[1,]", JSON_ERROR_SYNTAX, 3},
        {"{\"a\":1,}", JSON_ERROR_SYNTAX, 7},
        {"{\"a\" 1}", JSON_ERROR_SYNTAX, 5},
        {"{1:1}", JSON_ERROR_SYNTAX, 1},
        {"[1}", JSON_ERROR_SYNTAX, 2},
        {"{]", JSON_ERROR_SYNTAX, 1},
        {"]", JSON_ERROR_SYNTAX, 0},
        {"1 2", JSON_ERROR_SYNTAX, 2},
        {"01", JSON_ERROR_SYNTAX, 1},
        {"1.", JSON_ERROR_SYNTAX, 1},
        {"+1", JSON_ERROR_SYNTAX, 0},
        {"-", JSON_ERROR_SYNTAX, 0},
        {"1e", JSON_ERROR_SYNTAX, 1},
        {"NaN", JSON_ERROR_SYNTAX, 0},
        {"truex", JSON_ERROR_SYNTAX, 4},
        {"True", JSON_ERROR_SYNTAX, 0},
        {"\"abcdefghij", JSON_ERROR_SYNTAX, 11},
        {"\"a\nb\"", JSON_ERROR_SYNTAX, 2},
        {"\"abcdefgh\x1f\"", JSON_ERROR_SYNTAX, 9},
        {"\"\\x\"", JSON_ERROR_SYNTAX, 1},
        {"\"\\u12g4\"", JSON_ERROR_SYNTAX, 1},
        {"\xef\xbb\xbf{}", JSON_ERROR_SYNTAX, 0},
        {"\"\\ud800\"", JSON_ERROR_UTF8, 1},
        {"\"\\udc00\\ud800\"", JSON_ERROR_UTF8, 1},
        {"\"\\ud800\\u0041\"", JSON_ERROR_UTF8, 1},
        {"\"\xc0\xaf\"", JSON_ERROR_UTF8, 1},
        {"\"\xed\xa0\x80\"", JSON_ERROR_UTF8, 1},
        {"\"\xf4\x90\x80\x80\"", JSON_ERROR_UTF8, 1},
        {"\"a\xc3", JSON_ERROR_UTF8, 2},
        {"\"12345678\xff\"", JSON_ERROR_UTF8, 9},
        {"{\"a\":1,\"b\":2,\"a\":3}", JSON_ERROR_DUPLICATE, 13},
        {"{\"a\":1,\"\\u0061\":3}", JSON_ERROR_DUPLICATE, 7},
        {"[{\"x\":{\"\":1,\"\":3}}]", JSON_ERROR_DUPLICATE, 12},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum json_error error = scan_text(cases[i].text);
        if (!CHECK(error == cases[i].error && where == cases[i].where))
            fprintf(stderr, "    %s: %s at %zu\n", cases[i].text, json_error_text(error), where);
    }
    CHECK_INT(scan_bytes("[1\0]", 4), JSON_ERROR_SYNTAX);
    CHECK_INT(scan_bytes("1\0", 2), JSON_ERROR_SYNTAX);
    CHECK_INT(scan_bytes("\"\0\"", 3), JSON_ERROR_SYNTAX);
    CHECK_INT(scan_bytes("\"a\"", 2), JSON_ERROR_SYNTAX);
    CHECK_INT(scan_text("{\"ab\":1,\"ba\":2,\"\\u0061\":3,\"\\u0062\":{\"ab\":1}}"), JSON_OK);
}

static void test_limits(void)
{
    char text[2 * JSON_DEPTH_CEILING + 3];
    tape.depth_max = UINT32_MAX;
    for (size_t depth = JSON_DEPTH_CEILING; depth <= JSON_DEPTH_CEILING + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        CHECK_INT(scan_bytes(text, 2 * depth),
                  depth == JSON_DEPTH_CEILING ? JSON_OK : JSON_ERROR_DEPTH);
    }
    tape.depth_max = 1;
    CHECK_INT(scan_text("[[]]"), JSON_ERROR_DEPTH);
    CHECK_INT(scan_text("{\"a\":1}"), JSON_OK);
    tape.depth_max = 100;
    tape.node_max = 3;
    CHECK_INT(scan_text("[1,2]"), JSON_OK);
    CHECK_INT(scan_text("[1,2,3]"), JSON_ERROR_SIZE);
    CHECK_INT(scan_text("{\"a\":{}}"), JSON_OK);
    CHECK_INT(scan_text("{\"a\":{\"b\":1}}"), JSON_ERROR_SIZE);
    tape.node_max = 10000000;
    struct json_tape empty = {.depth_max = 9, .node_max = 9, .grow = grow_nothing};
    CHECK_INT(json_scan("1", 1, &empty, &where), JSON_ERROR_MEMORY);
}

/* An object of `count` members whose last name repeats the one at `repeated`, half of them written
 * with an escape. */
static enum json_error scan_many(size_t count, size_t repeated)
{
    char *text = malloc(count * 32 + 64), *end = text;
    *end++ = '{';
    for (size_t i = 0; i < count; i++)
        end += sprintf(end, i % 2 ? "\"\\u006eame%zu\":[{}]," : "\"name%zu\":[{}],", i);
    where = (size_t)(end - text);
    end += sprintf(end, "\"name%zu\":1}", repeated);
    size_t wanted = where;
    enum json_error error = json_scan(text, (size_t)(end - text), &tape, &where);
    CHECK(error == JSON_OK || where == wanted);
    free(text);
    return error;
}

static void test_many_names(void)
{
    for (size_t count = 1; count < 40; count++) {
        CHECK_INT(scan_many(count, count), JSON_OK);
        CHECK_INT(tape.nodes[0].count, count + 1);
        for (size_t i = 0; i < count; i++)
            CHECK_INT(scan_many(count, i), JSON_ERROR_DUPLICATE);
    }
    CHECK_INT(scan_many(200000, 200000), JSON_OK);
    CHECK_INT(scan_many(200000, 77777), JSON_ERROR_DUPLICATE);
}

static void test_suite(const char *data)
{
    struct arena arena = {0};
    struct str folder = str_format(&arena, "%s/JSONTestSuite/test_parsing", data);
    int accepted = 0, refused = 0;
    DIR *entries = opendir(folder.at);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        struct str name = str_of(entry->d_name);
        if (!str_ends(name, ".json"))
            continue;
        const char *error;
        struct str path = str_format(&arena, "%.*s/%s", STR_ARG(folder), entry->d_name);
        struct source *source = source_read(&arena, path.at, &error);
        enum json_error result = scan_bytes(source->text.at, source->text.len);
        bool is_right = true;
        /* RFC 8259 says SHOULD about unique names; we say must */
        if (str_starts(name, "y_object_duplicated_key"))
            is_right = result == JSON_ERROR_DUPLICATE, refused++;
        else if (str_starts(name, "y_"))
            is_right = result == JSON_OK, accepted++;
        else if (str_starts(name, "n_"))
            is_right = result != JSON_OK, refused++;
        if (!CHECK(is_right))
            fprintf(stderr, "    %s: %s\n", entry->d_name, json_error_text(result));
    }
    if (entries)
        closedir(entries);
    printf("JSONTestSuite: %d accepted, %d refused\n", accepted, refused);
    CHECK(accepted > 0 && refused > 0);
    arena_free(&arena);
}

int main(void)
{
    test_values();
    test_unescape();
    test_refused();
    test_limits();
    test_many_names();
    const char *data = getenv("MCPP_DATA");
    if (data)
        test_suite(data);
    else
        printf("skipped: JSONTestSuite, MCPP_DATA is not set\n");
    free(tape.nodes);
    return check_report();
}

/*
 * Pools, growing texts, and wiped secrets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/memory/pool.h"
#include "runtime/memory/secret.h"
#include "tests/unit/check.h"

#include <stdalign.h>

static bool is_aligned(const void *piece)
{
    return (uintptr_t)piece % alignof(max_align_t) == 0;
}

static void gives_separate_pieces(void)
{
    struct pool *pool = pool_open(1 << 20);
    unsigned char *pieces[200];
    for (size_t i = 0; i < 200; i++) {
        pieces[i] = pool_alloc(pool, 1 + i * 7 % 300);
        if (!CHECK(pieces[i] && is_aligned(pieces[i])))
            break;
        memset(pieces[i], (int)i, 1 + i * 7 % 300);
    }
    for (size_t i = 0; i < 200; i++)
        CHECK(pieces[i][0] == (unsigned char)i && pieces[i][i * 7 % 300] == (unsigned char)i);
    unsigned char *zeroed = pool_zero(pool, 5000);
    CHECK(zeroed && zeroed[0] == 0 && zeroed[4999] == 0);
    char *text = pool_text(pool, SLICE("ab"));
    CHECK(text && strcmp(text, "ab") == 0);
    text = pool_text(pool, (struct slice){0});
    CHECK(text && text[0] == '\0');
    CHECK(pool_alloc(pool, 0) != NULL);
    pool_close(pool);
    pool_close(NULL);
}

static void stays_below_its_limit(void)
{
    struct pool *pool = pool_open(100000);
    size_t total = 0;
    while (pool_alloc(pool, 1000) && total <= 100000)
        total += 1000;
    CHECK(total <= 100000 && total >= 90000);
    CHECK(!pool_alloc(pool, SIZE_MAX));
    CHECK(!pool_alloc(pool, SIZE_MAX - 64));
    CHECK(!pool_alloc(pool, 50000));
    pool_reset(pool);
    CHECK(pool_alloc(pool, 50000) != NULL);
    pool_reset(pool);
    CHECK(pool_alloc(pool, 90000) != NULL);
    CHECK(!pool_alloc(pool, 90000));
    pool_close(pool);
    pool = pool_open(16);
    CHECK(pool_alloc(pool, 16) != NULL);
    CHECK(!pool_alloc(pool, 1));
    pool_close(pool);
}

/* A text that grows keeps its bytes, and costs about its size: the copies are not left behind. */
static void grows_a_text(void)
{
    struct pool *pool = pool_open(3 * 1024 * 1024);
    struct text text = {.pool = pool}, other = {.pool = pool};
    for (unsigned i = 0; i < 500000; i++) {
        text_add_byte(&text, (char)('a' + i % 26));
        text_add_byte(&other, (char)('A' + i % 26));
    }
    CHECK(!text.failed && !other.failed);
    CHECK_INT(text.len, 500000);
    bool is_same = true;
    for (unsigned i = 0; i < 500000; i++)
        is_same =
            is_same && text.at[i] == (char)('a' + i % 26) && other.at[i] == (char)('A' + i % 26);
    CHECK(is_same);
    pool_reset(pool);
    CHECK(pool_alloc(pool, 2500000) != NULL);
    pool_close(pool);
}

static void fails_once_and_for_all(void)
{
    struct pool *pool = pool_open(20000);
    struct text text = {.pool = pool};
    for (unsigned i = 0; i < 100000 && !text.failed; i++)
        text_add_byte(&text, 'x');
    CHECK(text.failed);
    CHECK(text.len >= 10000 && text.len <= 20000);
    size_t len = text.len;
    text_add_literal(&text, "y");
    text_add_number(&text, 1);
    text_add_format(&text, "%d", 1);
    text_add_json(&text, SLICE("z"));
    CHECK_INT(text.len, len);
    pool_close(pool);
}

static void check_json(struct slice characters, const char *wanted)
{
    struct pool *pool = pool_open(100000);
    struct text text = {.pool = pool};
    text_add_json(&text, characters);
    CHECK(!text.failed);
    CHECK_STR(text_slice(&text), wanted);
    pool_close(pool);
}

static void writes_json_strings(void)
{
    check_json(SLICE(""), "\"\"");
    check_json((struct slice){0}, "\"\"");
    check_json(SLICE("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
    check_json(SLICE("\b\t\n\f\r\v"), "\"\\b\\t\\n\\f\\r\\u000b\"");
    check_json(SLICE("\0\x1f\x7f"), "\"\\u0000\\u001f\\u007f\"");
    check_json(SLICE("\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb6"),
               "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb6\"");
    /* ill-formed: alone, overlong, surrogate, beyond U+10FFFF, cut */
    check_json(SLICE("a\x80z"), "\"a\xef\xbf\xbdz\"");
    check_json(SLICE("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    check_json(SLICE("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    check_json(SLICE("\xf4\x90\x80\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    check_json(SLICE("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    check_json(SLICE("\xe2\x82z"), "\"\xef\xbf\xbd\xef\xbf\xbdz\"");
}

static void writes_numbers(void)
{
    struct pool *pool = pool_open(100000);
    struct text text = {.pool = pool};
    text_add_number(&text, 0);
    text_add_byte(&text, ' ');
    text_add_number(&text, UINT64_MAX);
    text_add_format(&text, " %s-%d", "x", 7);
    CHECK_STR(text_slice(&text), "0 18446744073709551615 x-7");
    pool_close(pool);
}

static void keeps_secrets(void)
{
    char bytes[] = "hush";
    secret_wipe(bytes, sizeof bytes);
    CHECK(memcmp(bytes, "\0\0\0\0", sizeof bytes) == 0);
    secret_wipe(NULL, 0);
    char *copy = secret_copy(SLICE("hush"));
    CHECK(copy && strcmp(copy, "hush") == 0);
    secret_free(copy, 4);
    secret_free(NULL, 0);
    CHECK(secret_equal(SLICE("hush"), SLICE("hush")));
    CHECK(!secret_equal(SLICE("hush"), SLICE("husk")));
    CHECK(!secret_equal(SLICE("hush"), SLICE("hus")));
    CHECK(secret_equal((struct slice){0}, SLICE("")));
}

int main(void)
{
    gives_separate_pieces();
    stays_below_its_limit();
    grows_a_text();
    fails_once_and_for_all();
    writes_json_strings();
    writes_numbers();
    keeps_secrets();
    return check_report();
}

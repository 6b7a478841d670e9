/*
 * Patterns: what is found, what is not supported, and that the cost is bounded by the lengths of
 * pattern and text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "runtime/validate/pattern.h"
#include "tests/unit/check.h"

static struct pool *pool;

static enum pattern_result find(const char *source, struct slice text, uint64_t *steps)
{
    struct pattern pattern;
    if (pattern_compile(slice_of(source), pool, &pattern) != PATTERN_COMPILED)
        return PATTERN_TOO_COSTLY;
    /* of its exact size, so that a sanitizer sees the first word too many */
    uint32_t *scratch = malloc(pattern_scratch_words(&pattern) * sizeof *scratch);
    enum pattern_result result = pattern_match(&pattern, text, scratch, steps);
    free(scratch);
    return result;
}

struct example {
    const char *pattern;
    const char *found, *missed; /* texts, separated by commas; "" is no text */
};

static const struct example examples[] = {
    {"a", "a,bab", "b,A"},
    {"^a$", "a", "ab,ba,a\n"},
    {"^(a|b|cd)$", "a,b,cd", "c,d,ab"},
    {"^a|b$", "ax,xb", "xa,bx"},
    {"^(?:a|b(?:c|d))*e$", "e,abce,bdbcae", "be,abe"},
    {"^a?b*c+$", "c,ac,bbbc,abbcc", "a,ab,aac"},
    {"^a{3}$", "aaa", "aa,aaaa"},
    {"^a{2,}$", "aa,aaaaa", "a"},
    {"^a{1,3}$", "a,aa,aaa", "aaaa,b"},
    {"^(ab){0,2}c{0}$", "ab,abab", "ababab,c,abc"},
    {"^(?:a{2}){1,2}$", "aa,aaaa", "a,aaa,aaaaaa"},
    {"^a{0,1}$", "a", "aa"},
    {"^a+?b??$", "a,ab", "b"},
    {"^[a-c]+$", "abc", "abd"},
    {"^[^a-c]+$", "def", "dea"},
    {"^[]$|^[^]$", "x", "xy"},
    {"^[\\w.-]+@[\\w-]+\\.[a-z]{2,}$", "a.b-c@example.org", "@example.org,a@b"},
    {"^[\\d-x]+$", "1-x", "a"},
    {"^[a\\]\\\\^-]+$", "a]\\^-", "b"},
    {"^\\d\\D\\w\\W\\s\\S$", "1aa- x", "aaa- x"},
    {"\\bcat\\b", "a cat,cat", "concat,cats"},
    {"\\Bcat", "concat", "cat,a cat"},
    {"^.$", "x,é,😀", "xy,\n"},
    {"^\\u00e9\\x41\\u{1F600}\\uD83D\\uDE00$", "éA😀😀", "e"},
    {"^[à-ü]{2}$", "éè", "ee"},
    {"^\\t\\n\\r\\f\\v\\cJ$", "\t\n\r\f\v\n", "t"},
    {"^\\/\\-\\.\\$\\#$", "/-.$#", "/-x$#"},
    {"^(?<year>\\d{4})-(?<month>\\d{2})$", "2024-12", "24-12"},
    {"^{a}$", "{a}", "a"},
    {"^\\S+\\s\\S+$", "a\u00a0b,a b", "ab"},
    {"^((a*)*)*$", "aaa", "b"},
    {"(a|ab)(c|bcd)(d*)$", "abcd", "ab"},
};

static void each(const struct example *example, const char *texts, enum pattern_result wanted)
{
    char copy[200], *rest;
    snprintf(copy, sizeof copy, "%s", texts);
    for (char *text = strtok_r(copy, ",", &rest); text; text = strtok_r(NULL, ",", &rest)) {
        uint64_t steps = 100000;
        if (!CHECK(find(example->pattern, slice_of(text), &steps) == wanted))
            fprintf(stderr, "    %s with '%s'\n", example->pattern, text);
    }
}

static void test_found(void)
{
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        each(&examples[i], examples[i].found, PATTERN_FOUND);
        each(&examples[i], examples[i].missed, PATTERN_MISSED);
    }
    uint64_t steps = 1000;
    CHECK(find("^$", SLICE(""), &steps) == PATTERN_FOUND);
    CHECK(find("", SLICE("x"), &steps) == PATTERN_FOUND);
    CHECK(find("^a{,2}$", SLICE("a{,2}"), &steps) == PATTERN_FOUND);
    CHECK(find("^\\0$", (struct slice){"\0", 1}, &steps) == PATTERN_FOUND);
    CHECK(find("^.+$", (struct slice){"a\0b", 3}, &steps) == PATTERN_FOUND);
}

static void test_unsupported(void)
{
    static const char *const sources[] = {
        "(?=a)",         "(?!a)", "(?<=a)",      "(?<!a)",      "(a)\\1", "\\p{L}",
        "(?i)a",         "a**",   "*a",          "(a",          "a)",     "[a",
        "[b-a]",         "\\",    "[\\",         "[[:alpha:]]", "\\k<x>", "\\xZ1",
        "\\u12",         "\\u{}", "\\u{110000}", "\\ud83d",     "a{2,1}", "a{5000}",
        "(a{100}){100}", "/^a$/", "\\Aab\\Z",    "\\00",        "[a-",    "(?<n",
        "a{0,5000}",     "\\c1",  "(?",
    };
    struct pattern pattern;
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
        if (!CHECK(pattern_compile(slice_of(sources[i]), pool, &pattern) == PATTERN_UNSUPPORTED))
            fprintf(stderr, "    %s\n", sources[i]);
    char nested[400];
    memset(nested, '(', 200);
    memset(nested + 200, ')', 199);
    nested[399] = '\0';
    CHECK(pattern_compile(slice_of(nested), pool, &pattern) == PATTERN_UNSUPPORTED);
}

/* What backtracks exponentially elsewhere takes a fixed number of steps for each character. */
static void test_cost(void)
{
    static const char *const sources[] = {"(a+)+$",   "^(a|aa)+$", "(a*)*b",
                                          "^(a|a)*$", "(x+x+)+y",  "^(([a-z])+.)+[A-Z]([a-z])+$"};
    enum { LONG = 20000 };
    char *text = malloc(LONG);
    memset(text, 'a', LONG);
    text[LONG - 1] = '!';
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        uint64_t all = UINT64_MAX, half = UINT64_MAX, few = LONG / 2;
        CHECK(find(sources[i], (struct slice){text, LONG}, &all) == PATTERN_MISSED);
        CHECK(find(sources[i], (struct slice){text + LONG / 2, LONG / 2}, &half) == PATTERN_MISSED);
        all = UINT64_MAX - all;
        half = UINT64_MAX - half;
        CHECK(all > LONG && all < 100 * LONG);
        CHECK(all <= 2 * half + 100);
        CHECK(find(sources[i], (struct slice){text, LONG}, &few) == PATTERN_TOO_COSTLY);
        CHECK_INT(few, 0);
    }
    free(text);
}

/* An anchored pattern that cannot match any more does not read on. */
static void test_anchor(void)
{
    char *text = calloc(1, 100000);
    uint64_t steps = 100;
    memset(text, 'b', 100000);
    CHECK(find("^a+$", (struct slice){text, 100000}, &steps) == PATTERN_MISSED);
    free(text);
}

static void test_memory(void)
{
    struct pattern pattern;
    struct pool *small = pool_open(10);
    CHECK(pattern_compile(SLICE("abc"), small, &pattern) == PATTERN_NO_MEMORY);
    pool_close(small);
}

int main(void)
{
    pool = pool_open(SIZE_MAX);
    test_found();
    test_unsupported();
    test_cost();
    test_anchor();
    test_memory();
    pool_close(pool);
    return check_report();
}

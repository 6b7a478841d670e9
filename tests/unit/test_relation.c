/*
 * Relations between tests: what is expected of some, and that none is found that values contradict.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "compiler/analysis/relation.h"
#include "compiler/logic/compare.h"
#include "tests/unit/check.h"

static struct literal literal_of(const char *text)
{
    bool is_string = text[0] == '\'';
    struct str word = str_of(text + is_string);
    enum literal_kind kind = is_string                    ? LITERAL_STRING
                             : strcmp(text, "true") == 0  ? LITERAL_TRUE
                             : strcmp(text, "false") == 0 ? LITERAL_FALSE
                                                          : LITERAL_NUMBER;
    return (struct literal){kind, {.text = word, .is_string = is_string}};
}

struct test {
    enum comparison comparison;
    const char *literals[3]; /* 'text, number, true, false */
};

static const struct test tests[] = {
    {COMPARE_EQUAL, {"5"}},
    {COMPARE_EQUAL, {"50"}},
    {COMPARE_EQUAL, {"50.0"}},
    {COMPARE_EQUAL, {"'5"}},
    {COMPARE_EQUAL, {"'abc"}},
    {COMPARE_EQUAL, {"'b"}},
    {COMPARE_EQUAL, {"true"}},
    {COMPARE_NOT_EQUAL, {"false"}},
    {COMPARE_LESS, {"50"}},
    {COMPARE_LESS_OR_EQUAL, {"50"}},
    {COMPARE_LESS, {"5e1"}},
    {COMPARE_LESS, {"-3"}},
    {COMPARE_GREATER, {"50"}},
    {COMPARE_GREATER_OR_EQUAL, {"50"}},
    {COMPARE_GREATER, {"100"}},
    {COMPARE_GREATER_OR_EQUAL, {"50.01"}},
    {COMPARE_LESS, {"'b"}},
    {COMPARE_GREATER, {"'abb"}},
    {COMPARE_GREATER_OR_EQUAL, {"'b"}},
    {COMPARE_IN, {"5", "50"}},
    {COMPARE_IN, {"'abc", "'b"}},
    {COMPARE_IN, {"'b", "7"}},
    {COMPARE_CONTAINS, {"'b"}},
    {COMPARE_CONTAINS, {"'abc"}},
    {COMPARE_CONTAINS, {"5"}},
    {COMPARE_MATCHES, {"'a*"}},
    {COMPARE_MATCHES, {"'ab*"}},
    {COMPARE_MATCHES, {"'*c"}},
    {COMPARE_MATCHES, {"'b*"}},
    {COMPARE_MATCHES, {"'*"}},
    {COMPARE_MATCHES, {"'*x*"}},
    {COMPARE_EXISTS, {0}},
};
enum { TEST_COUNT = sizeof tests / sizeof *tests };

static const char *const values[] = {
    "5",
    "5.0",
    "50",
    "50.01",
    "50.001",
    "51",
    "100",
    "101",
    "-3",
    "-4",
    "0",
    "7",
    "1e2",
    "\"5\"",
    "\"abc\"",
    "\"ab\"",
    "\"a\"",
    "\"abb\"",
    "\"abx\"",
    "\"b\"",
    "\"bc\"",
    "\"\"",
    "\"ac\"",
    "\"x\"",
    "\"*\"",
    "\"axc\"",
    "true",
    "false",
    "[]",
    "[\"b\"]",
    "[\"b\",\"abc\"]",
    "[5]",
    "[5,\"b\"]",
    "[\"abc\",5,true]",
    "{}",
    "{\"a\":1}",
};
enum { VALUE_COUNT = sizeof values / sizeof *values };

static struct literal literals[TEST_COUNT][3];

static struct condition condition_of(uint32_t test, enum condition_kind kind)
{
    uint32_t count = 0;
    while (count < 3 && tests[test].literals[count]) {
        literals[test][count] = literal_of(tests[test].literals[count]);
        count++;
    }
    struct condition condition = {
        .kind = kind, .comparison = tests[test].comparison, .literals = {literals[test], count}};
    *(kind == CONDITION_CLAIM ? &condition.word : &condition.argument) =
        (struct word){.text = STR("x"), .is_string = true};
    return condition;
}

static void *grow(void *context, void *nodes, size_t old_size, size_t new_size)
{
    void *larger = arena_alloc(context, new_size);
    if (old_size)
        memcpy(larger, nodes, old_size);
    return larger;
}

/* `!=` as the `==` that it denies. */
static bool holds(const struct condition *test, const char *text, struct arena *arena)
{
    struct json_tape tape = {
        .depth_max = 10, .node_max = UINT32_MAX, .grow = grow, .context = arena};
    CHECK(json_scan(text, strlen(text), &tape, NULL) == JSON_OK);
    struct evaluate_json value = {text, &tape, 0};
    struct condition same = *test;
    if (same.comparison == COMPARE_NOT_EQUAL)
        same.comparison = COMPARE_EQUAL;
    return same.comparison == COMPARE_EXISTS ||
           compare_with_literals(&same, &value) == COMPARE_HOLDS;
}

static void test_no_value_contradicts(void)
{
    struct arena arena = {0};
    uint32_t implied = 0, excluded = 0;
    for (uint32_t i = 0; i < TEST_COUNT; i++)
        for (uint32_t j = 0; j < TEST_COUNT; j++) {
            struct condition left = condition_of(i, CONDITION_CLAIM);
            struct condition right = condition_of(j, CONDITION_CLAIM);
            enum relation relation = relation_of(&left, &right);
            implied += relation == RELATION_IMPLIES;
            excluded += relation == RELATION_EXCLUDES;
            for (uint32_t at = 0; at < VALUE_COUNT; at++) {
                if (!holds(&left, values[at], &arena))
                    continue;
                bool is_right = holds(&right, values[at], &arena);
                CHECK(relation != RELATION_IMPLIES || is_right);
                CHECK(relation != RELATION_EXCLUDES || !is_right);
            }
        }
    CHECK(implied > TEST_COUNT && excluded > TEST_COUNT);
    arena_free(&arena);
}

static enum relation related(uint32_t left, uint32_t right)
{
    struct condition a = condition_of(left, CONDITION_ARGUMENT);
    struct condition b = condition_of(right, CONDITION_ARGUMENT);
    return relation_of(&a, &b);
}

static uint32_t find(enum comparison comparison, const char *literal)
{
    uint32_t found = 0;
    while (found < TEST_COUNT &&
           (tests[found].comparison != comparison || !tests[found].literals[0] ||
            strcmp(tests[found].literals[0], literal) != 0))
        found++;
    CHECK(found < TEST_COUNT);
    return found % TEST_COUNT;
}

static void test_what_is_found(void)
{
    uint32_t above_100 = find(COMPARE_GREATER, "100"), above_50 = find(COMPARE_GREATER, "50");
    uint32_t below_50 = find(COMPARE_LESS, "50"), to_50 = find(COMPARE_LESS_OR_EQUAL, "50");
    uint32_t from_50 = find(COMPARE_GREATER_OR_EQUAL, "50");
    CHECK(related(above_100, above_50) == RELATION_IMPLIES);
    CHECK(related(above_50, above_100) == RELATION_NONE);
    CHECK(related(above_100, below_50) == RELATION_EXCLUDES);
    CHECK(related(above_50, to_50) == RELATION_EXCLUDES);
    CHECK(related(from_50, to_50) == RELATION_NONE);
    CHECK(related(from_50, below_50) == RELATION_EXCLUDES);
    CHECK(related(above_50, from_50) == RELATION_IMPLIES);
    CHECK(related(from_50, above_50) == RELATION_NONE);
    CHECK(related(below_50, find(COMPARE_LESS, "5e1")) == RELATION_IMPLIES);
    CHECK(related(find(COMPARE_EQUAL, "50"), find(COMPARE_EQUAL, "50.0")) == RELATION_IMPLIES);
    CHECK(related(find(COMPARE_EQUAL, "5"), find(COMPARE_EQUAL, "'5")) == RELATION_EXCLUDES);
    CHECK(related(find(COMPARE_EQUAL, "5"), find(COMPARE_IN, "5")) == RELATION_IMPLIES);
    CHECK(related(find(COMPARE_IN, "5"), below_50) == RELATION_NONE);
    CHECK(related(find(COMPARE_IN, "5"), to_50) == RELATION_IMPLIES);
    CHECK(related(find(COMPARE_IN, "5"), above_100) == RELATION_EXCLUDES);
    CHECK(related(above_100, find(COMPARE_IN, "5")) == RELATION_EXCLUDES);
    CHECK(related(find(COMPARE_MATCHES, "'ab*"), find(COMPARE_MATCHES, "'a*")) == RELATION_IMPLIES);
    CHECK(related(find(COMPARE_MATCHES, "'a*"), find(COMPARE_MATCHES, "'b*")) == RELATION_EXCLUDES);
    CHECK(related(find(COMPARE_MATCHES, "'a*"), find(COMPARE_MATCHES, "'*c")) == RELATION_NONE);
    CHECK(related(find(COMPARE_MATCHES, "'a*"), above_50) == RELATION_EXCLUDES);
    CHECK(related(find(COMPARE_EQUAL, "'abc"), find(COMPARE_MATCHES, "'*c")) == RELATION_IMPLIES);
    CHECK(related(find(COMPARE_CONTAINS, "'b"), find(COMPARE_CONTAINS, "'abc")) == RELATION_NONE);
    CHECK(related(find(COMPARE_EQUAL, "'b"), find(COMPARE_CONTAINS, "'b")) == RELATION_IMPLIES);
    CHECK(related(find(COMPARE_CONTAINS, "'b"), find(COMPARE_EQUAL, "'b")) == RELATION_NONE);
    CHECK(related(find(COMPARE_CONTAINS, "'b"), find(COMPARE_EQUAL, "'abc")) == RELATION_EXCLUDES);
}

static void test_other_values(void)
{
    struct condition claim = condition_of(0, CONDITION_CLAIM);
    struct condition argument = condition_of(0, CONDITION_ARGUMENT);
    struct condition other = claim;
    other.word.text = STR("y");
    CHECK(relation_of(&claim, &claim) == RELATION_IMPLIES);
    CHECK(relation_of(&claim, &argument) == RELATION_NONE);
    CHECK(relation_of(&claim, &other) == RELATION_NONE);
    struct condition both = {
        .kind = CONDITION_CLAIM_IS_ARGUMENT, .word = claim.word, .argument = argument.argument};
    claim.comparison = argument.comparison = COMPARE_EXISTS;
    CHECK(relation_of(&both, &claim) == RELATION_IMPLIES);
    CHECK(relation_of(&both, &argument) == RELATION_IMPLIES);
    CHECK(relation_of(&claim, &both) == RELATION_NONE);
}

int main(void)
{
    test_no_value_contradicts();
    test_what_is_found();
    test_other_values();
    return check_report();
}

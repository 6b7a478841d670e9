/*
 * Comparing tests by trying their literals on each other, with the reference evaluator.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/analysis/relation.h"

#include <string.h>

#include "compiler/logic/compare.h"
#include "compiler/openapi/json_write.h"

/* ---- trying literals ---- */

static void *grow_nodes(void *context, void *nodes, size_t old_size, size_t new_size)
{
    void *larger = arena_alloc(context, new_size);
    if (old_size)
        memcpy(larger, nodes, old_size);
    return larger;
}

static struct str literal_json(const struct literal *literal, struct arena *arena)
{
    struct str_builder out = {.arena = arena};
    if (literal->kind == LITERAL_STRING)
        json_write_string(&out, literal->word.text);
    else
        str_add(&out, literal->word.text);
    return str_built(&out);
}

/* Whether the test holds for a value that is this literal. */
static bool holds_for(const struct condition *test, const struct literal *literal)
{
    struct arena scratch = {0};
    struct condition same = *test;
    struct json_tape tape = {.depth_max = JSON_DEPTH_CEILING,
                             .node_max = UINT32_MAX,
                             .grow = grow_nodes,
                             .context = &scratch};
    struct str text = literal_json(literal, &scratch);
    struct evaluate_json value = {text.at, &tape, 0};
    if (same.comparison == COMPARE_NOT_EQUAL)
        same.comparison = COMPARE_EQUAL;
    bool holds = json_scan(text.at, text.len, &tape, NULL) == JSON_OK &&
                 (same.comparison == COMPARE_EXISTS ||
                  compare_with_literals(&same, &value) == COMPARE_HOLDS);
    arena_free(&scratch);
    return holds;
}

static uint32_t count_held(const struct condition *test, struct literals literals)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < literals.count; i++)
        count += holds_for(test, &literals.at[i]);
    return count;
}

/* ---- orders ---- */

static bool is_upward(enum comparison comparison)
{
    return comparison == COMPARE_GREATER || comparison == COMPARE_GREATER_OR_EQUAL;
}

static bool is_strict(enum comparison comparison)
{
    return comparison == COMPARE_GREATER || comparison == COMPARE_LESS;
}

/* Whether one literal is beyond the other in the direction of the comparison. */
static bool is_beyond(enum comparison comparison, const struct literal *literal,
                      const struct literal *bound)
{
    const struct condition test = {.kind = CONDITION_CLAIM,
                                   .comparison =
                                       is_upward(comparison) ? COMPARE_GREATER : COMPARE_LESS,
                                   .literals = {bound, 1}};
    return holds_for(&test, literal);
}

/* Two rays on one line. */
static enum relation relate_orders(const struct condition *left, const struct condition *right)
{
    const struct literal *from = &left->literals.at[0], *to = &right->literals.at[0];
    bool is_beyond_it = is_beyond(left->comparison, from, to);
    bool is_before_it = is_beyond(left->comparison, to, from);
    bool is_equal = !is_beyond_it && !is_before_it;
    if (from->kind != to->kind)
        return RELATION_EXCLUDES;
    if (is_upward(left->comparison) == is_upward(right->comparison))
        return is_beyond_it ||
                       (is_equal && (is_strict(left->comparison) || !is_strict(right->comparison)))
                   ? RELATION_IMPLIES
                   : RELATION_NONE;
    return is_beyond_it ||
                   (is_equal && (is_strict(left->comparison) || is_strict(right->comparison)))
               ? RELATION_EXCLUDES
               : RELATION_NONE;
}

/* ---- globs ---- */

/* No text can begin, or end, with both. */
static bool are_apart(struct str left, struct str right)
{
    size_t left_head = str_find(left, '*'), right_head = str_find(right, '*');
    size_t head = left_head < right_head ? left_head : right_head;
    if (!str_equal(str_part(left, 0, head), str_part(right, 0, head)))
        return true;
    for (size_t i = 1; i <= left.len && i <= right.len; i++) {
        char a = left.at[left.len - i], b = right.at[right.len - i];
        if (a == '*' || b == '*')
            return false;
        if (a != b)
            return true;
    }
    return false;
}

/* A glob that fits the letters of another one fits all that it stands for: only a star fits a star.
 */
static enum relation relate_globs(const struct condition *left, const struct condition *right)
{
    const struct literal *from = &left->literals.at[0], *to = &right->literals.at[0];
    if (holds_for(right, from))
        return RELATION_IMPLIES;
    return are_apart(from->word.text, to->word.text) ? RELATION_EXCLUDES : RELATION_NONE;
}

/* ---- all ---- */

/* One value out of these. */
static bool is_listing(const struct condition *test)
{
    return test->comparison == COMPARE_EQUAL || test->comparison == COMPARE_NOT_EQUAL ||
           test->comparison == COMPARE_IN;
}

static bool is_order(const struct condition *test)
{
    return test->comparison == COMPARE_LESS || test->comparison == COMPARE_LESS_OR_EQUAL ||
           test->comparison == COMPARE_GREATER || test->comparison == COMPARE_GREATER_OR_EQUAL;
}

/* An array holds other elements beside the one that is contained; a value that passes the other
 * kinds of tests is no array. */
static bool is_of_one_value(const struct condition *test)
{
    return test->comparison != COMPARE_CONTAINS && test->comparison != COMPARE_EXISTS;
}

static enum relation relate_values(const struct condition *left, const struct condition *right)
{
    if (is_listing(left)) {
        uint32_t count = count_held(right, left->literals);
        return count == left->literals.count ? RELATION_IMPLIES
               : count == 0                  ? RELATION_EXCLUDES
                                             : RELATION_NONE;
    }
    bool is_right_listed = is_listing(right) || right->comparison == COMPARE_CONTAINS;
    if (is_of_one_value(left) && is_right_listed)
        return count_held(left, right->literals) == 0 ? RELATION_EXCLUDES : RELATION_NONE;
    if (left->comparison == COMPARE_CONTAINS && is_of_one_value(right))
        return count_held(right, left->literals) == 0 ? RELATION_EXCLUDES : RELATION_NONE;
    if (is_order(left) && is_order(right))
        return relate_orders(left, right);
    if (left->comparison == COMPARE_MATCHES && right->comparison == COMPARE_MATCHES)
        return relate_globs(left, right);
    const struct condition *order = is_order(left) ? left : right;
    if (is_order(order) && order->literals.at[0].kind != LITERAL_STRING &&
        (left->comparison == COMPARE_MATCHES || right->comparison == COMPARE_MATCHES))
        return RELATION_EXCLUDES;
    return RELATION_NONE;
}

static bool has_argument(const struct condition *test)
{
    return test->kind == CONDITION_ARGUMENT || test->kind == CONDITION_CLAIM_IS_ARGUMENT;
}

static bool has_claim(const struct condition *test)
{
    return test->kind == CONDITION_CLAIM || test->kind == CONDITION_CLAIM_IS_ARGUMENT;
}

static bool is_same_argument(const struct condition *left, const struct condition *right)
{
    return has_argument(left) && has_argument(right) &&
           str_equal(left->argument.text, right->argument.text) &&
           left->argument.is_string == right->argument.is_string;
}

static bool is_same_claim(const struct condition *left, const struct condition *right)
{
    return has_claim(left) && has_claim(right) && str_equal(left->word.text, right->word.text);
}

enum relation relation_of(const struct condition *left, const struct condition *right)
{
    bool is_claim = is_same_claim(left, right) && right->kind == CONDITION_CLAIM;
    bool is_argument = is_same_argument(left, right) && right->kind == CONDITION_ARGUMENT;
    if (!is_claim && !is_argument)
        return RELATION_NONE;
    if (right->comparison == COMPARE_EXISTS)
        return RELATION_IMPLIES;
    if (left->kind == CONDITION_CLAIM_IS_ARGUMENT || left->comparison == COMPARE_EXISTS)
        return RELATION_NONE;
    return relate_values(left, right);
}

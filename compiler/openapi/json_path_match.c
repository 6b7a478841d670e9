/*
 * Whether a segment of a JSONPath selects a child.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "compiler/openapi/json_path.h"

static const struct node *value_at(const struct node *parent, uint32_t index)
{
    return parent->kind == NODE_MAPPING ? parent->members[index].value : parent->items[index];
}

static const struct node *take_step(const struct node *node, const struct path_step *step)
{
    if (!step->is_index) {
        const struct member *member = node_member(node, step->name);
        return member ? member->value : NULL;
    }
    int64_t index = step->index < 0 ? step->index + node->count : step->index;
    bool is_inside = node->kind == NODE_SEQUENCE && index >= 0 && index < node->count;
    return is_inside ? node->items[index] : NULL;
}

/* ---- comparing (RFC 9535, section 2.3.5.2.2) ---- */

static double number_of(const struct node *node)
{
    struct str text = node->text;
    char digits[64];
    size_t size = text.len < sizeof digits ? text.len : sizeof digits - 1;
    for (size_t i = 0; i < size; i++)
        digits[i] = text.at[i];
    digits[size] = '\0';
    return strtod(digits, NULL);
}

static bool is_equal(const struct node *left, const struct node *right)
{
    if (!left || left->kind != right->kind)
        return false;
    if (left->kind == NODE_BOOLEAN)
        return left->is_true == right->is_true;
    if (left->kind == NODE_NUMBER)
        return str_equal(left->text, right->text) ||
               !(number_of(left) < number_of(right) || number_of(left) > number_of(right));
    return left->kind == NODE_NULL ||
           (left->kind == NODE_STRING && str_equal(left->text, right->text));
}

static bool is_less(const struct node *left, const struct node *right)
{
    if (!left || left->kind != right->kind)
        return false;
    if (left->kind == NODE_NUMBER)
        return number_of(left) < number_of(right);
    return left->kind == NODE_STRING && str_compare(left->text, right->text) < 0;
}

static bool is_more(const struct node *left, const struct node *right)
{
    return left && is_less(right, left);
}

static bool compare(const struct node *left, enum path_comparison comparison,
                    const struct node *right)
{
    switch (comparison) {
    case COMPARE_EQUAL:
        return is_equal(left, right);
    case COMPARE_NOT_EQUAL:
        return !is_equal(left, right);
    case COMPARE_LESS_EQUAL:
        return is_less(left, right) || is_equal(left, right);
    case COMPARE_GREATER_EQUAL:
        return is_more(left, right) || is_equal(left, right);
    case COMPARE_LESS:
        return is_less(left, right);
    case COMPARE_GREATER:
        return is_more(left, right);
    }
    return false;
}

/* ---- tests ---- */

static bool holds(const struct path_test *test, const struct node *child)
{
    if (test->kind == TEST_OR)
        return holds(test->left, child) || holds(test->right, child);
    if (test->kind == TEST_AND)
        return holds(test->left, child) && holds(test->right, child);
    if (test->kind == TEST_NOT)
        return !holds(test->left, child);
    for (uint32_t i = 0; child && i < test->step_count; i++)
        child = take_step(child, &test->steps[i]);
    return test->kind == TEST_EXISTS ? child != NULL
                                     : compare(child, test->comparison, test->literal);
}

static bool is_selected(const struct path_selector *selector, const struct node *parent,
                        uint32_t index)
{
    const struct path_step *step = &selector->step;
    if (selector->kind == SELECTOR_ALL)
        return true;
    if (selector->kind == SELECTOR_FILTER)
        return holds(selector->test, value_at(parent, index));
    if (!step->is_index)
        return parent->kind == NODE_MAPPING && str_equal(parent->members[index].name, step->name);
    return parent->kind == NODE_SEQUENCE &&
           (step->index < 0 ? step->index + parent->count : step->index) == index;
}

bool json_path_selects(const struct path_segment *segment, const struct node *parent,
                       uint32_t index)
{
    for (uint32_t i = 0; i < segment->selector_count; i++)
        if (is_selected(&segment->selectors[i], parent, index))
            return true;
    return false;
}

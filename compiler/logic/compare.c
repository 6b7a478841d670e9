/*
 * Comparing values, the long way: strings are unescaped, numbers are brought to the form
 * 0.DIGITS times a power of ten.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/logic/compare.h"

#include <stdlib.h>
#include <string.h>

static const struct json_node *node_of(const struct evaluate_json *value)
{
    return &value->tape->nodes[value->node];
}

static struct str characters_of(const struct evaluate_json *string, struct arena *arena)
{
    const struct json_node *node = node_of(string);
    char *out = arena_alloc(arena, node->end - node->start);
    return (struct str){out, json_unescape(string->text, node, out)};
}

static struct str digits_of(const struct evaluate_json *number)
{
    const struct json_node *node = node_of(number);
    return (struct str){number->text + node->start, node->end - node->start};
}

bool compare_find(const struct evaluate_json *object, struct path path, struct evaluate_json *out,
                  bool *is_blocked)
{
    struct arena scratch = {0};
    *is_blocked = false;
    *out = *object;
    bool found = object->text != NULL;
    for (uint32_t i = 0; found && i < path.count; i++) {
        const struct json_node *nodes = out->tape->nodes;
        uint32_t end = nodes[out->node].next, at = out->node + 1;
        found = false;
        *is_blocked = nodes[out->node].kind != JSON_OBJECT;
        for (; !*is_blocked && !found && at < end; at = nodes[at + 1].next) {
            struct evaluate_json name = {out->text, out->tape, at};
            found = str_equal(characters_of(&name, &scratch), path.names[i]);
            if (found)
                out->node = at + 1;
            if (found)
                break;
        }
    }
    arena_free(&scratch);
    return found;
}

/* ---- numbers ---- */

/* 0.DIGITS * 10^power, without zeros at either end of the digits; none: zero. */
struct number {
    bool is_negative;
    struct str digits;
    long long power;
};

static struct number number_of(struct str text, struct arena *arena)
{
    struct str_builder digits = {.arena = arena};
    struct number out = {.is_negative = str_starts(text, "-")};
    bool is_fraction = false;
    size_t i = out.is_negative;
    for (; i < text.len && (text.at[i] | 0x20) != 'e'; i++) {
        is_fraction |= text.at[i] == '.';
        if (text.at[i] == '.')
            continue;
        str_add_byte(&digits, text.at[i]);
        out.power += is_fraction ? 0 : 1;
    }
    if (i < text.len)
        out.power += strtoll(str_text(arena, str_from(text, i + 1)), NULL, 10);
    out.digits = str_built(&digits);
    while (out.digits.len && out.digits.at[0] == '0') {
        out.digits = str_from(out.digits, 1);
        out.power--;
    }
    while (out.digits.len && out.digits.at[out.digits.len - 1] == '0')
        out.digits.len--;
    out.is_negative &= out.digits.len > 0;
    return out;
}

/* Of two numbers with the same sign, by size. Digits without trailing zeros order as texts. */
static int compare_sizes(const struct number *a, const struct number *b)
{
    if (!a->digits.len || !b->digits.len)
        return (a->digits.len > 0) - (b->digits.len > 0);
    if (a->power != b->power)
        return a->power < b->power ? -1 : 1;
    return str_compare(a->digits, b->digits);
}

static int compare_numbers(struct str left, struct str right)
{
    struct arena scratch = {0};
    struct number a = number_of(left, &scratch), b = number_of(right, &scratch);
    int order = a.is_negative != b.is_negative ? (a.is_negative ? -1 : 1)
                : a.is_negative                ? compare_sizes(&b, &a)
                                               : compare_sizes(&a, &b);
    arena_free(&scratch);
    return order;
}

/* ---- literals ---- */

static bool is_boolean(uint8_t kind)
{
    return kind == JSON_TRUE || kind == JSON_FALSE;
}

static bool is_of_type(uint8_t kind, enum literal_kind literal)
{
    if (literal == LITERAL_STRING)
        return kind == JSON_STRING;
    return literal == LITERAL_NUMBER ? kind == JSON_NUMBER : is_boolean(kind);
}

/* By trying every way to divide the text. */
static bool glob_fits(struct str text, struct str glob)
{
    if (!glob.len)
        return !text.len;
    if (glob.at[0] != '*')
        return text.len && text.at[0] == glob.at[0] &&
               glob_fits(str_from(text, 1), str_from(glob, 1));
    for (size_t i = 0; i <= text.len; i++)
        if (glob_fits(str_from(text, i), str_from(glob, 1)))
            return true;
    return false;
}

static bool order_holds(enum comparison comparison, int order)
{
    switch (comparison) {
    case COMPARE_EQUAL:
    case COMPARE_NOT_EQUAL: /* the one who asks turns it round */
    case COMPARE_CONTAINS:
    case COMPARE_IN:
        return order == 0;
    case COMPARE_LESS:
        return order < 0;
    case COMPARE_LESS_OR_EQUAL:
        return order <= 0;
    case COMPARE_GREATER:
        return order > 0;
    case COMPARE_GREATER_OR_EQUAL:
        return order >= 0;
    case COMPARE_EXISTS:
    case COMPARE_MATCHES:
        break;
    }
    return false;
}

/* The value has the literal's type. */
static bool literal_holds(enum comparison comparison, const struct literal *literal,
                          const struct evaluate_json *value)
{
    bool is_order = comparison != COMPARE_EQUAL && comparison != COMPARE_NOT_EQUAL &&
                    comparison != COMPARE_CONTAINS && comparison != COMPARE_IN;
    bool holds;
    if (literal->kind == LITERAL_NUMBER)
        return order_holds(comparison, compare_numbers(digits_of(value), literal->word.text));
    if (literal->kind != LITERAL_STRING)
        return !is_order && (node_of(value)->kind == JSON_TRUE) == (literal->kind == LITERAL_TRUE);
    struct arena scratch = {0};
    struct str text = characters_of(value, &scratch);
    if (comparison == COMPARE_MATCHES)
        holds = glob_fits(text, literal->word.text);
    else
        holds = order_holds(comparison, str_compare(text, literal->word.text));
    arena_free(&scratch);
    return holds;
}

static enum compare_result one_with_literals(const struct condition *test,
                                             const struct evaluate_json *value)
{
    bool fits = false;
    for (uint32_t i = 0; i < test->literals.count; i++) {
        const struct literal *literal = &test->literals.at[i];
        if (!is_of_type(node_of(value)->kind, literal->kind))
            continue;
        fits = true;
        if (literal_holds(test->comparison, literal, value))
            return COMPARE_HOLDS;
    }
    return fits ? COMPARE_FAILS : COMPARE_MISFITS;
}

enum compare_result compare_with_literals(const struct condition *test,
                                          const struct evaluate_json *value)
{
    if (test->comparison != COMPARE_CONTAINS || node_of(value)->kind != JSON_ARRAY)
        return one_with_literals(test, value);
    uint32_t holding = 0, misfits = 0;
    struct evaluate_json element = *value;
    for (element.node++; element.node < node_of(value)->next;
         element.node = node_of(&element)->next) {
        enum compare_result result = one_with_literals(test, &element);
        holding += result == COMPARE_HOLDS;
        misfits += result == COMPARE_MISFITS;
    }
    bool is_argument = test->kind == CONDITION_ARGUMENT;
    if (misfits && is_argument)
        return COMPARE_MISFITS;
    return holding ? COMPARE_HOLDS : COMPARE_FAILS;
}

/* ---- a claim against an argument ---- */

enum compare_result compare_claim_with_argument(const struct evaluate_json *claim,
                                                const struct evaluate_json *argument)
{
    uint8_t left = node_of(claim)->kind, right = node_of(argument)->kind;
    struct str digits = digits_of(argument);
    if (left == JSON_NUMBER && right == JSON_NUMBER)
        return compare_numbers(digits_of(claim), digits) == 0 ? COMPARE_HOLDS : COMPARE_FAILS;
    if (left != JSON_STRING || (right != JSON_STRING && right != JSON_NUMBER))
        return COMPARE_MISFITS;
    if (right == JSON_NUMBER &&
        strspn(str_starts(digits, "-") ? digits.at + 1 : digits.at, "0123456789") +
                str_starts(digits, "-") <
            digits.len)
        return COMPARE_MISFITS;
    struct arena scratch = {0};
    struct str text = characters_of(claim, &scratch);
    struct str other = right == JSON_STRING ? characters_of(argument, &scratch) : digits;
    bool is_equal = str_equal(text, other);
    arena_free(&scratch);
    return is_equal ? COMPARE_HOLDS : COMPARE_FAILS;
}

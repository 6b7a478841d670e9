/*
 * Comparing JSON values with literals. Strings are read through their escapes and numbers as the
 * decimals that they were sent as: two spellings of one value are one value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/decide/test.h"

#include "runtime/validate/decimal.h"

static const struct json_node *node_at(const struct json_place *value)
{
    return &value->nodes[value->node];
}

static struct slice bytes_of(const struct json_place *value)
{
    const struct json_node *node = node_at(value);
    return (struct slice){value->text + node->start, node->end - node->start};
}

uint32_t json_place_member(const struct json_place *object, struct slice name)
{
    const struct json_node *nodes = object->nodes;
    if (node_at(object)->kind != JSON_OBJECT)
        return 0;
    for (uint32_t at = object->node + 1; at < node_at(object)->next; at = nodes[at + 1].next)
        if (json_string_is(object->text, &nodes[at], name.at, name.len))
            return at + 1;
    return 0;
}

/* ---- values against literals ---- */

static bool is_of_type(const struct json_place *value, const struct mcpp_literal *literal)
{
    uint8_t kind = node_at(value)->kind;
    switch (literal->kind) {
    case MCPP_STRING:
        return kind == JSON_STRING;
    case MCPP_NUMBER:
        return kind == JSON_NUMBER;
    case MCPP_TRUE:
    case MCPP_FALSE:
        break;
    }
    return kind == JSON_TRUE || kind == JSON_FALSE;
}

static int compare_numbers(struct slice left, struct slice right)
{
    struct decimal a = decimal_read(left), b = decimal_read(right);
    return decimal_compare(&a, &b);
}

/* By code points, which is the order of UTF-8's bytes. */
static int compare_characters(const struct json_place *string, const char *wanted)
{
    struct json_reader reader = json_reader_open(string->text, node_at(string));
    for (;; wanted++) {
        int byte = json_reader_next(&reader), other = (unsigned char)*wanted;
        if (byte < 0 || other == 0)
            return byte >= 0 ? 1 : other ? -1 : 0;
        if (byte != other)
            return byte < other ? -1 : 1;
    }
}

/* The value is of the literal's type. */
static int compare(const struct json_place *value, const struct mcpp_literal *literal)
{
    switch (literal->kind) {
    case MCPP_STRING:
        return compare_characters(value, literal->text);
    case MCPP_NUMBER:
        return compare_numbers(bytes_of(value), slice_of(literal->text));
    case MCPP_TRUE:
        return node_at(value)->kind == JSON_TRUE ? 0 : -1;
    case MCPP_FALSE:
        break;
    }
    return node_at(value)->kind == JSON_FALSE ? 0 : 1;
}

/* Greedy with one place to go back to, the last '*': what came before it fits already. */
static bool matches(const struct json_place *string, const char *glob)
{
    struct json_reader reader = json_reader_open(string->text, node_at(string)), retry = reader;
    const char *after_star = NULL;
    for (;;) {
        if (*glob == '*') {
            after_star = ++glob;
            retry = reader;
            continue;
        }
        int byte = json_reader_next(&reader);
        if (byte < 0 && *glob == '\0')
            return true;
        if (byte >= 0 && *glob && byte == (unsigned char)*glob) {
            glob++;
            continue;
        }
        if (!after_star || json_reader_next(&retry) < 0)
            return false;
        reader = retry;
        glob = after_star;
    }
}

/* One value, of the literal's type, against it. */
static bool holds(enum mcpp_comparison comparison, const struct json_place *value,
                  const struct mcpp_literal *literal)
{
    bool has_order = literal->kind == MCPP_NUMBER || literal->kind == MCPP_STRING;
    switch (comparison) {
    case MCPP_EQUAL:
    case MCPP_IN:
    case MCPP_CONTAINS:
        return compare(value, literal) == 0;
    case MCPP_LESS:
        return has_order && compare(value, literal) < 0;
    case MCPP_LESS_OR_EQUAL:
        return has_order && compare(value, literal) <= 0;
    case MCPP_GREATER:
        return has_order && compare(value, literal) > 0;
    case MCPP_GREATER_OR_EQUAL:
        return has_order && compare(value, literal) >= 0;
    case MCPP_MATCHES:
        return literal->kind == MCPP_STRING && matches(value, literal->text);
    case MCPP_EXISTS:
    case MCPP_IS_CLAIM:
        break;
    }
    return false;
}

/* Against each literal that has the value's type; TEST_MISFITS when none has. */
static enum test_result against_literals(const struct mcpp_test *test,
                                         const struct json_place *value)
{
    bool fits = false;
    for (uint32_t i = 0; i < test->literal_count; i++) {
        if (!is_of_type(value, &test->literals[i]))
            continue;
        fits = true;
        if (holds(test->comparison, value, &test->literals[i]))
            return TEST_HOLDS;
    }
    return fits ? TEST_FAILS : TEST_MISFITS;
}

/* Each element is looked at, so that one of a wrong type is seen wherever it stands. */
static enum test_result against_elements(const struct mcpp_test *test,
                                         const struct json_place *array)
{
    enum test_result result = TEST_FAILS;
    bool fits = true;
    for (uint32_t at = array->node + 1; at < node_at(array)->next; at = array->nodes[at].next) {
        struct json_place element = {array->text, array->nodes, at};
        enum test_result one = against_literals(test, &element);
        fits &= one != TEST_MISFITS;
        result = one == TEST_HOLDS ? TEST_HOLDS : result;
    }
    return fits ? result : result == TEST_HOLDS && !test->argument ? TEST_HOLDS : TEST_MISFITS;
}

static enum test_result against(const struct mcpp_test *test, const struct json_place *value)
{
    if (test->comparison == MCPP_CONTAINS && node_at(value)->kind == JSON_ARRAY)
        return against_elements(test, value);
    return against_literals(test, value);
}

bool test_claim(const struct mcpp_test *test, const struct json_place *value)
{
    if (!value || node_at(value)->kind == JSON_NULL)
        return false;
    return test->comparison == MCPP_EXISTS || against(test, value) == TEST_HOLDS;
}

/* ---- arguments ---- */

/* "7" or "-7": the one way to write an integer. */
static bool is_plain_integer(struct slice number)
{
    for (size_t i = 0; i < number.len; i++)
        if ((number.at[i] < '0' || number.at[i] > '9') && (i || number.at[i] != '-'))
            return false;
    return true;
}

/* An identifier may be text in the token and a number in the API; nothing else is converted. */
static enum test_result against_claim(const struct caller_claim *claim,
                                      const struct json_place *value)
{
    uint8_t kind = node_at(value)->kind;
    struct slice bytes = bytes_of(value);
    bool is_equal;
    if (claim->kind == JSON_STRING && kind == JSON_STRING)
        is_equal = json_string_is(value->text, node_at(value), claim->text.at, claim->text.len);
    else if (claim->kind == JSON_NUMBER && kind == JSON_NUMBER)
        is_equal = compare_numbers(bytes, claim->text) == 0;
    else if (claim->kind == JSON_STRING && kind == JSON_NUMBER && is_plain_integer(bytes))
        is_equal = slice_equal(bytes, claim->text);
    else
        return TEST_MISFITS;
    return is_equal ? TEST_HOLDS : TEST_FAILS;
}

/* Finds the value that the test is about. TEST_HOLDS: it is there. */
static enum test_result find_argument(const struct mcpp_test *test, struct json_place *place)
{
    for (const char *const *name = test->argument; *name; name++) {
        if (node_at(place)->kind != JSON_OBJECT)
            return TEST_MISFITS;
        uint32_t member = json_place_member(place, slice_of(*name));
        if (!member)
            return TEST_FAILS;
        place->node = member;
    }
    /* whether the backend gets a null depends on its place: no rule may rest on that */
    return node_at(place)->kind == JSON_NULL ? TEST_MISFITS : TEST_HOLDS;
}

enum test_result test_argument(const struct mcpp_test *test, const struct caller *caller,
                               const struct json_place *arguments)
{
    const struct caller_claim *claim = NULL;
    if (!arguments)
        return TEST_FAILS;
    if (test->comparison == MCPP_IS_CLAIM && !(claim = caller_claim(caller, test->claim)))
        return TEST_FAILS;
    struct json_place place = *arguments;
    enum test_result found = find_argument(test, &place);
    if (found != TEST_HOLDS || test->comparison == MCPP_EXISTS)
        return found;
    return claim ? against_claim(claim, &place) : against(test, &place);
}

const char *test_wants(const struct mcpp_test *test)
{
    static const char *const wanted[] = {"a boolean",
                                         "a string",
                                         "a number",
                                         "a string or a number",
                                         "a boolean",
                                         "a string or a boolean",
                                         "a number or a boolean",
                                         "a string, a number or a boolean"};
    unsigned kinds = 0;
    if (test->comparison == MCPP_EXISTS)
        return "a value that is not null";
    if (test->comparison == MCPP_IS_CLAIM)
        return "of the type of the caller's claim";
    for (uint32_t i = 0; i < test->literal_count; i++)
        kinds |= test->literals[i].kind == MCPP_STRING   ? 1U
                 : test->literals[i].kind == MCPP_NUMBER ? 2U
                                                         : 4U;
    return wanted[kinds];
}

/*
 * Rules about types, fixed values, strings and numbers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/walk.h"

static uint32_t types_of(const struct instance *value)
{
    switch ((enum json_kind)instance_node(value)->kind) {
    case JSON_NULL:
        return TYPE_NULL;
    case JSON_FALSE:
    case JSON_TRUE:
        return TYPE_BOOLEAN;
    case JSON_STRING:
        return TYPE_STRING;
    case JSON_ARRAY:
        return TYPE_ARRAY;
    case JSON_OBJECT:
        return TYPE_OBJECT;
    case JSON_NUMBER:
        break;
    }
    struct decimal number = decimal_read(instance_bytes(value));
    return decimal_is_integer(&number) ? TYPE_NUMBER | TYPE_INTEGER : TYPE_NUMBER;
}

static bool check_type(struct walk *walk, const struct schema_rule *rule, const struct place *place)
{
    if (types_of(&place->at) & rule->first)
        return true;
    struct text *line = problem_at(walk, place, NEAR_TYPE);
    if (line) {
        text_add_literal(line, "expected ");
        problem_add_types(line, rule->first);
        problem_got(line, place);
    }
    return false;
}

static bool check_const(struct walk *walk, const struct schema_rule *rule,
                        const struct place *place)
{
    const struct instance wanted = {walk->schema->text, walk->schema->values, rule->first};
    if (instance_equal(&place->at, &wanted, &walk->allowance))
        return true;
    struct text *line = problem_at(walk, place, NEAR_VALUE);
    if (line) {
        text_add_literal(line, "expected ");
        problem_add_json(line, instance_bytes(&wanted));
        problem_got(line, place);
    }
    return false;
}

static void list_values(struct text *line, const struct instance *values)
{
    enum { VALUES_SHOWN = 30 };
    uint32_t count = 0;
    text_add_literal(line, instance_node(values)->count == 1 ? "expected " : "expected one of ");
    for (struct instance_walk walk = instance_first(values); instance_next(&walk); count++) {
        if (count == VALUES_SHOWN) {
            text_add_format(line, ", … (%u in all)", instance_node(values)->count);
            return;
        }
        text_add_literal(line, count ? ", " : "");
        problem_add_json(line, instance_bytes(&walk.item));
    }
}

static bool check_enum(struct walk *walk, const struct schema_rule *rule, const struct place *place)
{
    const struct instance values = {walk->schema->text, walk->schema->values, rule->first};
    for (struct instance_walk each = instance_first(&values); instance_next(&each);)
        if (instance_equal(&place->at, &each.item, &walk->allowance))
            return true;
    struct text *line = problem_at(walk, place, NEAR_VALUE);
    if (line) {
        list_values(line, &values);
        problem_got(line, place);
    }
    return false;
}

/* ---- strings ---- */

static bool check_length(struct walk *walk, const struct schema_rule *rule,
                         const struct place *place, struct slice characters)
{
    uint64_t length = 0;
    for (size_t i = 0; i < characters.len; i++)
        length += ((unsigned char)characters.at[i] & 0xc0) != 0x80;
    bool is_least = rule->kind == RULE_MIN_LENGTH;
    if (is_least ? length >= rule->first : length <= rule->first)
        return true;
    struct text *line = problem_at(walk, place, NEAR_REST);
    if (line) {
        text_add_format(line,
                        "expected at %s %u character%s, got %llu: ", is_least ? "least" : "most",
                        rule->first, rule->first == 1 ? "" : "s", (unsigned long long)length);
        problem_add_json(line, instance_bytes(&place->at));
        problem_end(line);
    }
    return false;
}

static bool check_pattern(struct walk *walk, const struct schema_rule *rule,
                          const struct place *place, struct slice characters)
{
    const struct schema_pattern *pattern = &walk->schema->patterns[rule->first];
    enum pattern_result result =
        pattern_match(&pattern->program, characters, walk->schema->scratch, &walk->allowance.steps);
    if (result == PATTERN_TOO_COSTLY)
        walk->allowance.is_over = true;
    if (result == PATTERN_FOUND)
        return true;
    struct text *line = problem_at(walk, place, NEAR_REST);
    if (line) {
        text_add_literal(line, "expected a string that matches the pattern ");
        problem_add_json(line, pattern->source);
        problem_got(line, place);
    }
    return false;
}

static bool check_string(struct walk *walk, const struct schema_rule *rule,
                         const struct place *place)
{
    struct slice characters;
    if (!instance_characters(&place->at, &walk->allowance, &characters) ||
        !allowance_take(&walk->allowance, characters.len / 16))
        return false;
    if (rule->kind == RULE_PATTERN)
        return check_pattern(walk, rule, place, characters);
    if (rule->kind != RULE_FORMAT)
        return check_length(walk, rule, place, characters);
    const struct format *format = walk->schema->formats[rule->first];
    if (!format->is_string_fit || format->is_string_fit(characters))
        return true;
    return problem_expected(walk, place, NEAR_REST, format->expected);
}

/* ---- numbers ---- */

static bool fits_number(const struct schema_rule *rule, const struct decimal *number,
                        const struct decimal *wanted)
{
    int order = decimal_compare(number, wanted);
    switch ((enum rule_kind)rule->kind) {
    case RULE_MINIMUM:
        return order >= 0;
    case RULE_MAXIMUM:
        return order <= 0;
    case RULE_ABOVE:
        return order > 0;
    case RULE_BELOW:
        return order < 0;
    default:
        return decimal_is_multiple(number, wanted);
    }
}

static const char *number_words(const struct schema_rule *rule)
{
    switch ((enum rule_kind)rule->kind) {
    case RULE_MINIMUM:
        return "expected at least ";
    case RULE_MAXIMUM:
        return "expected at most ";
    case RULE_ABOVE:
        return "expected more than ";
    case RULE_BELOW:
        return "expected less than ";
    default:
        return "expected a multiple of ";
    }
}

static bool check_number(struct walk *walk, const struct schema_rule *rule,
                         const struct place *place)
{
    struct decimal number = decimal_read(instance_bytes(&place->at));
    if (!allowance_take(&walk->allowance, number.digits.len / 8))
        return false;
    if (rule->kind == RULE_FORMAT) {
        const struct format *format = walk->schema->formats[rule->first];
        return format_fits_number(format, &number) ||
               problem_expected(walk, place, NEAR_REST, format->expected);
    }
    const struct schema_number *wanted = &walk->schema->numbers[rule->first];
    if (fits_number(rule, &number, &wanted->value))
        return true;
    struct text *line = problem_at(walk, place, NEAR_REST);
    if (line) {
        text_add_literal(line, number_words(rule));
        problem_add_json(line, wanted->text);
        problem_got(line, place);
    }
    return false;
}

bool check_scalar(struct walk *walk, const struct schema_rule *rule, const struct place *place)
{
    enum json_kind kind = (enum json_kind)instance_node(&place->at)->kind;
    switch ((enum rule_kind)rule->kind) {
    case RULE_TYPE:
        return check_type(walk, rule, place);
    case RULE_CONST:
        return check_const(walk, rule, place);
    case RULE_ENUM:
        return check_enum(walk, rule, place);
    case RULE_PATTERN:
    case RULE_MIN_LENGTH:
    case RULE_MAX_LENGTH:
        return kind != JSON_STRING || check_string(walk, rule, place);
    case RULE_FORMAT:
        return (kind != JSON_STRING || check_string(walk, rule, place)) &&
               (kind != JSON_NUMBER || check_number(walk, rule, place));
    default:
        return kind != JSON_NUMBER || check_number(walk, rule, place);
    }
}

/*
 * Walks over a value and its schema: which rule goes where, and the limits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/validate.h"

#include "runtime/validate/walk.h"

bool walk_is_over(const struct walk *walk)
{
    return walk->is_too_deep || walk->allowance.is_over || walk->allowance.has_failed ||
           walk->problem_count > VALIDATE_PROBLEMS_MAX;
}

struct place place_member(const struct place *object, const struct instance_walk *member)
{
    return (struct place){
        .outside = object, .at = member->item, .name = member->name, .depth = object->depth + 1};
}

struct place place_item(const struct place *array, const struct instance *item, uint32_t index)
{
    return (struct place){.outside = array,
                          .at = *item,
                          .name = {array->at.text, array->at.nodes, 0},
                          .index = index,
                          .depth = array->depth + 1};
}

const struct schema_rule *walk_find_rule(const struct schema *schema,
                                         const struct schema_node *node, enum rule_kind kind)
{
    for (uint32_t i = 0; i < node->count; i++)
        if (schema->rules[node->first + i].kind == kind)
            return &schema->rules[node->first + i];
    return NULL;
}

static bool check(struct walk *walk, const struct schema_node *node, const struct schema_rule *rule,
                  const struct place *place)
{
    switch ((enum rule_kind)rule->kind) {
    case RULE_TYPE:
    case RULE_CONST:
    case RULE_ENUM:
    case RULE_PATTERN:
    case RULE_FORMAT:
    case RULE_MIN_LENGTH:
    case RULE_MAX_LENGTH:
    case RULE_MINIMUM:
    case RULE_MAXIMUM:
    case RULE_ABOVE:
    case RULE_BELOW:
    case RULE_MULTIPLE:
        return check_scalar(walk, rule, place);
    case RULE_REQUIRED:
    case RULE_MEMBERS:
    case RULE_NAMES:
    case RULE_DEPENDENT:
    case RULE_MIN_PROPERTIES:
    case RULE_MAX_PROPERTIES:
        return check_object(walk, node, rule, place);
    case RULE_ITEMS:
    case RULE_CONTAINS:
    case RULE_MIN_ITEMS:
    case RULE_MAX_ITEMS:
    case RULE_UNIQUE:
        return check_array(walk, rule, place);
    case RULE_REFERENCE:
    case RULE_ALL_OF:
    case RULE_ANY_OF:
    case RULE_ONE_OF:
    case RULE_NOT:
    case RULE_IF:
        return check_applied(walk, rule, place);
    case RULE_UNENFORCED:
        walk->is_uncertain = true;
        return true;
    case RULE_REST_MEMBERS:
    case RULE_REST_ITEMS:
        break;
    }
    return check_rest(walk, node, rule, place);
}

/* A value of the wrong type breaks other rules too: nobody wants to read of them. */
static bool check_rules(struct walk *walk, uint32_t index, const struct place *place)
{
    const struct schema_node *node = &walk->schema->nodes[index];
    bool fits = true;
    for (uint32_t i = 0; i < node->count; i++) {
        const struct schema_rule *rule = &walk->schema->rules[node->first + i];
        if (!allowance_take(&walk->allowance, 1) || walk_is_over(walk))
            return false;
        if (check(walk, node, rule, place))
            continue;
        fits = false;
        if (walk->quiet || rule->kind == RULE_TYPE)
            break;
    }
    return fits;
}

bool walk_node(struct walk *walk, uint32_t node, const struct place *place)
{
    if (node == SCHEMA_TRUE)
        return true;
    if (node == SCHEMA_FALSE)
        return problem_expected(walk, place, NEAR_TYPE, "nothing here");
    if (walk->depth >= VALIDATE_DEPTH_MAX) {
        walk->is_too_deep = true;
        return false;
    }
    walk->depth++;
    bool fits = check_rules(walk, node, place);
    walk->depth--;
    return fits;
}

enum fit walk_quietly(struct walk *walk, uint32_t node, const struct place *place)
{
    enum nearness nearness = walk->nearness;
    bool was_uncertain = walk->is_uncertain;
    walk->is_uncertain = false;
    walk->quiet++;
    bool fits = walk_node(walk, node, place);
    enum fit fit = !fits ? FIT_NO : walk->is_uncertain ? FIT_MAYBE : FIT_YES;
    walk->quiet--;
    walk->is_uncertain |= was_uncertain;
    walk->nearness = nearness;
    return fit;
}

enum validate_result validate_value(const struct schema *schema, const struct instance *value,
                                    struct pool *pool, struct text *problems)
{
    const struct place root = {.at = *value, .name = {value->text, value->nodes, 0}};
    struct walk walk = {.schema = schema,
                        .problems = problems,
                        .allowance = {.pool = pool, .steps = VALIDATE_STEPS_MAX}};
    bool fits = walk_node(&walk, SCHEMA_ROOT, &root);
    if (walk.allowance.has_failed || (problems && problems->failed))
        return VALIDATE_NO_MEMORY;
    if (walk.problem_count) {
        if (walk.problem_count > VALIDATE_PROBLEMS_MAX && problems)
            text_add_literal(problems, "- and more\n");
        return problems && problems->failed ? VALIDATE_NO_MEMORY : VALIDATE_DIFFERS;
    }
    if (walk.is_too_deep)
        return VALIDATE_TOO_DEEP;
    if (walk.allowance.is_over)
        return VALIDATE_TOO_COSTLY;
    return fits ? VALIDATE_FITS : VALIDATE_DIFFERS;
}

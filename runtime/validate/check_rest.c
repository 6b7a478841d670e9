/*
 * unevaluatedProperties and unevaluatedItems (JSON Schema 2020-12, section 11). Nothing is noted on
 * the way: for each member or item the node is asked again whether some schema that the value fits
 * speaks of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/walk.h"

struct rest {
    const struct place *place;       /* of the object or array */
    const struct schema_rule *asked; /* the rule that asks: it does not answer itself */
    struct slice name;               /* of the member */
    const struct place *part;        /* the member or item */
    bool is_member;
};

static bool speaks_of(struct walk *walk, const struct rest *rest, uint32_t index);

static bool names_member(struct walk *walk, const struct rest *rest, const struct schema_rule *rule)
{
    const struct schema_object *object = &walk->schema->objects[rule->first];
    const struct schema_member *members = walk->schema->members;
    if (object->additional != SCHEMA_NONE ||
        schema_find_member(&members[object->named], object->named_count, rest->name))
        return true;
    for (uint32_t i = 0; i < object->pattern_count; i++) {
        uint32_t pattern = members[object->patterned + i].pattern;
        if (pattern == SCHEMA_NONE)
            return true;
        enum pattern_result result =
            pattern_match(&walk->schema->patterns[pattern].program, rest->name,
                          walk->schema->scratch, &walk->allowance.steps);
        if (result == PATTERN_TOO_COSTLY)
            walk->allowance.is_over = true;
        if (result == PATTERN_FOUND)
            return true;
    }
    return false;
}

static bool names_item(struct walk *walk, const struct rest *rest, const struct schema_rule *rule)
{
    if (rule->kind == RULE_CONTAINS)
        return walk_quietly(walk, rule->first, rest->part);
    return rest->part->index < rule->count || rule->more != SCHEMA_NONE;
}

/* A schema that is applied to the same value speaks only when the value fits it. */
static bool applied_speaks(struct walk *walk, const struct rest *rest, uint32_t node)
{
    return node != SCHEMA_NONE && node != SCHEMA_TRUE && node != SCHEMA_FALSE &&
           walk_quietly(walk, node, rest->place) && speaks_of(walk, rest, node);
}

static bool any_speaks(struct walk *walk, const struct rest *rest, const struct schema_rule *rule)
{
    for (uint32_t i = 0; i < rule->count; i++)
        if (applied_speaks(walk, rest, walk->schema->links[rule->first + i]))
            return true;
    return false;
}

static bool dependent_speaks(struct walk *walk, const struct rest *rest,
                             const struct schema_rule *rule)
{
    const struct schema_member *members = &walk->schema->members[rule->first];
    struct instance found;
    for (uint32_t i = 0; !rule->more && i < rule->count; i++)
        if (instance_node(&rest->place->at)->kind == JSON_OBJECT &&
            instance_member(&rest->place->at, members[i].name, &walk->allowance, &found) &&
            applied_speaks(walk, rest, members[i].node))
            return true;
    return false;
}

static bool if_speaks(struct walk *walk, const struct rest *rest, const struct schema_rule *rule)
{
    if (walk_quietly(walk, rule->first, rest->place))
        return applied_speaks(walk, rest, rule->first) || applied_speaks(walk, rest, rule->count);
    return applied_speaks(walk, rest, rule->more);
}

static bool rule_speaks(struct walk *walk, const struct rest *rest, const struct schema_rule *rule)
{
    switch ((enum rule_kind)rule->kind) {
    case RULE_MEMBERS:
        return rest->is_member && names_member(walk, rest, rule);
    case RULE_REST_MEMBERS:
        return rest->is_member;
    case RULE_ITEMS:
    case RULE_CONTAINS:
        return !rest->is_member && names_item(walk, rest, rule);
    case RULE_REST_ITEMS:
        return !rest->is_member;
    case RULE_REFERENCE:
        return applied_speaks(walk, rest, rule->first);
    case RULE_ALL_OF:
    case RULE_ANY_OF:
    case RULE_ONE_OF:
        return any_speaks(walk, rest, rule);
    case RULE_DEPENDENT:
        return dependent_speaks(walk, rest, rule);
    case RULE_IF:
        return if_speaks(walk, rest, rule);
    default:
        return false;
    }
}

static bool speaks_of(struct walk *walk, const struct rest *rest, uint32_t index)
{
    const struct schema_node *node = &walk->schema->nodes[index];
    bool speaks = false;
    if (walk->depth >= VALIDATE_DEPTH_MAX) {
        walk->is_too_deep = true;
        return false;
    }
    walk->depth++;
    for (uint32_t i = 0; i < node->count && !speaks; i++) {
        const struct schema_rule *rule = &walk->schema->rules[node->first + i];
        speaks = rule != rest->asked && allowance_take(&walk->allowance, 1) &&
                 rule_speaks(walk, rest, rule);
    }
    walk->depth--;
    return speaks;
}

static bool check_part(struct walk *walk, const struct schema_node *node, const struct rest *rest)
{
    if (speaks_of(walk, rest, (uint32_t)(node - walk->schema->nodes)))
        return true;
    if (rest->asked->first != SCHEMA_FALSE)
        return walk_node(walk, rest->asked->first, rest->part);
    return problem_expected(walk, rest->part, NEAR_REST,
                            rest->is_member ? "no such property" : "no item here");
}

bool check_rest(struct walk *walk, const struct schema_node *node, const struct schema_rule *rule,
                const struct place *place)
{
    enum json_kind kind = rule->kind == RULE_REST_MEMBERS ? JSON_OBJECT : JSON_ARRAY;
    struct rest rest = {.place = place, .asked = rule, .is_member = kind == JSON_OBJECT};
    bool fits = true;
    uint32_t index = 0;
    if (instance_node(&place->at)->kind != kind)
        return true;
    for (struct instance_walk each = instance_first(&place->at); instance_next(&each); index++) {
        struct place part =
            rest.is_member ? place_member(place, &each) : place_item(place, &each.item, index);
        rest.part = &part;
        if (walk_is_over(walk) || (!fits && walk->quiet))
            return false;
        if (rest.is_member && !instance_characters(&each.name, &walk->allowance, &rest.name))
            return false;
        fits &= check_part(walk, node, &rest);
    }
    return fits;
}

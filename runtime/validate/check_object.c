/*
 * Rules about objects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/walk.h"

enum { NAMES_SHOWN = 20 };

static const char *word(const struct place *object)
{
    return object->outside ? "property" : "argument";
}

/* ---- members that must be there ---- */

/* Tells of what type the missing member is, when the node says so directly. */
static void add_wanted_type(struct walk *walk, struct text *line, const struct schema_node *node,
                            struct slice name)
{
    const struct schema_rule *rule = walk_find_rule(walk->schema, node, RULE_MEMBERS);
    if (!rule)
        return;
    const struct schema_object *object = &walk->schema->objects[rule->first];
    const struct schema_member *member =
        schema_find_member(&walk->schema->members[object->named], object->named_count, name);
    const struct schema_rule *type =
        member ? walk_find_rule(walk->schema, &walk->schema->nodes[member->node], RULE_TYPE) : NULL;
    if (!type)
        return;
    text_add_literal(line, " (");
    problem_add_types(line, type->first);
    text_add_byte(line, ')');
}

static bool require(struct walk *walk, const struct schema_node *node, const struct place *place,
                    struct slice name)
{
    struct instance found;
    if (instance_member(&place->at, name, &walk->allowance, &found))
        return true;
    struct text *line = problem_at(walk, place, NEAR_REST);
    if (line) {
        text_add_format(line, "missing required %s: ", word(place));
        problem_add_name(line, name);
        add_wanted_type(walk, line, node, name);
        problem_end(line);
    }
    return false;
}

static bool check_required(struct walk *walk, const struct schema_node *node,
                           const struct schema_rule *rule, const struct place *place)
{
    bool fits = true;
    for (uint32_t i = 0; i < rule->count && (fits || !walk->quiet); i++)
        fits &= require(walk, node, place, walk->schema->members[rule->first + i].name);
    return fits;
}

static bool check_dependent(struct walk *walk, const struct schema_node *node,
                            const struct schema_rule *rule, const struct place *place)
{
    const struct schema_member *members = &walk->schema->members[rule->first];
    struct instance found;
    bool fits = true;
    if (rule->more) { /* dependentRequired: the first name requires the others */
        if (!instance_member(&place->at, members[0].name, &walk->allowance, &found))
            return true;
        for (uint32_t i = 1; i < rule->count; i++)
            fits &= require(walk, node, place, members[i].name);
        return fits;
    }
    for (uint32_t i = 0; i < rule->count; i++)
        if (instance_member(&place->at, members[i].name, &walk->allowance, &found))
            fits &= walk_node(walk, members[i].node, place);
    return fits;
}

/* ---- members that are there ---- */

static void list_names(struct walk *walk, struct text *line, const struct schema_object *object)
{
    const struct schema_member *members = &walk->schema->members[object->named];
    text_add_literal(line, object->named_count ? "; known: " : "; none is known");
    for (uint32_t i = 0; i < object->named_count && i < NAMES_SHOWN; i++) {
        text_add_literal(line, i ? ", " : "");
        problem_add_name(line, members[i].name);
    }
    if (object->named_count > NAMES_SHOWN)
        text_add_literal(line, ", …");
}

static bool refuse_unknown(struct walk *walk, const struct schema_object *object,
                           const struct place *place, struct slice name)
{
    struct text *line = problem_at(walk, place, NEAR_REST);
    if (!line)
        return false;
    text_add_format(line, "unknown %s: ", word(place));
    problem_add_name(line, name);
    const struct schema_member *nearest =
        problem_nearest(&walk->schema->members[object->named], object->named_count, name);
    if (nearest) {
        text_add_literal(line, "; the nearest known name is ");
        problem_add_name(line, nearest->name);
    } else {
        list_names(walk, line, object);
    }
    problem_end(line);
    return false;
}

/* Members that a pattern names; a pattern that is not enforced may name any. */
static bool check_patterned(struct walk *walk, const struct schema_object *object,
                            const struct place *member, struct slice name, bool *is_known)
{
    bool fits = true;
    for (uint32_t i = 0; i < object->pattern_count; i++) {
        const struct schema_member *pattern = &walk->schema->members[object->patterned + i];
        if (pattern->pattern == SCHEMA_NONE) {
            *is_known = walk->is_uncertain = true;
            continue;
        }
        const struct schema_pattern *found = &walk->schema->patterns[pattern->pattern];
        enum pattern_result result =
            pattern_match(&found->program, name, walk->schema->scratch, &walk->allowance.steps);
        if (result == PATTERN_TOO_COSTLY)
            walk->allowance.is_over = true;
        if (result != PATTERN_FOUND)
            continue;
        *is_known = true;
        fits &= walk_node(walk, pattern->node, member);
    }
    return fits;
}

static bool check_member(struct walk *walk, const struct schema_object *object,
                         const struct place *place, const struct instance_walk *each)
{
    struct slice name;
    struct place member = place_member(place, each);
    if (!instance_characters(&each->name, &walk->allowance, &name))
        return false;
    const struct schema_member *named =
        schema_find_member(&walk->schema->members[object->named], object->named_count, name);
    bool is_known = named != NULL;
    bool fits = !named || walk_node(walk, named->node, &member);
    fits &= check_patterned(walk, object, &member, name, &is_known);
    if (is_known || object->additional == SCHEMA_NONE)
        return fits;
    if (object->additional == SCHEMA_FALSE)
        return refuse_unknown(walk, object, place, name);
    return walk_node(walk, object->additional, &member);
}

static bool check_members(struct walk *walk, const struct schema_rule *rule,
                          const struct place *place)
{
    const struct schema_object *object = &walk->schema->objects[rule->first];
    bool fits = true;
    for (struct instance_walk each = instance_first(&place->at); instance_next(&each);) {
        if (!allowance_take(&walk->allowance, 1) || (!fits && walk->quiet))
            return false;
        fits &= check_member(walk, object, place, &each);
    }
    return fits;
}

static bool check_names(struct walk *walk, const struct schema_rule *rule,
                        const struct place *place)
{
    bool fits = true;
    for (struct instance_walk each = instance_first(&place->at); instance_next(&each);) {
        const struct place name = {.outside = place,
                                   .at = each.name,
                                   .name = each.name,
                                   .depth = place->depth + 1,
                                   .is_name = true};
        fits &= walk_node(walk, rule->first, &name);
    }
    return fits;
}

static bool check_count(struct walk *walk, const struct schema_rule *rule,
                        const struct place *place)
{
    uint32_t count = instance_node(&place->at)->count;
    bool is_least = rule->kind == RULE_MIN_PROPERTIES;
    if (is_least ? count >= rule->first : count <= rule->first)
        return true;
    struct text *line = problem_at(walk, place, NEAR_REST);
    if (line)
        text_add_format(line, "expected at %s %u %s, got %u\n", is_least ? "least" : "most",
                        rule->first, place->outside ? "properties" : "arguments", count);
    return false;
}

bool check_object(struct walk *walk, const struct schema_node *node, const struct schema_rule *rule,
                  const struct place *place)
{
    if (instance_node(&place->at)->kind != JSON_OBJECT)
        return true;
    switch ((enum rule_kind)rule->kind) {
    case RULE_REQUIRED:
        return check_required(walk, node, rule, place);
    case RULE_DEPENDENT:
        return check_dependent(walk, node, rule, place);
    case RULE_MEMBERS:
        return check_members(walk, rule, place);
    case RULE_NAMES:
        return check_names(walk, rule, place);
    default:
        return check_count(walk, rule, place);
    }
}

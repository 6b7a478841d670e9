/*
 * Rules that apply other schemas to the same value. Of alternatives that all fail, the one that
 * the value came nearest to is told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/walk.h"

static bool check_all(struct walk *walk, const struct schema_rule *rule, const struct place *place)
{
    bool fits = true;
    for (uint32_t i = 0; i < rule->count && (fits || !walk->quiet); i++)
        fits &= walk_node(walk, walk->schema->links[rule->first + i], place);
    return fits;
}

/* ---- anyOf, oneOf ---- */

struct tried {
    uint32_t fitting, first, second; /* how many fit, and the first two */
    uint32_t maybe;                  /* how many of them are not certain */
    uint32_t nearest;                /* alternative */
    enum nearness nearness;
};

static struct tried try_all(struct walk *walk, const struct schema_rule *rule,
                            const struct place *place)
{
    struct tried tried = {.nearness = NEAR_TYPE};
    const struct walk before = *walk;
    for (uint32_t i = 0; i < rule->count && !walk_is_over(walk); i++) {
        walk->nearness = NEAR_TYPE;
        walk->base = place->depth;
        walk->quiet++;
        walk->is_uncertain = false;
        bool fits = walk_node(walk, walk->schema->links[rule->first + i], place);
        walk->quiet--;
        if (fits) {
            tried.maybe += walk->is_uncertain;
            *(tried.fitting ? &tried.second : &tried.first) = i;
            if (++tried.fitting == 2 || rule->kind == RULE_ANY_OF)
                break;
        } else if (walk->nearness > tried.nearness) {
            tried.nearness = walk->nearness;
            tried.nearest = i;
        }
    }
    walk->is_uncertain = before.is_uncertain || tried.maybe;
    walk->base = before.base;
    walk->nearness = before.nearness;
    return tried;
}

/* The types that the alternatives name; 0 when one names none. */
static uint32_t types_of(struct walk *walk, const struct schema_rule *rule)
{
    const struct schema *schema = walk->schema;
    uint32_t types = 0;
    for (uint32_t i = 0; i < rule->count; i++) {
        const struct schema_node *node = &schema->nodes[schema->links[rule->first + i]];
        const struct schema_rule *to = walk_find_rule(schema, node, RULE_REFERENCE);
        if (to)
            node = &schema->nodes[to->first];
        const struct schema_rule *type = walk_find_rule(schema, node, RULE_TYPE);
        if (!type)
            return 0;
        types |= type->first;
    }
    return types;
}

static bool refuse_all(struct walk *walk, const struct schema_rule *rule, const struct place *place,
                       const struct tried *tried)
{
    uint32_t types = tried->nearness == NEAR_TYPE ? types_of(walk, rule) : 0;
    if (walk->quiet || types) {
        struct text *line = problem_at(walk, place, tried->nearness);
        if (line) {
            text_add_literal(line, "expected ");
            problem_add_types(line, types);
            problem_got(line, place);
        }
        return false;
    }
    if (tried->nearness == NEAR_REST) { /* tell the problems with it as if it were alone */
        walk_node(walk, walk->schema->links[rule->first + tried->nearest], place);
        return false;
    }
    struct text *line = problem_at(walk, place, tried->nearness);
    if (line) {
        text_add_format(line, "expected a value that fits one of %u alternatives", rule->count);
        problem_got(line, place);
    }
    return false;
}

static bool check_alternatives(struct walk *walk, const struct schema_rule *rule,
                               const struct place *place)
{
    struct tried tried = try_all(walk, rule, place);
    if (walk_is_over(walk))
        return false;
    if (tried.fitting == 0)
        return refuse_all(walk, rule, place, &tried);
    if (tried.fitting == 1 || tried.maybe || rule->kind == RULE_ANY_OF)
        return true;
    struct text *line = problem_at(walk, place, NEAR_REST);
    if (line)
        text_add_format(line,
                        "expected a value that fits exactly one of %u alternatives, got one that "
                        "fits alternatives %u and %u\n",
                        rule->count, tried.first + 1, tried.second + 1);
    return false;
}

/* ---- not, if ---- */

static bool check_not(struct walk *walk, const struct schema_rule *rule, const struct place *place)
{
    if (walk_quietly(walk, rule->first, place) != FIT_YES)
        return true;
    return problem_expected(walk, place, NEAR_VALUE,
                            "a value that does not fit what `not` describes");
}

static bool check_if(struct walk *walk, const struct schema_rule *rule, const struct place *place)
{
    enum fit fit = walk_quietly(walk, rule->first, place);
    uint32_t node = fit == FIT_YES ? rule->count : rule->more;
    return fit == FIT_MAYBE || node == SCHEMA_NONE || walk_node(walk, node, place);
}

bool check_applied(struct walk *walk, const struct schema_rule *rule, const struct place *place)
{
    switch ((enum rule_kind)rule->kind) {
    case RULE_REFERENCE:
        return walk_node(walk, rule->first, place);
    case RULE_ALL_OF:
        return check_all(walk, rule, place);
    case RULE_NOT:
        return check_not(walk, rule, place);
    case RULE_IF:
        return check_if(walk, rule, place);
    default:
        return check_alternatives(walk, rule, place);
    }
}

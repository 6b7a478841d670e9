/*
 * Rules about arrays.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/walk.h"

static bool refuse_more(struct walk *walk, const struct place *place, bool is_least, uint32_t count)
{
    struct text *line = problem_at(walk, place, NEAR_REST);
    if (line)
        text_add_format(line, "expected at %s %u item%s, got %u\n", is_least ? "least" : "most",
                        count, count == 1 ? "" : "s", instance_node(&place->at)->count);
    return false;
}

static bool check_items(struct walk *walk, const struct schema_rule *rule,
                        const struct place *place)
{
    const uint32_t *prefix = &walk->schema->links[rule->first];
    bool fits = true;
    uint32_t index = 0;
    for (struct instance_walk each = instance_first(&place->at); instance_next(&each); index++) {
        struct place item = place_item(place, &each.item, index);
        uint32_t node = index < rule->count ? prefix[index] : rule->more;
        if (node == SCHEMA_NONE)
            return fits;
        if (node == SCHEMA_FALSE && index >= rule->count)
            return refuse_more(walk, place, false, rule->count);
        if (!allowance_take(&walk->allowance, 1) || (!fits && (walk->quiet || walk_is_over(walk))))
            return false;
        fits &= walk_node(walk, node, &item);
    }
    return fits;
}

static bool check_contains(struct walk *walk, const struct schema_rule *rule,
                           const struct place *place)
{
    uint32_t index = 0, count = 0, maybe = 0;
    for (struct instance_walk each = instance_first(&place->at); instance_next(&each); index++) {
        struct place item = place_item(place, &each.item, index);
        if (!allowance_take(&walk->allowance, 1))
            return false;
        enum fit fit = walk_quietly(walk, rule->first, &item);
        maybe += fit == FIT_MAYBE;
        count += fit != FIT_NO;
        if (count - maybe > rule->more || (rule->more == UINT32_MAX && count >= rule->count))
            break;
    }
    if (count >= rule->count && count - maybe <= rule->more)
        return true;
    struct text *line = problem_at(walk, place, NEAR_REST);
    if (line) {
        bool is_least = count < rule->count;
        text_add_format(line, "expected at %s %u item%s of the kind that `contains` describes",
                        is_least ? "least" : "most", is_least ? rule->count : rule->more,
                        (is_least ? rule->count : rule->more) == 1 ? "" : "s");
        if (is_least)
            text_add_format(line, ", got %u", count);
        problem_end(line);
    }
    return false;
}

static bool check_unique(struct walk *walk, const struct place *place)
{
    uint32_t twins[2];
    if (!instance_find_twins(&place->at, &walk->allowance, twins))
        return true;
    struct text *line = problem_at(walk, place, NEAR_REST);
    if (line)
        text_add_format(line, "expected items that differ, got the same at [%u] and [%u]\n",
                        twins[0], twins[1]);
    return false;
}

bool check_array(struct walk *walk, const struct schema_rule *rule, const struct place *place)
{
    const struct json_node *node = instance_node(&place->at);
    if (node->kind != JSON_ARRAY)
        return true;
    switch ((enum rule_kind)rule->kind) {
    case RULE_ITEMS:
        return check_items(walk, rule, place);
    case RULE_CONTAINS:
        return check_contains(walk, rule, place);
    case RULE_UNIQUE:
        return check_unique(walk, place);
    case RULE_MIN_ITEMS:
        return node->count >= rule->first || refuse_more(walk, place, true, rule->first);
    default:
        return node->count <= rule->first || refuse_more(walk, place, false, rule->first);
    }
}

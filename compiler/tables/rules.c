/*
 * Rules, limits, fills and the operator as the tables have them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/rules.h"

#include "grammar/json.h"

#include <string.h>

const struct mcpp_rule *rules_build(const struct policy *policy, const struct exact *exact)
{
    struct mcpp_rule *rules = arena_array(exact->arena, policy->rule_count, sizeof *rules);
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const struct rule *from = &policy->rules[i];
        rules[i] = (struct mcpp_rule){.origin = exact_origin(exact, from->origin),
                                      .message = exact_shown(exact, from->message),
                                      .on_arguments = from->mentions_arguments,
                                      .on_identity = from->mentions_caller};
    }
    return rules;
}

const struct mcpp_claim *claims_build(const struct policy *policy, const struct exact *exact)
{
    struct mcpp_claim *claims = arena_array(exact->arena, policy->claim_count, sizeof *claims);
    for (uint32_t i = 0; i < policy->claim_count; i++)
        claims[i].path = exact_text(exact, policy->claims[i].text, policy->claims[i].origin,
                                    "the path of the claim");
    return claims;
}

/* ---- limits ---- */

const struct mcpp_limit *limits_build(const struct policy *policy, const struct exact *exact)
{
    static const enum mcpp_limit_per keys[] = {[LIMIT_SUBJECT] = MCPP_PER_SUBJECT,
                                               [LIMIT_CLIENT] = MCPP_PER_CLIENT,
                                               [LIMIT_TOOL] = MCPP_PER_TOOL,
                                               [LIMIT_ALL] = MCPP_PER_ALL};
    struct mcpp_limit *limits = arena_array(exact->arena, policy->limit_count, sizeof *limits);
    if (policy->limit_count > UINT16_MAX)
        diag_error(exact->diags, "too-complex", policy->limits->origin,
                   "there are more than %d limits", UINT16_MAX);
    for (uint32_t i = 0; i < policy->limit_count; i++) {
        const struct limit *from = &policy->limits[i];
        limits[i] = (struct mcpp_limit){.count = from->amount,
                                        .period_s = from->period_s,
                                        .burst = from->burst,
                                        .per = keys[from->key],
                                        .origin = exact_origin(exact, from->origin)};
    }
    return limits;
}

/* Tools with the same limits share one list, where they stand together. */
const struct tool_limits *tool_limits_build(const struct policy *policy, const struct exact *exact)
{
    struct tool_limits *all = arena_array(exact->arena, policy->tool_count, sizeof *all);
    struct map known = {.arena = exact->arena};
    for (uint32_t i = 0; i < policy->limit_count; i++)
        for (uint32_t j = 0; j < policy->limits[i].tools.count; j++)
            all[policy->limits[i].tools.at[j]].count++;
    uint16_t **lists = arena_array(exact->arena, policy->tool_count, sizeof *lists);
    uint32_t *used = arena_array(exact->arena, policy->tool_count, sizeof *used);
    for (uint32_t i = 0; i < policy->tool_count; i++)
        lists[i] = arena_array(exact->arena, all[i].count, sizeof(uint16_t));
    for (uint32_t i = 0; i < policy->limit_count; i++)
        for (uint32_t j = 0; j < policy->limits[i].tools.count; j++) {
            uint32_t tool = policy->limits[i].tools.at[j];
            lists[tool][used[tool]++] = (uint16_t)i;
        }
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        struct str key = {(const char *)lists[i], all[i].count * sizeof(uint16_t)};
        uint16_t *earlier = all[i].count ? map_add(&known, key, lists[i]) : NULL;
        all[i].at = earlier ? earlier : all[i].count ? lists[i] : NULL;
    }
    return all;
}

/* ---- the operator ---- */

const struct mcpp_operator *operator_build(const struct policy *policy, const struct exact *exact)
{
    const struct operator_holdings *from = &policy->operator_holdings;
    if (!from->is_narrowed)
        return NULL;
    struct mcpp_operator *out = arena_new(exact->arena, struct mcpp_operator);
    const char **scopes = arena_array(exact->arena, from->scope_count, sizeof *scopes);
    const char **roles = arena_array(exact->arena, from->role_count, sizeof *roles);
    struct mcpp_operator_claim *claims =
        arena_array(exact->arena, from->claim_count, sizeof *claims);
    for (uint32_t i = 0; i < from->scope_count; i++)
        scopes[i] = str_text(exact->arena, policy->scopes[from->scopes[i]].name);
    for (uint32_t i = 0; i < from->role_count; i++)
        roles[i] = str_text(exact->arena, policy->roles[from->roles[i]].name);
    for (uint32_t i = 0; i < from->claim_count; i++)
        claims[i] = (struct mcpp_operator_claim){
            exact_text(exact, from->claims[i].path.text, from->origin, "the claim"),
            exact_text(exact, policy_value_json(&from->claims[i].value, exact->arena), from->origin,
                       "the claim")};
    *out = (struct mcpp_operator){.scopes = scopes,
                                  .roles = roles,
                                  .scope_count = from->scope_count,
                                  .role_count = from->role_count,
                                  .claims = claims,
                                  .claim_count = from->claim_count};
    return out;
}

/* ---- fills ---- */

const struct mcpp_fill *fills_build(const struct tool *tool, const struct exact *exact)
{
    struct mcpp_fill *fills = arena_array(exact->arena, tool->fill_count, sizeof *fills);
    for (uint32_t i = 0; i < tool->fill_count; i++)
        fills[i] = (struct mcpp_fill){tool->fills[i].argument, tool->fills[i].claim,
                                      exact_origin(exact, tool->fills[i].origin)};
    return tool->fill_count ? fills : NULL;
}

struct schema {
    const struct tool *tool;
    struct str text;
    struct json_tape tape;
    struct str_builder out;
};

static void *grow_nodes(void *context, void *nodes, size_t old_size, size_t new_size)
{
    void *larger = arena_alloc(context, new_size);
    if (old_size)
        memcpy(larger, nodes, old_size);
    return larger;
}

static bool is_filled(const struct schema *schema, uint32_t name)
{
    const struct tool *tool = schema->tool;
    for (uint32_t i = 0; i < tool->fill_count; i++) {
        struct str argument = tool->operation->arguments[tool->fills[i].argument].name;
        if (json_string_is(schema->text.at, &schema->tape.nodes[name], argument.at, argument.len))
            return true;
    }
    return false;
}

/* Nodes [from, to) as they stand in the text, after a comma if due. */
static void add_piece(struct schema *schema, uint32_t from, uint32_t to)
{
    const struct json_node *nodes = schema->tape.nodes;
    char last = schema->out.at[schema->out.len - 1];
    if (last != '{' && last != '[' && last != ':')
        str_add_byte(&schema->out, ',');
    str_add(&schema->out, str_part(schema->text, nodes[from].start, nodes[to].end));
}

/* The members or items whose name or value is not filled in. */
static void add_unfilled(struct schema *schema, uint32_t compound)
{
    const struct json_node *nodes = schema->tape.nodes;
    bool is_object = nodes[compound].kind == JSON_OBJECT;
    str_add_byte(&schema->out, is_object ? '{' : '[');
    for (uint32_t at = compound + 1; at < nodes[compound].next; at = nodes[at + is_object].next)
        if (!is_filled(schema, at))
            add_piece(schema, at, at + is_object);
    str_add_byte(&schema->out, is_object ? '}' : ']');
}

struct str schema_without_fills(const struct tool *tool, struct arena *arena)
{
    struct schema schema = {.tool = tool,
                            .text = tool->operation->input_schema,
                            .tape = {.depth_max = JSON_DEPTH_CEILING,
                                     .node_max = UINT32_MAX,
                                     .grow = grow_nodes,
                                     .context = arena},
                            .out = {.arena = arena}};
    if (!tool->fill_count ||
        json_scan(str_text(arena, schema.text), schema.text.len, &schema.tape, NULL) != JSON_OK)
        return schema.text;
    const struct json_node *nodes = schema.tape.nodes;
    str_add_byte(&schema.out, '{');
    for (uint32_t at = 1; at < nodes[0].next; at = nodes[at + 1].next) {
        bool is_list = (json_string_is(schema.text.at, &nodes[at], "properties", 10) &&
                        nodes[at + 1].kind == JSON_OBJECT) ||
                       (json_string_is(schema.text.at, &nodes[at], "required", 8) &&
                        nodes[at + 1].kind == JSON_ARRAY);
        if (!is_list) {
            add_piece(&schema, at, at + 1);
            continue;
        }
        add_piece(&schema, at, at);
        str_add_byte(&schema.out, ':');
        add_unfilled(&schema, at + 1);
    }
    str_add_byte(&schema.out, '}');
    return str_built(&schema.out);
}

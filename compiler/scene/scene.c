/*
 * Making trials of descriptions, and sentences of decisions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/scene/scene.h"

#include <string.h>

#include "compiler/openapi/json_write.h"

static const struct str *texts_of(struct words words, struct arena *arena)
{
    struct str *texts = arena_array(arena, words.count + 1, sizeof *texts);
    for (uint32_t i = 0; i < words.count; i++)
        texts[i] = words.at[i].text;
    return texts;
}

struct scene_caller scene_caller_of(const struct holdings *holdings, struct str transport,
                                    struct arena *arena)
{
    return (struct scene_caller){
        .has_token = true,
        .transport = transport,
        .scopes = texts_of(holdings->scopes, arena),
        .roles = texts_of(holdings->roles, arena),
        .scope_count = holdings->scopes.count,
        .role_count = holdings->roles.count,
        .verifier = holdings->verifier.text,
        .claims = policy_claims_json(holdings->claims, holdings->claim_count, arena)};
}

/* ---- JSON ---- */

static void *grow_nodes(void *context, void *nodes, size_t old_size, size_t new_size)
{
    void *larger = arena_alloc(context, new_size);
    if (old_size)
        memcpy(larger, nodes, old_size);
    return larger;
}

bool scene_scan(struct str text, struct arena *arena, struct evaluate_json *out)
{
    struct json_tape *tape = arena_new(arena, struct json_tape);
    *tape = (struct json_tape){.depth_max = JSON_DEPTH_CEILING,
                               .node_max = UINT32_MAX,
                               .grow = grow_nodes,
                               .context = arena};
    *out = (struct evaluate_json){str_text(arena, text), tape, 0};
    return json_scan(out->text, text.len, tape, NULL) == JSON_OK &&
           tape->nodes[0].kind == JSON_OBJECT;
}

static void add_names(const char *name, const struct str *names, uint32_t count,
                      struct str_builder *out)
{
    json_write_string(out, str_of(name));
    str_add_text(out, ":[");
    for (uint32_t i = 0; i < count; i++) {
        str_add_text(out, i ? "," : "");
        json_write_string(out, names[i]);
    }
    str_add_text(out, "]");
}

/* The claims with what the judge takes scopes and roles from. */
static struct str claims_of(const struct scene_caller *caller, struct arena *arena)
{
    struct str_builder out = {.arena = arena};
    struct str rest = caller->claims;
    str_add_byte(&out, '{');
    add_names(TRIAL_SCOPES, caller->scopes, caller->scope_count, &out);
    str_add_byte(&out, ',');
    add_names(TRIAL_ROLES, caller->roles, caller->role_count, &out);
    size_t brace = str_find(rest, '{');
    rest = str_from(rest, brace < rest.len ? brace + 1 : brace);
    bool is_empty = str_trimmed(rest, " \t\r\n").len <= 1;
    str_add_text(&out, is_empty ? "}" : ",");
    if (!is_empty)
        str_add(&out, rest);
    return str_built(&out);
}

/* ---- trials ---- */

static const struct str *scope_names(const struct policy *policy, const uint32_t *indices,
                                     uint32_t count, struct arena *arena)
{
    struct str *names = arena_array(arena, count + 1, sizeof *names);
    for (uint32_t i = 0; i < count; i++)
        names[i] = policy->scopes[indices[i]].name;
    return names;
}

static const struct str *role_names(const struct policy *policy, const uint32_t *indices,
                                    uint32_t count, struct arena *arena)
{
    struct str *names = arena_array(arena, count + 1, sizeof *names);
    for (uint32_t i = 0; i < count; i++)
        names[i] = policy->roles[indices[i]].name;
    return names;
}

/* What the policy leaves of the operator. */
static bool set_operator(const struct policy *policy, struct arena *arena, struct trial *out)
{
    const struct operator_holdings *holdings = &policy->operator_holdings;
    struct evaluate_caller *caller = &out->caller;
    caller->kind = holdings->is_narrowed ? EVALUATE_NARROWED : EVALUATE_OPERATOR;
    if (!holdings->is_narrowed)
        return scene_scan(out->claims, arena, &caller->claims);
    caller->scopes = scope_names(policy, holdings->scopes, holdings->scope_count, arena);
    caller->roles = role_names(policy, holdings->roles, holdings->role_count, arena);
    caller->scope_count = holdings->scope_count;
    caller->role_count = holdings->role_count;
    out->claims = policy_claims_json(holdings->claims, holdings->claim_count, arena);
    return scene_scan(out->claims, arena, &caller->claims);
}

static bool set_token(const struct policy *policy, const struct scene_caller *from,
                      struct arena *arena, struct trial *out)
{
    struct evaluate_caller *caller = &out->caller;
    struct evaluate_json own;
    caller->kind = EVALUATE_VERIFIED;
    caller->scopes = from->scopes;
    caller->roles = from->roles;
    caller->scope_count = from->scope_count;
    caller->role_count = from->role_count;
    caller->verifier = from->verifier;
    if (!caller->verifier.len && policy->verifier_count)
        caller->verifier = policy->verifiers[0].name;
    if (from->claims.len && !scene_scan(from->claims, arena, &own))
        return false;
    out->claims = claims_of(from, arena);
    return scene_scan(out->claims, arena, &caller->claims);
}

bool scene_make(const struct policy *policy, const struct scene_caller *caller, uint32_t tool,
                struct str arguments, struct arena *arena, struct trial *out)
{
    *out = (struct trial){.tool = tool, .claims = STR("{}"), .arguments_text = arguments};
    out->caller.transport = caller->transport;
    bool is_local = str_is(caller->transport, "stdio");
    bool is_right = caller->has_token ? set_token(policy, caller, arena, out)
                    : is_local        ? set_operator(policy, arena, out)
                                      : scene_scan(out->claims, arena, &out->caller.claims);
    return is_right && (!arguments.len || scene_scan(arguments, arena, &out->arguments));
}

/* ---- sentences ---- */

static void add_wanted(const struct mcpp_policy *policy, const uint64_t *wanted,
                       struct str_builder *out)
{
    const char *joint = " ";
    for (uint32_t i = 0; wanted && i < policy->fact_count; i++) {
        if (!(wanted[i / 64] >> i % 64 & 1) || policy->facts[i].kind != MCPP_FACT_SCOPE)
            continue;
        str_add_format(out, "%s\"%s\"", joint, policy->facts[i].name);
        joint = " ";
    }
}

struct str scene_describe(const struct mcpp_policy *policy, const struct decision *decision,
                          struct arena *arena)
{
    static const char *const words[] = {
        [DECISION_UNKNOWN_TOOL] = "hidden: an unknown tool",
        [DECISION_NEEDS_TOKEN] = "401: a token is asked for",
        [DECISION_INSUFFICIENT_SCOPE] = "403: what the tool needs is not held",
        [DECISION_DENIED] = "403: denied by a rule",
        [DECISION_REFUSED] = "refused by a rule on arguments",
        [DECISION_ARGUMENT] = "refused: an argument that a rule looks at has a wrong type",
        [DECISION_FILLED] = "refused: an argument is given that a claim fills in",
        [DECISION_CLAIM] = "refused: the claim that fills an argument in is missing",
        [DECISION_ALLOW] = "allowed",
    };
    struct str_builder out = {.arena = arena};
    str_add_text(&out, words[decision->kind]);
    if (decision->wanted) {
        str_add_text(&out, decision->kind == DECISION_NEEDS_TOKEN ? ", with" : ":");
        add_wanted(policy, decision->wanted, &out);
    }
    return str_built(&out);
}

const struct rule *scene_rule(const struct tables *tables, const struct decision *decision)
{
    return decision->rule ? &tables->source->rules[decision->rule - tables->policy.rules] : NULL;
}

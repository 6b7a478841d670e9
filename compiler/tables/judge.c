/*
 * The runtime's decisions on trials.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/judge.h"

#include <stdlib.h>

bool judge_open(struct judge *judge, const struct mcpp_policy *policy)
{
    *judge = (struct judge){.policy = policy, .pool = pool_open(SIZE_MAX / 2)};
    return judge->pool && fact_index_open(&judge->stdio, policy, "stdio") &&
           fact_index_open(&judge->http, policy, "http");
}

void judge_close(struct judge *judge)
{
    fact_index_close(&judge->stdio);
    fact_index_close(&judge->http);
    if (judge->pool)
        pool_close(judge->pool);
}

/* ---- callers ---- */

static const char *const *names_of(struct judge *judge, const struct str *names, uint32_t count)
{
    const char **all = pool_alloc(judge->pool, (count + 1) * sizeof *all);
    for (uint32_t i = 0; all && i < count; i++)
        all[i] = pool_text(judge->pool, (struct slice){names[i].at, names[i].len});
    return all;
}

/* The claims of the operator come one by one, by the paths of the policy. */
static bool make_narrowed(struct judge *judge, const struct fact_index *index,
                          const struct trial *trial, struct caller *out)
{
    const struct mcpp_policy *policy = judge->policy;
    const struct evaluate_json *json = &trial->caller.claims;
    struct mcpp_operator_claim *claims =
        pool_alloc(judge->pool, (policy->claim_count + 1) * sizeof *claims);
    struct json_place place = {json->text, json->tape->nodes, 0};
    uint32_t count = 0;
    for (uint32_t i = 0; claims && i < policy->claim_count; i++) {
        uint32_t node = facts_find_claim(&place, policy->claims[i].path);
        if (!node)
            continue;
        const struct json_node *value = &json->tape->nodes[node];
        claims[count++] = (struct mcpp_operator_claim){
            policy->claims[i].path,
            pool_text(judge->pool,
                      (struct slice){json->text + value->start, value->end - value->start})};
    }
    const struct mcpp_operator narrowed = {
        .scopes = names_of(judge, trial->caller.scopes, trial->caller.scope_count),
        .roles = names_of(judge, trial->caller.roles, trial->caller.role_count),
        .scope_count = trial->caller.scope_count,
        .role_count = trial->caller.role_count,
        .claims = claims,
        .claim_count = count};
    return claims && facts_of_operator(index, &narrowed, judge->pool, out);
}

static bool make_caller(struct judge *judge, const struct trial *trial, struct caller *out)
{
    const struct evaluate_json *json = &trial->caller.claims;
    const struct fact_index *index =
        str_is(trial->caller.transport, "http") ? &judge->http : &judge->stdio;
    *out = (struct caller){0};
    switch (trial->caller.kind) {
    case EVALUATE_ANONYMOUS:
        return facts_of_nobody(index, judge->pool, out);
    case EVALUATE_OPERATOR:
        return facts_of_operator(index, NULL, judge->pool, out);
    case EVALUATE_NARROWED:
        return make_narrowed(judge, index, trial, out);
    case EVALUATE_VERIFIED:
        break;
    }
    struct str name = trial->caller.verifier;
    const struct mcpp_verifier verifier = {
        .name = pool_text(judge->pool, (struct slice){name.at, name.len}),
        .scope_claim = TRIAL_SCOPES,
        .roles_claim = TRIAL_ROLES};
    struct json_place place = {json->text, json->tape->nodes, 0};
    return facts_of_token(index, &verifier, &place, judge->pool, out);
}

struct decision judge_decide(struct judge *judge, const struct trial *trial, struct caller *caller)
{
    const struct evaluate_json *json = &trial->arguments;
    struct json_place place = {json->text, json->tape ? json->tape->nodes : NULL, json->node};
    pool_reset(judge->pool);
    if (!make_caller(judge, trial, caller))
        arena_exhausted();
    return decide(judge->policy, caller, slice_of(judge->policy->tools[trial->tool].name),
                  json->text ? &place : NULL);
}

/* ---- comparing ---- */

static const enum verdict_kind verdicts[] = {
    [DECISION_UNKNOWN_TOOL] = VERDICT_UNKNOWN,
    [DECISION_NEEDS_TOKEN] = VERDICT_TOKEN,
    [DECISION_INSUFFICIENT_SCOPE] = VERDICT_NEEDS,
    [DECISION_DENIED] = VERDICT_DENIED,
    [DECISION_REFUSED] = VERDICT_REFUSED,
    [DECISION_ARGUMENT] = VERDICT_ARGUMENT,
    [DECISION_FILLED] = VERDICT_FILLED,
    [DECISION_CLAIM] = VERDICT_CLAIM,
    [DECISION_ALLOW] = VERDICT_ALLOWED,
};

bool judge_agrees(const struct policy *source, const struct mcpp_policy *policy,
                  const struct verdict *verdict, const struct decision *decision)
{
    if (verdict->kind != verdicts[decision->kind] || !verdict->rule != !decision->rule)
        return false;
    return !verdict->rule || verdict->rule - source->rules == decision->rule - policy->rules;
}

static const char *const words[] = {
    [VERDICT_ALLOWED] = "allow",
    [VERDICT_UNKNOWN] = "unknown tool",
    [VERDICT_TOKEN] = "401",
    [VERDICT_NEEDS] = "403 needs",
    [VERDICT_DENIED] = "403 rule",
    [VERDICT_REFUSED] = "refused",
    [VERDICT_ARGUMENT] = "argument of a wrong type",
    [VERDICT_FILLED] = "argument that a claim fills in",
    [VERDICT_CLAIM] = "no claim to fill in",
};

struct str judge_text(const struct decision *decision, struct arena *arena)
{
    const char *word = words[verdicts[decision->kind]];
    if (!decision->rule)
        return str_of(word);
    return str_format(arena, "%s by line %u", word, decision->rule->origin.line);
}

struct str verdict_text(const struct verdict *verdict, struct arena *arena)
{
    if (!verdict->rule)
        return str_of(words[verdict->kind]);
    struct span origin = verdict->rule->origin;
    return str_format(arena, "%s by line %u", words[verdict->kind],
                      source_position(origin.source, origin.start).line);
}

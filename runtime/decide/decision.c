/*
 * Decides one call: facts lead through the tool's diagram to an outcome or to its tests of
 * arguments. Pure: no memory, no clock, no log. Knows nothing of tokens, HTTP or MCP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/decide/decision.h"

#include "runtime/decide/lookup.h"
#include "runtime/decide/walk.h"

/* ---- what to ask for ---- */

static uint32_t bit_count(uint64_t word)
{
    return (uint32_t)__builtin_popcountll(word);
}

/* How many facts of the set the caller does not hold. */
static uint32_t lacking(const struct caller *caller, const uint64_t *set, uint32_t fact_words)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < fact_words; i++)
        count += bit_count(caller->facts ? set[i] & ~caller->facts[i] : set[i]);
    return count;
}

/* The sets come with fewest facts first and then in the policy's order, so the first of those that
 * lack least is the cheapest. */
static const uint64_t *cheapest(const struct mcpp_any_of *challenge, const struct caller *caller,
                                uint32_t fact_words)
{
    if (challenge->count == 1)
        return challenge->sets;
    const uint64_t *best = NULL;
    uint32_t best_lacking = UINT32_MAX;
    for (uint32_t i = 0; i < challenge->count; i++) {
        const uint64_t *set = challenge->sets + (size_t)i * fact_words;
        uint32_t count = lacking(caller, set, fact_words);
        if (count < best_lacking) {
            best = set;
            best_lacking = count;
        }
    }
    return best;
}

/* ---- the caller ---- */

static const struct mcpp_rule *rule_of(const struct mcpp_policy *policy, uint32_t outcome)
{
    return &policy->rules[outcome & ~MCPP_OUTCOME];
}

static uint32_t walk_caller(const struct mcpp_policy *policy, const struct caller *caller,
                            const struct mcpp_tool *tool)
{
    uint32_t root = caller->kind == CALLER_OPERATOR ? tool->operator_decision : tool->decision;
    return walk_facts(policy, root, caller->facts);
}

/* What an outcome of facts alone means; DECISION_ALLOW: arguments have a say. */
static struct decision judge_caller(const struct mcpp_policy *policy, const struct caller *caller,
                                    const struct mcpp_tool *tool, uint32_t outcome)
{
    bool is_anonymous = caller->kind == CALLER_ANONYMOUS;
    if (!walk_is_outcome(outcome) || outcome == MCPP_ALLOW)
        return (struct decision){.kind = DECISION_ALLOW, .tool = tool};
    if (outcome == MCPP_HIDDEN)
        return (struct decision){.kind = DECISION_UNKNOWN_TOOL};
    if (outcome == MCPP_NEEDS)
        return (struct decision){
            .kind = is_anonymous ? DECISION_NEEDS_TOKEN : DECISION_INSUFFICIENT_SCOPE,
            .tool = tool,
            .wanted = cheapest(&policy->challenges[tool->challenge], caller, policy->fact_words)};
    const struct mcpp_rule *rule = rule_of(policy, outcome);
    if (rule->on_arguments)
        return (struct decision){.kind = DECISION_ALLOW, .tool = tool};
    return (struct decision){.kind = is_anonymous && rule->on_identity ? DECISION_NEEDS_TOKEN
                                                                       : DECISION_DENIED,
                             .tool = tool,
                             .rule = rule};
}

struct decision decide_for_caller(const struct mcpp_policy *policy, const struct caller *caller,
                                  const struct mcpp_tool *tool)
{
    return judge_caller(policy, caller, tool, walk_caller(policy, caller, tool));
}

/* ---- the arguments ---- */

/* All tests of the tool's rules, whether the walk asks them or not: a type that a rule does not
 * expect must not lead past it. */
static const struct mcpp_test *find_misfit(const struct mcpp_policy *policy,
                                           const struct caller *caller,
                                           const struct mcpp_tool *tool,
                                           const struct json_place *arguments)
{
    for (uint32_t i = 0; i < tool->test_count; i++) {
        const struct mcpp_test *test = &policy->tests[tool->tests[i]];
        if (test_argument(test, caller, arguments) == TEST_MISFITS)
            return test;
    }
    return NULL;
}

static uint32_t walk_arguments(const struct mcpp_policy *policy, const struct caller *caller,
                               uint32_t at, const struct json_place *arguments)
{
    while (!walk_is_outcome(at)) {
        const struct mcpp_node *node = &policy->nodes[at];
        const struct mcpp_test *test = &policy->tests[node->variable - policy->fact_count];
        at = test_argument(test, caller, arguments) == TEST_HOLDS ? node->yes : node->no;
    }
    return at;
}

static bool is_given(const struct mcpp_tool *tool, const struct mcpp_fill *fill,
                     const struct json_place *arguments)
{
    return arguments &&
           json_place_member(arguments, slice_of(tool->parameters[fill->parameter].argument));
}

/* Arrays and objects have no place in one argument. */
static bool can_fill(const struct caller *caller, const struct mcpp_fill *fill)
{
    const struct caller_claim *claim = caller_claim(caller, fill->claim);
    return claim && claim->kind != JSON_ARRAY && claim->kind != JSON_OBJECT;
}

static void judge_fills(const struct caller *caller, const struct json_place *arguments,
                        struct decision *decision)
{
    const struct mcpp_tool *tool = decision->tool;
    for (uint32_t i = 0; i < tool->fill_count; i++)
        if (is_given(tool, &tool->fills[i], arguments)) {
            decision->kind = DECISION_FILLED;
            decision->fill = &tool->fills[i];
            return;
        }
    for (uint32_t i = 0; i < tool->fill_count; i++)
        if (!can_fill(caller, &tool->fills[i])) {
            decision->kind =
                caller->kind == CALLER_ANONYMOUS ? DECISION_NEEDS_TOKEN : DECISION_CLAIM;
            decision->fill = &tool->fills[i];
            return;
        }
}

struct decision decide(const struct mcpp_policy *policy, const struct caller *caller,
                       struct slice tool_name, const struct json_place *arguments)
{
    const struct mcpp_tool *tool = lookup_tool(policy, tool_name);
    if (!tool)
        return (struct decision){.kind = DECISION_UNKNOWN_TOOL};
    uint32_t at = walk_caller(policy, caller, tool);
    struct decision decision = judge_caller(policy, caller, tool, at);
    if (decision.kind != DECISION_ALLOW)
        return decision;
    decision.test = find_misfit(policy, caller, tool, arguments);
    if (decision.test) {
        decision.kind = DECISION_ARGUMENT;
        return decision;
    }
    at = walk_arguments(policy, caller, at, arguments);
    if (at != MCPP_ALLOW) {
        decision.kind = DECISION_REFUSED;
        decision.rule = rule_of(policy, at);
        return decision;
    }
    judge_fills(caller, arguments, &decision);
    return decision;
}

/* ---- lists ---- */

bool decide_is_visible(const struct mcpp_policy *policy, const struct caller *caller,
                       const struct mcpp_tool *tool)
{
    return caller->kind == CALLER_OPERATOR ||
           walk_facts(policy, tool->shown, caller->facts) == MCPP_ALLOW;
}

void decide_visible(const struct mcpp_policy *policy, const struct caller *caller, uint64_t *tools)
{
    uint32_t root = MCPP_ALLOW; /* tools that are hidden together stand together, mostly */
    bool is_shown = true;
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        if (i % 64 == 0)
            tools[i / 64] = 0;
        if (policy->tools[i].shown != root) {
            root = policy->tools[i].shown;
            is_shown = decide_is_visible(policy, caller, &policy->tools[i]);
        }
        tools[i / 64] |= (uint64_t)is_shown << i % 64;
    }
}

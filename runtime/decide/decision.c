/*
 * Decides one call: the tool's `needs` against the caller's facts. Pure: no memory, no clock, no
 * log. Knows nothing of tokens, HTTP or MCP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/decide/decision.h"

#include "runtime/decide/lookup.h"

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

static bool is_met(const struct mcpp_any_of *needs, const struct caller *caller,
                   uint32_t fact_words)
{
    for (uint32_t i = 0; i < needs->count; i++)
        if (caller_holds(caller, needs->sets + (size_t)i * fact_words, fact_words))
            return true;
    return false;
}

/* The sets come with fewest facts first and then in the policy's order, so the first of those that
 * lack least is the cheapest. */
static const uint64_t *cheapest(const struct mcpp_any_of *needs, const struct caller *caller,
                                uint32_t fact_words)
{
    if (needs->count == 1)
        return needs->sets;
    const uint64_t *best = NULL;
    uint32_t best_lacking = UINT32_MAX;
    for (uint32_t i = 0; i < needs->count; i++) {
        const uint64_t *set = needs->sets + (size_t)i * fact_words;
        uint32_t count = lacking(caller, set, fact_words);
        if (count < best_lacking) {
            best = set;
            best_lacking = count;
        }
    }
    return best;
}

struct decision decide(const struct mcpp_policy *policy, const struct caller *caller,
                       struct slice tool_name)
{
    struct decision decision = {.kind = DECISION_UNKNOWN_TOOL};
    const struct mcpp_tool *tool = lookup_tool(policy, tool_name);
    if (!tool || !decide_is_visible(policy, caller, tool))
        return decision;
    decision.tool = tool;
    if (is_met(&tool->needs, caller, policy->fact_words)) {
        decision.kind = DECISION_ALLOW;
        return decision;
    }
    decision.kind =
        caller->kind == CALLER_ANONYMOUS ? DECISION_NEEDS_TOKEN : DECISION_INSUFFICIENT_SCOPE;
    decision.wanted = cheapest(&tool->needs, caller, policy->fact_words);
    return decision;
}

bool decide_is_visible(const struct mcpp_policy *policy, const struct caller *caller,
                       const struct mcpp_tool *tool)
{
    /* Only `hide` makes a tool invisible, and ABI 1 has no `hide`: a tool whose needs are not met
     * stays in the list, because a client learns from the 403 which scope to ask for. */
    (void)policy;
    (void)caller;
    (void)tool;
    return true;
}

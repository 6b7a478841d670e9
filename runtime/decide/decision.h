/*
 * What the policy says about one call, and why. Pure functions of policy, caller and arguments:
 * listing and calling ask the same question here, and mcpc runs this code to check its own tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DECIDE_DECISION_H
#define DECIDE_DECISION_H

#include "runtime/decide/test.h"

enum decision_kind {
    DECISION_UNKNOWN_TOOL,       /* no such tool, or hidden from this caller */
    DECISION_NEEDS_TOKEN,        /* the caller is anonymous, and a token might help: 401 */
    DECISION_INSUFFICIENT_SCOPE, /* `needs` is not met: 403 */
    DECISION_DENIED,             /* by a rule on callers: 403 */
    DECISION_REFUSED,            /* by a rule on arguments: a tool result */
    DECISION_ARGUMENT,           /* an argument that a rule looks at has a wrong type: likewise */
    DECISION_FILLED,             /* an argument is given that a claim fills in: likewise */
    DECISION_CLAIM,              /* the caller has not got the claim that fills one in: 403, and for
                                    the operator a tool result */
    DECISION_ALLOW,
};

struct decision {
    enum decision_kind kind;
    const struct mcpp_tool *tool; /* NULL when unknown */
    /* DECISION_NEEDS_TOKEN and DECISION_INSUFFICIENT_SCOPE: the cheapest complete set of scopes
     * that would satisfy `needs`, of fact_words words. Cheapest: fewest that this caller lacks,
     * then fewest, then first in the policy. NULL: no scopes would. */
    const uint64_t *wanted;
    const struct mcpp_rule *rule; /* that decided; NULL: none did */
    const struct mcpp_test *test; /* DECISION_ARGUMENT */
    const struct mcpp_fill *fill; /* DECISION_FILLED, DECISION_CLAIM */
};

/* `arguments` is the call's object; NULL: none were given. */
struct decision decide(const struct mcpp_policy *policy, const struct caller *caller,
                       struct slice tool_name, const struct json_place *arguments);

/* As far as arguments do not matter: DECISION_ALLOW says that some call is still possible. */
struct decision decide_for_caller(const struct mcpp_policy *policy, const struct caller *caller,
                                  const struct mcpp_tool *tool);

/* Whether the caller may see the tool in a list: unless it is hidden. */
bool decide_is_visible(const struct mcpp_policy *policy, const struct caller *caller,
                       const struct mcpp_tool *tool);

/* All that are visible as a bitset: tool i is bit i % 64 of word i / 64; (tool_count + 63) / 64
 * words. */
void decide_visible(const struct mcpp_policy *policy, const struct caller *caller, uint64_t *tools);

#endif

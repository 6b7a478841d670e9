/*
 * What the policy says about one call, and why. Pure functions of policy, caller and arguments:
 * listing and calling ask the same question here, and mcpc runs this code to check its own tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DECIDE_DECISION_H
#define DECIDE_DECISION_H

#include "runtime/identity/caller.h"

enum decision_kind {
    DECISION_UNKNOWN_TOOL,       /* no such tool, or hidden from this caller */
    DECISION_NEEDS_TOKEN,        /* the caller is anonymous and the tool needs something: 401 */
    DECISION_INSUFFICIENT_SCOPE, /* 403; `missing` says which set would do */
    DECISION_ALLOW,
};

struct decision {
    enum decision_kind kind;
    const struct mcpp_tool *tool; /* NULL when unknown */
    /* DECISION_NEEDS_TOKEN and DECISION_INSUFFICIENT_SCOPE: the cheapest complete set that would
     * satisfy `needs`, of fact_words words. Cheapest: fewest facts that this caller lacks, then
     * fewest facts, then first in the policy. NULL: nothing would. */
    const uint64_t *wanted;
};

struct decision decide(const struct mcpp_policy *policy, const struct caller *caller,
                       struct slice tool_name);

/* Whether the caller may see the tool in a list. */
bool decide_is_visible(const struct mcpp_policy *policy, const struct caller *caller,
                       const struct mcpp_tool *tool);

#endif

/*
 * Walking decision diagrams.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DECIDE_WALK_H
#define DECIDE_WALK_H

#include <mcpp/policy.h>
#include <stdbool.h>

static inline bool walk_is_outcome(uint32_t at)
{
    return at & MCPP_OUTCOME;
}

/* As far as the facts lead: an outcome, or the first node that tests an argument. Without facts
 * none holds. */
static inline uint32_t walk_facts(const struct mcpp_policy *policy, uint32_t at,
                                  const uint64_t *facts)
{
    while (!walk_is_outcome(at)) {
        const struct mcpp_node *node = &policy->nodes[at];
        if (node->variable >= policy->fact_count)
            break;
        at = facts && facts[node->variable / 64] >> node->variable % 64 & 1 ? node->yes : node->no;
    }
    return at;
}

#endif

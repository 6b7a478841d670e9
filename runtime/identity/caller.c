/*
 * What a caller holds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/caller.h"

bool caller_holds(const struct caller *caller, const uint64_t *set, uint32_t fact_words)
{
    if (caller->kind == CALLER_OPERATOR)
        return true;
    bool has_facts = caller->kind == CALLER_VERIFIED && caller->facts;
    for (uint32_t i = 0; i < fact_words; i++)
        if (set[i] & ~(has_facts ? caller->facts[i] : 0))
            return false;
    return true;
}

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
    for (uint32_t i = 0; i < fact_words; i++)
        if (set[i] & ~(caller->facts ? caller->facts[i] : 0))
            return false;
    return true;
}

const struct caller_claim *caller_claim(const struct caller *caller, uint32_t claim)
{
    if (!caller->claims || caller->claims[claim].kind == JSON_NULL)
        return NULL;
    return &caller->claims[claim];
}

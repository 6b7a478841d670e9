/*
 * The map of facts. Names come from signed tokens, so a plain hash will do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/decide/fact_index.h"

#include <stdlib.h>

/* FNV-1a */
static uint32_t hash_of(enum mcpp_fact_kind kind, struct slice name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) + (uint64_t)kind;
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)name.at[i]) * UINT64_C(0x100000001b3);
    return (uint32_t)(hash ^ hash >> 32);
}

/* A role with a condition of its own is what the condition says, whatever a token lists. */
static bool is_listed(const struct mcpp_policy *policy, uint32_t fact)
{
    enum mcpp_fact_kind kind = policy->facts[fact].kind;
    if (kind != MCPP_FACT_ROLE)
        return kind == MCPP_FACT_SCOPE;
    for (uint32_t i = 0; i < policy->derived_count; i++)
        if (policy->derived[i].fact == fact)
            return false;
    return true;
}

bool fact_index_open(struct fact_index *index, const struct mcpp_policy *policy,
                     const char *transport)
{
    uint32_t size = 16;
    while (size / 2 < policy->fact_count && size < UINT32_C(1) << 31)
        size *= 2;
    *index = (struct fact_index){.policy = policy, .transport = transport, .mask = size - 1};
    index->slots = calloc(size, sizeof *index->slots);
    if (!index->slots)
        return false;
    for (uint32_t i = 0; i < policy->fact_count; i++) {
        const struct mcpp_fact *fact = &policy->facts[i];
        if (!is_listed(policy, i))
            continue;
        uint32_t slot = hash_of(fact->kind, slice_of(fact->name)) & index->mask;
        while (index->slots[slot])
            slot = (slot + 1) & index->mask;
        index->slots[slot] = i + 1;
    }
    return true;
}

void fact_index_close(struct fact_index *index)
{
    free(index->slots);
    index->slots = NULL;
}

uint32_t fact_index_find(const struct fact_index *index, enum mcpp_fact_kind kind,
                         struct slice name)
{
    for (uint32_t slot = hash_of(kind, name) & index->mask; index->slots[slot];
         slot = (slot + 1) & index->mask) {
        uint32_t found = index->slots[slot] - 1;
        const struct mcpp_fact *fact = &index->policy->facts[found];
        if (fact->kind == kind && slice_is(name, fact->name))
            return found;
    }
    return MCPP_NONE;
}

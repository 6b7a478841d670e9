/*
 * The map of facts. Names come from signed tokens, so a plain hash will do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/fact_index.h"

#include <stdlib.h>

/* FNV-1a */
static uint64_t hash_of(struct slice name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)name.at[i]) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 32;
}

bool fact_index_open(struct fact_index *index, const struct mcpp_policy *policy)
{
    uint32_t size = 16;
    while (size / 2 < policy->fact_count && size < UINT32_C(1) << 31)
        size *= 2;
    *index = (struct fact_index){.policy = policy, .mask = size - 1};
    index->slots = calloc(size, sizeof *index->slots);
    if (!index->slots)
        return false;
    for (uint32_t i = 0; i < policy->fact_count; i++) {
        if (policy->facts[i].kind != MCPP_FACT_SCOPE)
            continue;
        uint32_t slot = (uint32_t)hash_of(slice_of(policy->facts[i].name)) & index->mask;
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

static void add_fact(const struct mcpp_policy *policy, uint32_t fact, uint64_t *facts)
{
    for (uint32_t i = 0; i < policy->fact_words; i++)
        facts[i] |= policy->facts[fact].implies[i];
}

void fact_index_add_token(const struct fact_index *index, uint64_t *facts)
{
    for (uint32_t i = 0; i < index->policy->fact_count; i++)
        if (index->policy->facts[i].kind == MCPP_FACT_TOKEN)
            add_fact(index->policy, i, facts);
}

void fact_index_add_scope(const struct fact_index *index, struct slice name, uint64_t *facts)
{
    uint32_t slot = (uint32_t)hash_of(name) & index->mask;
    for (; index->slots[slot]; slot = (slot + 1) & index->mask) {
        uint32_t fact = index->slots[slot] - 1;
        if (slice_is(name, index->policy->facts[fact].name)) {
            add_fact(index->policy, fact, facts);
            return;
        }
    }
}

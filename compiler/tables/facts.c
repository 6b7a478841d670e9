/*
 * Facts and sets of facts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/facts.h"

bool fact_set_covers(const uint64_t *set, const uint64_t *part, uint32_t words)
{
    for (uint32_t i = 0; i < words; i++)
        if (part[i] & ~set[i])
            return false;
    return true;
}

uint32_t fact_set_size(const uint64_t *set, uint32_t words)
{
    uint32_t size = 0;
    for (uint32_t i = 0; i < words; i++)
        size += (uint32_t)__builtin_popcountll(set[i]);
    return size;
}

void facts_close(const struct facts *facts, uint64_t *set)
{
    /* one pass: what a fact implies is complete */
    for (uint32_t fact = 0; fact < facts->count; fact++)
        for (uint32_t i = 0; fact_set_has(set, fact) && i < facts->words; i++)
            set[i] |= facts->at[fact].implies[i];
}

void facts_build(const struct policy *policy, struct arena *arena, struct facts *out)
{
    uint32_t count = FACT_FIRST_SCOPE + policy->scope_count;
    uint32_t words = (count + 63) / 64;
    struct mcpp_fact *facts = arena_array(arena, count, sizeof *facts);
    uint64_t *sets = arena_array(arena, (size_t)count * words, sizeof *sets);
    fact_set_add(sets, FACT_TOKEN);
    facts[FACT_TOKEN] = (struct mcpp_fact){MCPP_FACT_TOKEN, "token", "", sets, 0};
    for (uint32_t i = 0; i < policy->scope_count; i++) {
        const struct scope *scope = &policy->scopes[i];
        uint64_t *implies = sets + (size_t)(i + FACT_FIRST_SCOPE) * words;
        fact_set_add(implies, FACT_TOKEN); /* only a token carries scopes */
        fact_set_add(implies, i + FACT_FIRST_SCOPE);
        for (uint32_t j = 0; j < scope->implies_count; j++)
            fact_set_add(implies, scope->implies[j] + FACT_FIRST_SCOPE);
        facts[i + FACT_FIRST_SCOPE] =
            (struct mcpp_fact){MCPP_FACT_SCOPE, str_text(arena, scope->name),
                               str_text(arena, scope->description), implies, 0};
    }
    *out = (struct facts){facts, count, words};
}

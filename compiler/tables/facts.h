/*
 * Numbers the facts about a caller: fact 0 is the token itself, then the policy's scopes in their
 * order. Takes a checked policy; gives facts and sets of them. Knows nothing of tools.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_FACTS_H
#define TABLES_FACTS_H

#include "compiler/policy/check.h"
#include <mcpp/policy.h>

enum { FACT_TOKEN = 0, FACT_FIRST_SCOPE = 1 };

struct facts {
    const struct mcpp_fact *at;
    uint32_t count, words;
};

void facts_build(const struct policy *policy, struct arena *arena, struct facts *out);

/* Sets of facts: `words` words, fact i is bit i % 64 of word i / 64. */
static inline void fact_set_add(uint64_t *set, uint32_t fact)
{
    set[fact / 64] |= UINT64_C(1) << fact % 64;
}

static inline bool fact_set_has(const uint64_t *set, uint32_t fact)
{
    return set[fact / 64] >> fact % 64 & 1;
}

bool fact_set_covers(const uint64_t *set, const uint64_t *part, uint32_t words);
uint32_t fact_set_size(const uint64_t *set, uint32_t words);

/* Adds to the set all that its facts imply. */
void facts_close(const struct facts *facts, uint64_t *set);

#endif

/*
 * Facts about a caller as the tables have them: the policy's atoms about callers in their order,
 * with what each implies. Knows nothing of tools.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_FACTS_H
#define TABLES_FACTS_H

#include "compiler/logic/atom.h"
#include <mcpp/policy.h>

struct facts {
    const struct atoms *atoms;
    const struct mcpp_fact *at;
    uint32_t count, words;
};

/* `test_first` is the index of the first test of a claim among the tables' tests. */
void facts_build(const struct atoms *atoms, uint32_t test_first, struct arena *arena,
                 struct facts *out);

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

/* The statement that declares the fact; no span for those that conditions make. */
struct span fact_origin(const struct atoms *atoms, uint32_t fact);

#endif

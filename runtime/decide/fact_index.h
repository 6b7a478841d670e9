/*
 * From the words of a token to the facts of the policy: a hash map made once per policy.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DECIDE_FACT_INDEX_H
#define DECIDE_FACT_INDEX_H

#include <mcpp/policy.h>

#include "runtime/memory/slice.h"

struct fact_index {
    const struct mcpp_policy *policy;
    const char *transport; /* "stdio" or "http" */
    uint32_t *slots;       /* a fact's index + 1; 0: free */
    uint32_t mask;         /* count of slots - 1 */
};

/* False: out of memory. */
bool fact_index_open(struct fact_index *index, const struct mcpp_policy *policy,
                     const char *transport);
void fact_index_close(struct fact_index *index);

/* The scope, or the role that verifiers list, of this name; MCPP_NONE: the policy knows none. */
uint32_t fact_index_find(const struct fact_index *index, enum mcpp_fact_kind kind,
                         struct slice name);

#endif

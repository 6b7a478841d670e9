/*
 * From the words of a token to the facts of the policy: a hash map made once per policy.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_FACT_INDEX_H
#define IDENTITY_FACT_INDEX_H

#include <mcpp/policy.h>

#include "runtime/memory/slice.h"

struct fact_index {
    const struct mcpp_policy *policy;
    uint32_t *slots; /* a fact's index + 1; 0: free */
    uint32_t mask;   /* count of slots - 1 */
};

bool fact_index_open(struct fact_index *index, const struct mcpp_policy *policy); /* memory */
void fact_index_close(struct fact_index *index);

/* Adds to `facts` what holds for every valid token. */
void fact_index_add_token(const struct fact_index *index, uint64_t *facts);

/* Adds the scope of this name and all it implies; a name that the policy does not know adds
 * nothing. */
void fact_index_add_scope(const struct fact_index *index, struct slice name, uint64_t *facts);

#endif

/*
 * Finds a tool by its name in the policy's perfect hash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DECIDE_LOOKUP_H
#define DECIDE_LOOKUP_H

#include <mcpp/policy.h>

#include "runtime/memory/slice.h"

/* The two functions that mcpc builds the table with; see struct mcpp_hash_table. */
uint64_t mcpp_hash(uint64_t seed, const char *name, size_t size);
uint32_t mcpp_hash_slot(uint64_t hash, uint16_t displace);

/* A number below `count`, without a division: the high half of a product. */
static inline uint32_t mcpp_hash_below(uint32_t hash, uint32_t count)
{
    return (uint32_t)((uint64_t)hash * count >> 32);
}

/* The tool with exactly this name, or NULL. One hash, one comparison. */
const struct mcpp_tool *lookup_tool(const struct mcpp_policy *policy, struct slice name);

#endif

/*
 * The perfect hash of tool names: the two hash functions and the lookup. mcpc searches its
 * displacements with these very functions, so a change here changes every policy.c
 * (MCPP_POLICY_ABI).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/decide/lookup.h"

#include <endian.h>
#include <string.h>

#define MIX_WORD UINT64_C(0x9e3779b97f4a7c15)
#define MIX_END UINT64_C(0xd6e8feb86659fd93)
#define MIX_SIZE UINT64_C(0xa0761d6478bd642f)

/* The lowest byte first, whatever the machine's byte order: the table may have been made on another
 * machine. */
static uint64_t load_8(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return le64toh(word);
}

static uint64_t load_4(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return le32toh(word);
}

/* All bytes of a name of less than eight; some are read twice, which its size tells apart. */
static uint64_t load_few(const char *at, size_t size)
{
    if (size >= 4)
        return load_4(at) | load_4(at + size - 4) << 32;
    if (size == 0)
        return 0;
    return (uint64_t)(unsigned char)at[0] | (uint64_t)(unsigned char)at[size / 2] << 8 |
           (uint64_t)(unsigned char)at[size - 1] << 16;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * MIX_WORD;
    return hash ^ hash >> 32;
}

uint64_t mcpp_hash(uint64_t seed, const char *name, size_t size)
{
    uint64_t hash = seed ^ (size * MIX_SIZE);
    if (size < 8) {
        hash = mix(hash, load_few(name, size));
    } else {
        for (size_t done = 0; done + 8 < size; done += 8)
            hash = mix(hash, load_8(name + done));
        hash = mix(hash, load_8(name + size - 8));
    }
    hash *= MIX_END;
    return hash ^ hash >> 29;
}

uint32_t mcpp_hash_slot(uint64_t hash, uint16_t displace)
{
    /* exclusive or and shift before the product: with a sum, two names whose hashes are near would
     * stay near under every displacement */
    uint64_t moved = hash ^ (displace * MIX_WORD);
    moved = (moved ^ moved >> 32) * MIX_END;
    return (uint32_t)(moved >> 32);
}

const struct mcpp_tool *lookup_tool(const struct mcpp_policy *policy, struct slice name)
{
    const struct mcpp_hash_table *names = &policy->names;
    uint64_t hash = mcpp_hash(names->seed, name.at, name.len);
    uint16_t displace = names->displace[mcpp_hash_below((uint32_t)hash, names->bucket_count)];
    uint32_t index =
        names->slots[mcpp_hash_below(mcpp_hash_slot(hash, displace), names->slot_count)];
    if (index >= policy->tool_count)
        return NULL;
    const struct mcpp_tool *tool = &policy->tools[index];
    return slice_is(name, tool->name) ? tool : NULL;
}

/*
 * Counting calls. A level is in parts of a call so small that a millisecond adds a whole number of
 * them: there is no rounding, and so no drift.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/limiter.h"

#include <stdlib.h>

enum { SETS = 1024, WAYS = 8 };

struct bucket {
    uint64_t name; /* of what it counts; 0: free */
    uint64_t at_ms, level;
};

struct limiter {
    const struct mcpp_policy *policy;
    uint64_t key;
    struct bucket (*sets)[WAYS]; /* NULL: the policy has no limits */
};

struct limiter *limiter_open(const struct mcpp_policy *policy, uint64_t key)
{
    struct limiter *limiter = calloc(1, sizeof *limiter);
    if (!limiter)
        return NULL;
    *limiter = (struct limiter){.policy = policy, .key = key};
    if (policy->limit_count)
        limiter->sets = calloc(SETS, sizeof *limiter->sets);
    if (limiter->sets || !policy->limit_count)
        return limiter;
    free(limiter);
    return NULL;
}

void limiter_close(struct limiter *limiter)
{
    if (limiter)
        free(limiter->sets);
    free(limiter);
}

/* ---- whom a limit counts ---- */

static uint64_t mix(uint64_t hash, struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.at[i]) * UINT64_C(0x100000001b3);
    return (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
}

/* Callers without a token are one subject and one client, and the operator is another. */
static uint64_t name_of(const struct limiter *limiter, uint32_t index, const struct mcpp_tool *tool,
                        const struct caller *caller)
{
    enum mcpp_limit_per per = limiter->policy->limits[index].per;
    uint64_t name = (limiter->key ^ index) * UINT64_C(0x9e3779b97f4a7c15);
    if (per == MCPP_PER_TOOL)
        name = mix(name, slice_of(tool->name));
    if (per == MCPP_PER_SUBJECT || per == MCPP_PER_CLIENT) {
        name = mix(name ^ (uint64_t)caller->kind << 56, caller->issuer);
        name = mix(name, per == MCPP_PER_SUBJECT ? caller->subject : caller->client);
    }
    return name ? name : 1;
}

/* ---- buckets ---- */

static uint64_t call_size(const struct mcpp_limit *limit)
{
    return (uint64_t)limit->period_s * 1000;
}

/* The bucket of this name, filled up to now; a new one is full. */
static struct bucket *find_bucket(struct limiter *limiter, const struct mcpp_limit *limit,
                                  uint64_t name, uint64_t now_ms)
{
    struct bucket *set = limiter->sets[name >> 32 & (SETS - 1)], *found = &set[0];
    uint64_t full = limit->burst * call_size(limit);
    for (uint32_t i = 0; i < WAYS; i++) {
        if (set[i].name == name) {
            found = &set[i];
            break;
        }
        if (!set[i].name || set[i].at_ms < found->at_ms)
            found = &set[i];
    }
    if (found->name != name)
        *found = (struct bucket){name, now_ms, full};
    uint64_t passed = now_ms - found->at_ms, missing = full - found->level;
    found->level = passed > missing / limit->count ? full : found->level + passed * limit->count;
    found->at_ms = now_ms;
    return found;
}

uint32_t limiter_take(struct limiter *limiter, const struct mcpp_tool *tool,
                      const struct caller *caller, uint64_t now_ms)
{
    uint64_t wait_ms = 0;
    for (uint32_t pass = 0; pass < 2 && !wait_ms; pass++)
        for (uint32_t i = 0; i < tool->limit_count; i++) {
            const struct mcpp_limit *limit = &limiter->policy->limits[tool->limits[i]];
            uint64_t name = name_of(limiter, tool->limits[i], tool, caller);
            struct bucket *bucket = find_bucket(limiter, limit, name, now_ms);
            uint64_t size = call_size(limit);
            if (pass) /* all of them have room */
                bucket->level -= size < bucket->level ? size : bucket->level;
            else if (bucket->level < size) {
                uint64_t wait = (size - bucket->level + limit->count - 1) / limit->count;
                wait_ms = wait > wait_ms ? wait : wait_ms;
            }
        }
    return (uint32_t)((wait_ms + 999) / 1000);
}

/*
 * The cache of tokens: a chained hash table over two lists in order of use (a segmented LRU).
 *
 * The hash is of the last 64 characters, which are the signature's and differ between any two
 * tokens of an honest issuer, and of the length; then the whole token is compared. That compare is
 * what makes a find right: a changed payload keeps its signature.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/token_cache.h"

#include <stdlib.h>

#include "runtime/memory/secret.h"

enum {
    HASHED = 64,           /* characters */
    BYTES_PER_SLOT = 1024, /* a token and what is known of it, about */
    SLOTS_MIN = 16,
    PROBATION = 4, /* a quarter of the bytes */
};

struct entry {
    struct known_token known; /* the first member: a find is an entry */
    struct entry *next;       /* of the slot */
    struct entry *newer, *older;
    uint64_t hash;
    size_t size; /* of all of it */
    size_t caller_size;
    struct slice token;
    bool is_protected;
    _Alignas(max_align_t) char memory[]; /* the caller, then the token */
};

struct queue {
    struct entry *newest, *oldest;
    size_t bytes, max;
};

struct token_cache {
    const struct mcpp_policy *policy;
    struct siphash_key key;
    struct entry **slots;
    uint32_t mask, count;
    struct queue probation, protected;
};

/* ---- lists ---- */

static struct queue *queue_of(struct token_cache *cache, const struct entry *entry)
{
    return entry->is_protected ? &cache->protected : &cache->probation;
}

static void queue_remove(struct queue *queue, struct entry *entry)
{
    *(entry->newer ? &entry->newer->older : &queue->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &queue->oldest) = entry->newer;
    queue->bytes -= entry->size;
}

static void queue_push(struct queue *queue, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = queue->newest;
    *(queue->newest ? &queue->newest->newer : &queue->oldest) = entry;
    queue->newest = entry;
    queue->bytes += entry->size;
}

static void entry_drop(struct token_cache *cache, struct entry *entry)
{
    struct entry **link = &cache->slots[entry->hash & cache->mask];
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    queue_remove(queue_of(cache, entry), entry);
    cache->count--;
    secret_wipe(entry, entry->size);
    free(entry);
}

static void make_room(struct token_cache *cache, struct queue *queue, size_t size)
{
    while (queue->oldest && queue->bytes + size > queue->max)
        entry_drop(cache, queue->oldest);
}

/* Seen again: to the head of the protected ones. Those who fall off their end get a second chance
 * on probation. */
static void promote(struct token_cache *cache, struct entry *entry)
{
    if (entry == cache->protected.newest)
        return;
    queue_remove(queue_of(cache, entry), entry);
    entry->is_protected = true;
    queue_push(&cache->protected, entry);
    while (cache->protected.bytes > cache->protected.max && cache->protected.oldest != entry) {
        struct entry *oldest = cache->protected.oldest;
        queue_remove(&cache->protected, oldest);
        oldest->is_protected = false;
        make_room(cache, &cache->probation, oldest->size);
        queue_push(&cache->probation, oldest);
    }
}

/* ---- the interface ---- */

struct token_cache *token_cache_open(const struct mcpp_policy *policy, size_t bytes,
                                     const struct siphash_key *key)
{
    struct token_cache *cache = calloc(1, sizeof *cache);
    uint32_t slots = SLOTS_MIN;
    while (slots < bytes / BYTES_PER_SLOT && slots < UINT32_C(1) << 24)
        slots *= 2;
    if (!cache)
        return NULL;
    *cache = (struct token_cache){.policy = policy, .key = *key, .mask = slots - 1};
    cache->probation.max = bytes / PROBATION;
    cache->protected.max = bytes - cache->probation.max;
    cache->slots = calloc(slots, sizeof(struct entry *));
    if (cache->slots)
        return cache;
    free(cache);
    return NULL;
}

void token_cache_close(struct token_cache *cache)
{
    if (!cache)
        return;
    while (cache->probation.oldest)
        entry_drop(cache, cache->probation.oldest);
    while (cache->protected.oldest)
        entry_drop(cache, cache->protected.oldest);
    free(cache->slots);
    secret_wipe(&cache->key, sizeof cache->key);
    free(cache);
}

static uint64_t hash_of(const struct token_cache *cache, struct slice token)
{
    struct slice end = token;
    if (token.len > HASHED)
        end = (struct slice){token.at + token.len - HASHED, HASHED};
    return siphash(&cache->key, end) ^ token.len * UINT64_C(0x9e3779b97f4a7c15);
}

static struct entry *find(const struct token_cache *cache, uint64_t hash, struct slice token)
{
    struct entry *entry = cache->slots[hash & cache->mask];
    while (entry && !(entry->hash == hash && slice_equal(entry->token, token)))
        entry = entry->next;
    return entry;
}

const struct known_token *token_cache_find(struct token_cache *cache, struct slice token,
                                           int64_t now_ms)
{
    struct entry *entry = find(cache, hash_of(cache, token), token);
    if (!entry)
        return NULL;
    if (now_ms >= entry->known.expires_ms) {
        entry_drop(cache, entry);
        return NULL;
    }
    promote(cache, entry);
    return &entry->known;
}

bool token_cache_copy(const struct token_cache *cache, const struct known_token *found,
                      struct pool *pool, struct caller *out)
{
    const struct entry *entry = (const struct entry *)found;
    char *memory = pool_alloc(pool, entry->caller_size);
    if (memory)
        *out = known_caller_move(cache->policy, &found->caller, entry->memory, entry->caller_size,
                                 memory);
    if (memory)
        out->expires_ms = found->expires_ms;
    return memory != NULL;
}

void token_cache_add(struct token_cache *cache, struct slice token, const struct known_token *known)
{
    uint64_t hash = hash_of(cache, token);
    struct entry *before = find(cache, hash, token);
    size_t caller_size = known_caller_size(cache->policy, &known->caller);
    size_t size = sizeof(struct entry) + caller_size + token.len;
    if (before)
        entry_drop(cache, before);
    if (size > cache->probation.max)
        return;
    make_room(cache, &cache->probation, size);
    struct entry *entry = malloc(size);
    if (!entry)
        return;
    *entry = (struct entry){.known = *known, .hash = hash, .size = size};
    entry->caller_size = caller_size;
    entry->known.caller = known_caller_write(cache->policy, &known->caller, entry->memory);
    memcpy(entry->memory + caller_size, token.at, token.len);
    entry->token = (struct slice){entry->memory + caller_size, token.len};
    struct entry **slot = &cache->slots[hash & cache->mask];
    entry->next = *slot;
    *slot = entry;
    queue_push(&cache->probation, entry);
    cache->count++;
}

void token_cache_drop(struct token_cache *cache, const struct known_token *found)
{
    entry_drop(cache, (struct entry *)(uintptr_t)found);
}

uint32_t token_cache_count(const struct token_cache *cache)
{
    return cache->count;
}

size_t token_cache_bytes(const struct token_cache *cache)
{
    return cache->probation.bytes + cache->protected.bytes;
}

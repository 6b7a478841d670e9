/*
 * A hash table under a lock. The key is a digest or random, so that its first bytes will do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/watchers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "runtime/decide/decision.h"

enum { BUCKETS = 1024 };

struct watched {
    struct watched *next;
    struct watcher_key key;
    uint32_t streams;
    uint64_t visible[]; /* a bit for each tool */
};

struct watchers {
    const struct mcpp_policy *policy;
    size_t words;
    atomic_uint count;
    pthread_mutex_t lock;
    uint64_t *scratch; /* as long as `visible` */
    struct watched *buckets[BUCKETS];
};

struct watchers *watchers_open(const struct mcpp_policy *policy)
{
    struct watchers *watchers = calloc(1, sizeof *watchers);
    if (!watchers)
        return NULL;
    watchers->policy = policy;
    watchers->words = (policy->tool_count + (size_t)63) / 64;
    watchers->scratch = calloc(watchers->words + 1, sizeof *watchers->scratch);
    pthread_mutex_init(&watchers->lock, NULL);
    if (watchers->scratch)
        return watchers;
    watchers_close(watchers);
    return NULL;
}

void watchers_close(struct watchers *watchers)
{
    if (!watchers)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct watched *next, *at = watchers->buckets[i]; at; at = next) {
            next = at->next;
            free(at);
        }
    }
    pthread_mutex_destroy(&watchers->lock);
    free(watchers->scratch);
    free(watchers);
}

static struct watched **find(struct watchers *watchers, const struct watcher_key *key)
{
    unsigned number = (unsigned)key->bytes[0] << 8 | key->bytes[1];
    struct watched **link = &watchers->buckets[number % BUCKETS];
    while (*link && memcmp(&(*link)->key, key, sizeof *key) != 0)
        link = &(*link)->next;
    return link;
}

bool watchers_add(struct watchers *watchers, const struct watcher_key *key,
                  const struct caller *caller)
{
    pthread_mutex_lock(&watchers->lock);
    struct watched **link = find(watchers, key), *made = *link;
    if (!made) {
        made = calloc(1, sizeof *made + watchers->words * sizeof made->visible[0]);
        if (made) {
            made->key = *key;
            decide_visible(watchers->policy, caller, made->visible);
            *link = made;
        }
    }
    if (made) {
        made->streams++;
        atomic_fetch_add(&watchers->count, 1);
    }
    pthread_mutex_unlock(&watchers->lock);
    return made != NULL;
}

void watchers_remove(struct watchers *watchers, const struct watcher_key *key)
{
    pthread_mutex_lock(&watchers->lock);
    struct watched **link = find(watchers, key), *found = *link;
    if (found) {
        atomic_fetch_sub(&watchers->count, 1);
        if (--found->streams == 0) {
            *link = found->next;
            free(found);
        }
    }
    pthread_mutex_unlock(&watchers->lock);
}

bool watchers_are_empty(const struct watchers *watchers)
{
    return atomic_load(&watchers->count) == 0;
}

bool watchers_note(struct watchers *watchers, const struct watcher_key *key,
                   const struct caller *caller)
{
    size_t size = watchers->words * sizeof *watchers->scratch;
    bool has_changed = false;
    pthread_mutex_lock(&watchers->lock);
    struct watched *found = *find(watchers, key);
    if (found) {
        decide_visible(watchers->policy, caller, watchers->scratch);
        has_changed = memcmp(found->visible, watchers->scratch, size) != 0;
        memcpy(found->visible, watchers->scratch, size);
    }
    pthread_mutex_unlock(&watchers->lock);
    return has_changed;
}

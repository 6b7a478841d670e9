/*
 * The keys of one issuer, kept fresh: fetched at start, refreshed in the background before anybody
 * waits, fetched again when a token names an unknown key. One fetch at a time for all workers, and
 * an issuer that fails costs nothing but its last good keys' age. One per worker and key set: the
 * text is shared (key_table.h), the keys are not, since OpenSSL locks those that are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_KEY_CACHE_H
#define IDENTITY_KEY_CACHE_H

#include "runtime/identity/jwks.h"
#include "runtime/identity/key_table.h"
#include "runtime/identity/wait.h"
#include "runtime/worker.h"

struct key_cache;

/* Seconds. */
enum {
    KEYS_LIFE = 10 * 60, /* when the answer does not say */
    KEYS_LIFE_MIN = 60,
    KEYS_LIFE_MAX = 24 * 3600,
};

/* Starts the first fetch, unless another worker did. NULL: the cause is logged. */
struct key_cache *key_cache_open(const struct worker *worker, const struct key_source *source,
                                 struct waker *waker);
void key_cache_close(struct key_cache *cache); /* NULL is fine */

bool key_cache_is_of(const struct key_cache *cache, const struct key_source *source);

/* NULL: there are none, or they are too old. */
const struct jwks *key_cache_keys(const struct key_cache *cache);
bool key_cache_is_fetching(const struct key_cache *cache);

/* Changes whenever the keys do, and only then. 0: there are none, or they are too old. */
uint64_t key_cache_generation(const struct key_cache *cache);

/* Those who wait for the fetch that is under way: woken after it, good or bad. */
struct wait_list *key_cache_waiting(struct key_cache *cache);

/* A token names a key that is not there: fetches again unless that was tried just now. Whether a
 * fetch is under way. */
bool key_cache_refresh(struct key_cache *cache);

/* The life of an answer in seconds by its Cache-Control (RFC 9111, section 5.2), within bounds. */
uint32_t key_cache_life(struct slice cache_control);

#endif

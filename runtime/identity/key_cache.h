/*
 * The keys of one issuer, kept fresh: fetched at start, refreshed in the background before anybody
 * waits, fetched again when a token names an unknown key. One fetch at a time, and an issuer that
 * fails costs nothing but its last good keys' age. One per worker and key set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_KEY_CACHE_H
#define IDENTITY_KEY_CACHE_H

#include "runtime/identity/jwks.h"
#include "runtime/worker.h"

struct key_cache;

/* Seconds. */
enum {
    KEYS_LIFE = 10 * 60, /* when the answer does not say */
    KEYS_LIFE_MIN = 60,
    KEYS_LIFE_MAX = 24 * 3600,
    KEYS_STALE = 24 * 3600, /* beyond their life, while the issuer fails */
    KEYS_COOLDOWN = 30,     /* between attempts because of an unknown kid */
};

/* Starts the first fetch. `jwks` "" finds the key set through the issuer's metadata; both texts are
 * borrowed. `changed` is called after each fetch, good or bad. NULL: the cause is logged. */
struct key_cache *key_cache_open(const struct worker *worker, const char *jwks, const char *issuer,
                                 void (*changed)(void *context), void *context);
void key_cache_close(struct key_cache *cache); /* NULL is fine */

bool key_cache_is_of(const struct key_cache *cache, const char *jwks, const char *issuer);

/* NULL: there are none, or they are too old. */
const struct jwks *key_cache_keys(const struct key_cache *cache);
bool key_cache_is_fetching(const struct key_cache *cache);

/* A token names a key that is not there: fetches again unless that was tried just now. Whether a
 * fetch is under way. */
bool key_cache_refresh(struct key_cache *cache);

/* The life of an answer in seconds by its Cache-Control (RFC 9111, section 5.2), within bounds. */
uint32_t key_cache_life(struct slice cache_control);

#endif

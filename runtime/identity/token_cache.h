/*
 * Tokens that were verified, so that the next request with one costs a look-up. Bounded: a token
 * starts on probation and is kept longer once it was seen again, so that a flood of tokens that
 * come once does not push out those that are in use. One per worker.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_TOKEN_CACHE_H
#define IDENTITY_TOKEN_CACHE_H

#include "runtime/identity/known_token.h"
#include "runtime/memory/siphash.h"

struct token_cache;

/* Holds at most so many bytes, 0: nothing. NULL: out of memory. */
struct token_cache *token_cache_open(const struct mcpp_policy *policy, size_t bytes,
                                     const struct siphash_key *key);
void token_cache_close(struct token_cache *cache); /* NULL is fine */

/* The token, unless it has expired. Whoever asks sees to the generation of the keys and drops what
 * is outdated. Valid until the cache is changed. */
const struct known_token *token_cache_find(struct token_cache *cache, struct slice token,
                                           int64_t now_ms);

/* A copy of the caller in `pool`. False: out of memory. */
bool token_cache_copy(const struct token_cache *cache, const struct known_token *found,
                      struct pool *pool, struct caller *out);

/* Keeps a copy, or not: there may be no memory. */
void token_cache_add(struct token_cache *cache, struct slice token,
                     const struct known_token *known);

void token_cache_drop(struct token_cache *cache, const struct known_token *found);

/* For tests and metrics. */
uint32_t token_cache_count(const struct token_cache *cache);
size_t token_cache_bytes(const struct token_cache *cache);

#endif

/*
 * From a token's claims to a caller: the facts of the policy and the values of the claims that it
 * looks at. Used once per token, by the server and by mcpc for the policy's own tests.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DECIDE_FACTS_H
#define DECIDE_FACTS_H

#include "runtime/decide/fact_index.h"
#include "runtime/decide/test.h"
#include "runtime/memory/pool.h"

/*
 * Each fills `kind`, `facts` and `claims` of a caller, with copies in `pool`, and leaves the rest
 * alone. False: out of memory.
 */

/* `claims` is the object that `verifier` has accepted. */
bool facts_of_token(const struct fact_index *index, const struct mcpp_verifier *verifier,
                    const struct json_place *claims, struct pool *pool, struct caller *out);

/* Anonymous. */
bool facts_of_nobody(const struct fact_index *index, struct pool *pool, struct caller *out);

/* The local operator; `narrowed` NULL: holds everything. */
bool facts_of_operator(const struct fact_index *index, const struct mcpp_operator *narrowed,
                       struct pool *pool, struct caller *out);

/* The node of a claim, 0: none. A path's dots go into objects, except in one with a ':', which is
 * one name (`https://x.example/roles`, `cognito:groups`). */
uint32_t facts_find_claim(const struct json_place *claims, const char *path);

#endif

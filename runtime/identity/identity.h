/*
 * Recognises access tokens: routes a token to its verifier, keeps the verifiers' keys, computes the
 * caller's facts. One per worker. Needs the loop and the upstream, knows nothing of MCP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include "runtime/identity/caller.h"
#include "runtime/memory/pool.h"
#include "runtime/worker.h"

enum identity_outcome {
    IDENTITY_VALID,
    IDENTITY_INVALID,     /* 401 invalid_token, whatever the cause */
    IDENTITY_PENDING,     /* keys are being fetched: wait, then ask again */
    IDENTITY_UNAVAILABLE, /* keys cannot be had: 503 */
};

/* NULL and a logged reason when a verifier cannot work (bad URL, out of memory). Starts the first
 * fetch of keys. worker->upstream and ->loop must be set. */
struct identity *identity_open(const struct worker *worker);
void identity_close(struct identity *identity);

/* Whether some verifier could judge a token now: its keys are there, or it needs none. */
bool identity_is_ready(const struct identity *identity);

/* Judges a token (the part after "Bearer "). On IDENTITY_VALID fills `out`, whose texts and facts
 * live in `pool`. On IDENTITY_INVALID *cause is a fixed text for the log, never for the client. */
enum identity_outcome identity_check(struct identity *identity, struct slice token,
                                     struct pool *pool, struct caller *out, const char **cause);

/* After IDENTITY_PENDING: `done` is called once, from the loop, when asking again is worthwhile. */
struct identity_wait {
    void (*done)(void *context);
    void *context;
    struct identity_wait *next, **link; /* of the list; owned by identity while waiting */
};

void identity_wait(struct identity *identity, struct identity_wait *wait);
void identity_wait_cancel(struct identity_wait *wait);

#endif

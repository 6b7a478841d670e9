/*
 * The two structs that hold all state of a running server: what is constant and shared, and what
 * belongs to one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_WORKER_H
#define RUNTIME_WORKER_H

#include <mcpp/policy.h>

#include "runtime/memory/locked.h"
#include "runtime/memory/siphash.h"
#include "runtime/options.h"

struct event_base;
struct upstream;
struct identity;
struct replay;
struct key_table;
struct trust;
struct credentials;
struct callers;
struct limiter;
struct quota;
struct listing;
struct schema_cache;
struct sessions;
struct bulletin;
struct watchers;
struct board;
struct shared;
struct metrics;
struct oauth2;
struct oauth2_worker;
struct retry_budget;
struct mcpp_native_tool;

/* Constant once the workers run. After SIGHUP they go over to another one, which differs in its
 * options only. */
struct mcpp_server {
    const struct mcpp_policy *policy;
    struct options options;
    struct credentials *credentials; /* secrets read at start */
    struct callers *callers;         /* that no token makes */
    struct oauth2 *oauth2;           /* authorization servers and tokens */
    struct listing *listing;         /* tools as list text, rendered at start */
    struct sessions *sessions;       /* what is remembered of legacy sessions */
    struct bulletin *bulletin;       /* notices between workers */
    struct watchers *watchers;       /* whose streams are open */
    uint8_t seal_key[64];            /* of session ids and cursors, drawn at start */
    uint8_t ticket_key[80];          /* of TLS sessions, the same for all workers */
    struct siphash_key token_key;    /* of the tables of tokens, likewise */
    struct trust *trust;             /* secrets of verifiers; NULL when tokens are not validated */
    struct key_table *keys;          /* key sets of issuers */
    struct replay *replay;           /* ids of DPoP proofs */
    struct shared *shared;           /* what the workers count together */
    struct metrics *metrics;         /* of each worker */
    uint32_t worker_count;
    struct locked redis_password; /* of limits_redis; empty: none */
    /* by the index of their tool; NULL: none */
    const struct mcpp_native_tool *const *natives;
};

struct worker {
    const struct mcpp_server *server; /* read it anew in each event */
    struct metrics *metrics;          /* its own among the server's */
    struct event_base *loop;
    struct upstream *upstream;
    struct schema_cache *schemas; /* of the tools' arguments */
    struct board *board;          /* its notices */
    struct limiter *limiter;      /* of calls */
    struct oauth2_worker *oauth2;
    struct retry_budget *retries; /* of backend calls */
    struct quota *quota;          /* of calls over all instances; NULL: each worker by itself */
    struct identity *identity;    /* NULL when tokens are not validated */
};

/* Opens the parts. False and a logged reason; worker_close is due all the same. */
bool worker_open(struct worker *worker, const struct mcpp_server *server, uint32_t index,
                 struct event_base *loop);
void worker_close(struct worker *worker);

#endif

/*
 * What one call sends to the backend: the credentials that its tool's choices come to, with tokens
 * and claims filled in. Some tokens have to be got first, so this may take a while.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_SENDING_H
#define BACKEND_SENDING_H

#include "runtime/identity/caller.h"
#include "runtime/memory/pool.h"
#include "runtime/oauth2/tokens.h"
#include "runtime/worker.h"

struct sent {
    const struct mcpp_credential *credential;
    uint32_t index;          /* of the credential */
    const char *text;        /* "Name: value" of a header, "name=value" of a query or cookie */
    struct token_wait token; /* MCPP_SEND_OAUTH2 */
};

struct sending_source {
    const struct worker *worker;
    const struct mcpp_tool *tool;
    const struct caller *caller;
    struct slice caller_token; /* as the caller showed it; empty: none */
    struct pool *pool;         /* what is sent lives here, but no secret does */
    void (*done)(void *context);
    void *context;
};

enum sending_state {
    SENDING_READY,
    SENDING_WAITING, /* `done` will be called; then sending_prepare again */
    SENDING_REFUSED, /* `refusal` is for the model */
    SENDING_MISSING, /* the caller has to agree first: `missing` is the credential */
};

struct sending {
    struct sending_source source;
    struct sent *items;
    uint32_t count, ready; /* ready: the first ones that have their text */
    const char *digest;    /* "user:password"; NULL: none */
    struct slice certificate, certificate_key;
    char *caller_line; /* holds the caller's token: wiped; NULL: none */
    const char *refusal;
    uint32_t missing;
};

/* Fills `out` from its tool's choices; `out` must not move after this. */
enum sending_state sending_start(const struct sending_source *source, struct sending *out);
enum sending_state sending_prepare(struct sending *sending);

/* The backend answered 401. Whether other tokens can be had: then sending_prepare again. */
bool sending_reject(struct sending *sending);

/* Lets go of tokens, wipes copies, stops waiting. */
void sending_close(struct sending *sending);

/* Who a token of this credential is for: this caller, or everybody. */
struct token_key sending_key(const struct worker *worker, uint32_t credential,
                             const struct caller *caller, struct slice caller_token);

#endif

/*
 * Recognises access tokens: routes a token to its verifier, keeps the verifiers' keys and what is
 * known of tokens, computes the caller's facts. One per worker. Needs the loop and the upstream,
 * knows nothing of MCP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include "runtime/identity/caller.h"
#include "runtime/identity/wait.h"
#include "runtime/memory/pool.h"
#include "runtime/worker.h"

enum identity_outcome {
    IDENTITY_VALID,
    IDENTITY_INVALID,     /* 401 invalid_token, whatever the cause */
    IDENTITY_BAD_PROOF,   /* 401 invalid_dpop_proof (RFC 9449, section 7.1) */
    IDENTITY_NO_NONCE,    /* 401 use_dpop_nonce (section 9) */
    IDENTITY_PENDING,     /* somebody is being asked: wait, then ask again */
    IDENTITY_UNAVAILABLE, /* what is needed cannot be had: 503 */
};

/* NULL and a logged reason when a verifier cannot work (bad URL, out of memory). Starts the first
 * fetch of keys. worker->upstream and ->loop must be set. */
struct identity *identity_open(const struct worker *worker);
void identity_close(struct identity *identity);

/* What a request shows of its caller. */
struct presented {
    struct slice token;                /* the part after the scheme */
    bool is_dpop;                      /* the scheme is DPoP, not Bearer */
    struct slice proof;                /* of the one DPoP header; empty: none, or several */
    struct slice method, url;          /* of the request, as its caller sees it */
    const uint8_t *certificate_sha256; /* THUMBPRINT bytes; NULL: no certificate over TLS */
};

struct verdict {
    const char *cause;         /* of a refusal: a fixed text for the log, never for the client */
    struct slice described;    /* the same: what the token and its verifier say; may be empty */
    struct wait_list *waiting; /* IDENTITY_PENDING: where to wait */
};

/* On IDENTITY_VALID fills `out`, whose texts and facts live in `pool`. */
enum identity_outcome identity_check(struct identity *identity, const struct presented *presented,
                                     struct pool *pool, struct caller *out,
                                     struct verdict *verdict);

/* Whether some issuer's keys are there, so that tokens can be judged. Else it is asking for them
 * and will go on doing so. */
bool identity_is_ready(const struct identity *identity);

/* Whether an answer about keys or a token is on its way. */
bool identity_is_asking(const struct identity *identity);

#endif

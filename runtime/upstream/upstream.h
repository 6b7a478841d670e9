/*
 * HTTP requests going out: calls of the backend, fetches of keys. Three functions, so that the
 * client library behind them can be another. One per worker, on its loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UPSTREAM_UPSTREAM_H
#define UPSTREAM_UPSTREAM_H

#include <stdint.h>

#include "runtime/memory/slice.h"
#include "runtime/worker.h"

struct upstream_call;

/* Called from inside the transfer: `received` bytes of the body so far, decoded; `total` as the
 * answer's head says it, 0 when it does not. It must not cancel the call. */
typedef void upstream_progress(void *context, uint64_t received, uint64_t total);

/* Whom a request may reach. The address that the connection has is looked at, not the name, so that
 * no name can be made to mean a machine of our own network. */
enum upstream_peers {
    UPSTREAM_ANY_PEER,
    UPSTREAM_PUBLIC_PEER, /* public addresses; this machine when the URL names it */
};

struct upstream_request {
    enum upstream_peers peers;
    const char *method, *url;   /* the URL is complete and encoded */
    const char *const *headers; /* "Name: value", without CR or LF; NULL-terminated */
    struct slice body;          /* sent when has_body */
    bool has_body;
    uint32_t timeout_ms;
    size_t response_max;         /* bytes of the body; more is UPSTREAM_TOO_LARGE */
    upstream_progress *progress; /* with the context of `done`; NULL: nobody wants to know */
    bool is_secret;              /* the answer holds secrets: our copies of it are wiped */
    bool has_secret_url;         /* likewise the URL */
    const char *digest;          /* "user:password" to answer a Digest challenge with (RFC 7616) */
    struct slice certificate, certificate_key; /* of the client, PEM; empty: none */
};

enum upstream_outcome {
    UPSTREAM_ANSWERED,
    UPSTREAM_UNREACHABLE, /* no connection, name or TLS failure */
    UPSTREAM_TIMEOUT,
    UPSTREAM_TOO_LARGE,
    UPSTREAM_BROKEN,     /* the answer was no HTTP or ended early */
    UPSTREAM_OVERLOADED, /* our own queue is full */
    UPSTREAM_NO_MEMORY,
};

struct upstream_response {
    enum upstream_outcome outcome;
    bool is_transient;  /* no connection, or one that broke: another attempt may fare better */
    const char *detail; /* for the log and the tool error: "connection refused"; no secrets */
    unsigned status;
    struct slice content_type; /* as received; empty: none */
    struct slice cache_control, retry_after, location;
    struct slice body; /* decoded; a NUL follows it */
};

/* Called once from the loop, never from inside upstream_start; the response is gone after it. */
typedef void upstream_done(void *context, const struct upstream_response *response);

struct upstream *upstream_open(const struct worker *worker);
void upstream_close(struct upstream *upstream); /* cancels what is under way */

/* All of `request` must stay until done or cancelled. NULL: out of memory, `done` is not called.
 * Redirects are never followed; TLS is always verified; proxies only when the environment names one
 * (curl's *_proxy variables). */
struct upstream_call *upstream_start(struct upstream *upstream,
                                     const struct upstream_request *request, upstream_done *done,
                                     void *context);
void upstream_cancel(struct upstream_call *call); /* `done` will not be called */

/* Whether doing it twice is as doing it once (RFC 9110, 9.2.2). */
bool upstream_is_idempotent(const char *method);

#endif

/*
 * One message from a client and its answer, whatever the transport. The transport makes it, the
 * protocol answers it exactly once with exchange_reply, and the transport frees it after that.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_EXCHANGE_H
#define PROTOCOL_EXCHANGE_H

#include "grammar/http.h" /* struct http_request */
#include "runtime/identity/caller.h"
#include "runtime/memory/pool.h"
#include "runtime/worker.h"

/* The value of the only header with this name; *count (may be NULL) says how often it occurs. An
 * empty slice when there is none. */
struct slice http_header_get(const struct http_request *request, const char *name, uint32_t *count);

struct reply {
    unsigned status;          /* HTTP; ignored on stdio */
    const char *content_type; /* NULL without a body */
    struct slice headers;     /* further header lines, each with its CR LF */
    struct slice body;        /* on stdio one line of JSON, without the line end; empty: nothing */
};

struct revision;
struct turn;

/* What the messages of one stdio share. The transport keeps it, zeroed at first; only the protocol
 * looks inside. */
struct stream {
    const struct revision *revision; /* that `initialize` agreed on; NULL before */
    struct turn *turns;              /* with a call under way */
};

struct exchange {
    const struct worker *worker;
    struct pool *pool;               /* of this exchange; freed with it */
    const struct http_request *http; /* NULL on stdio */
    struct slice message;            /* the body: should be JSON; a NUL follows it */
    struct caller caller;
    struct stream *stream; /* NULL on HTTP, where each message stands alone */
    /* set by the transport; called through exchange_reply */
    void (*send)(struct exchange *exchange, const struct reply *reply);
    void *transport;
    /* set by the protocol while it waits: the client is gone, stop working and do not reply */
    void (*abandon)(struct exchange *exchange);
    void *waiting;
};

/* Answers; the exchange and its pool may be gone when this returns. */
void exchange_reply(struct exchange *exchange, const struct reply *reply);

/* Entry from a transport: answers now or later. */
void protocol_handle(struct exchange *exchange);

#endif

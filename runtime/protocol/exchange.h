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

/* How much a log message matters: RFC 5424, as MCP spells it. */
enum log_severity {
    SEVERITY_DEBUG,
    SEVERITY_INFO,
    SEVERITY_NOTICE,
    SEVERITY_WARNING,
    SEVERITY_ERROR,
    SEVERITY_CRITICAL,
    SEVERITY_ALERT,
    SEVERITY_EMERGENCY,
    SEVERITY_COUNT, /* none is sent */
};

/* What the messages of one stdio share. The transport keeps it, zeroed at first; only the protocol
 * looks inside. */
struct stream {
    const struct revision *revision; /* that `initialize` agreed on; NULL before */
    struct turn *turns;              /* with a call under way */
    bool has_severity;               /* the client asked for log messages ... */
    enum log_severity severity;      /* ... from this one on */
};

struct exchange;

/* How a transport writes an answer that comes in pieces. */
struct event_writer {
    void (*begin)(struct exchange *exchange, struct slice headers);
    void (*add)(struct exchange *exchange, struct slice message);
    void (*end)(struct exchange *exchange);
};

struct exchange {
    const struct worker *worker;
    struct pool *pool;               /* of this exchange; freed with it */
    const struct http_request *http; /* NULL on stdio */
    struct slice message;            /* the body: should be JSON; a NUL follows it */
    struct caller caller;
    struct slice peer; /* the caller's address, as far as it is known; empty on stdio */
    /* 32 bytes: SHA-256 of the certificate that the client showed over TLS, here or to a proxy that
     * is trusted (RFC 8705, section 3.1); NULL: it showed none */
    const uint8_t *certificate_sha256;
    struct stream *stream; /* NULL on HTTP, where each message stands alone */
    /* set by the transport; called through exchange_reply */
    void (*send)(struct exchange *exchange, const struct reply *reply);
    const struct event_writer *events;
    void *transport;
    /* set by the protocol while it waits: the client is gone, stop working and do not reply */
    void (*abandon)(struct exchange *exchange);
    void *waiting;
    /* set by the protocol when its events go on until the client goes: the server stops, end them
     */
    void (*stop)(struct exchange *exchange);
};

/* Answers; the exchange and its pool may be gone when this returns. */
void exchange_reply(struct exchange *exchange, const struct reply *reply);

/* An answer in pieces, instead of exchange_reply: begin once, any number of messages, end once. On
 * HTTP it is status 200, text/event-stream, one event a message (a line of JSON); `headers` are
 * further header lines. On stdio each message is a line. Between the calls the client may go away:
 * then `abandon` is called, and neither a message nor the end may follow. None of them calls it
 * from inside. The exchange is gone when exchange_end_events returns. */
void exchange_begin_events(struct exchange *exchange, struct slice headers);
void exchange_add_event(struct exchange *exchange, struct slice message);
void exchange_end_events(struct exchange *exchange);

/* Entry from a transport: answers now or later. */
void protocol_handle(struct exchange *exchange);

#endif

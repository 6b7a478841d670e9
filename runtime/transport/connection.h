/*
 * One HTTP connection: its phases, timers and end. Requests are answered one after the other, so
 * pipelined ones get their answers in order; what waits stays in the input buffer, whose size is
 * bounded. For the files of the HTTP transport only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRANSPORT_CONNECTION_H
#define TRANSPORT_CONNECTION_H

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>
#include <time.h>

#include "grammar/http.h"
#include "runtime/protocol/exchange.h"
#include "runtime/transport/address.h"
#include "runtime/transport/loop.h"
#include "runtime/transport/tls.h"
#include "runtime/worker.h"

enum {
    HEADERS_MAX = 100, /* header lines of a request */
    SPARE_POOLS = 32,  /* kept for the next requests; idle connections hold none */
    DATE_SIZE = 40,
    LINGER_BYTES = 8 * 1024 * 1024, /* that it may still send meanwhile */
    LINGER_MS = 2000,               /* for the peer to read a refusal before its bytes are reset */
    OUTPUT_PAUSE = 256 * 1024 /* answers not yet taken, above which no further request is read */
};

struct http {
    const struct worker *worker;
    struct loop *loop;         /* NULL: --metrics-address, where only probes are answered */
    struct tls *tls;           /* NULL: plain */
    struct evbuffer *direct;   /* an answer on its way to the kernel; empty in between */
    struct compress *compress; /* NULL before the first answer in gzip */
    struct evconnlistener *listener;
    struct event *accept_again; /* after running out of file descriptors */
    struct arrival *arrivals;   /* that have not said from whom they come */
    struct connection *connections;
    uint32_t connection_count;
    bool is_full; /* logged already */
    bool is_stopping;
    struct pool *spare[SPARE_POOLS];
    uint32_t spare_count;
    time_t date_second;
    char date[DATE_SIZE]; /* the Date header's value for date_second */
};

enum phase {
    PHASE_HANDSHAKE,  /* of TLS */
    PHASE_HEAD,       /* waiting for a request, or in the middle of its head */
    PHASE_BODY,       /* Content-Length */
    PHASE_CHUNK_LINE, /* chunked */
    PHASE_CHUNK_DATA,
    PHASE_CHUNK_END,
    PHASE_TRAILER,
    PHASE_HANDLING, /* the protocol has it */
    PHASE_EVENTS,   /* its answer comes in pieces */
    PHASE_CLOSING,  /* the last answer is on its way; input is thrown away */
};

struct connection {
    struct http *http;
    struct connection *next, *previous;
    struct bufferevent *stream;
    struct event timer;
    enum phase phase;
    bool is_reading;       /* http_read is on the stack */
    bool is_started;       /* the first byte of a request is there: its time runs */
    bool close_after;      /* no request after this one */
    bool is_lost;          /* takes no more of its events: to be freed from the loop */
    bool has_shut;         /* our half is closed */
    bool has_ended;        /* theirs is */
    bool skipped_line;     /* an empty line before the request, at most one (RFC 9112, 2.2) */
    size_t scanned;        /* bytes of the head that were searched for its end */
    size_t line_start;     /* of the line that `scanned` is in */
    uint64_t left;         /* bytes of the body or chunk still to come */
    size_t read_limit;     /* bytes of input, above which no more is read */
    bool is_paused;        /* for that reason */
    size_t thrown;         /* bytes of input, after the last answer */
    size_t charged;        /* bytes taken from the budget for the buffers */
    uint64_t handed_us;    /* when the protocol got the request */
    size_t overhead;       /* bytes of chunk lines and trailer */
    struct evbuffer *body; /* of a chunked body, NULL before the first */
    struct http_head head;
    struct exchange exchange;
    char peer[ADDRESS_TEXT_SIZE];
    bool is_proxy; /* that is trusted */
    bool has_certificate;
    uint8_t certificate[TLS_CERTIFICATE_SIZE]; /* of the client, as its SHA-256 */
};

/* Takes the socket; on failure it is closed. Over the limit of connections it answers 503.
 * `is_proxy`: X-Forwarded-* on it is believed. */
void connection_accept(struct http *http, int fd, const struct sockaddr *peer, bool is_proxy);
void connection_free(struct connection *connection);
void connection_set_timer(struct connection *connection, uint32_t delay_ms); /* 0: none */
void connection_pace(struct connection *connection); /* reads no more than read_limit ahead */
/* Takes what the buffers hold from the budget of all requests. False: it is spent. */
bool connection_charge(struct connection *connection);
/* Whether the protocol has the request: its exchange must be abandoned if the client goes. */
bool connection_is_handled(const struct connection *connection);
/* After an answer was queued: on to the next request, or to the end. */
void connection_answered(struct connection *connection);
void connection_stop(struct connection *connection); /* the server is told to stop */
void connection_release_pool(struct connection *connection);

/* Reads requests from the input buffer as far as they have come, and hands them over. */
void http_read(struct connection *connection);

const char *http_date_now(struct http *http); /* the value of Date */
/* Writes the protocol's answer; the `send` of its exchanges. */
void http_write_reply(struct exchange *exchange, const struct reply *reply);
/* The same for an answer in pieces. */
extern const struct event_writer http_event_writer;
void http_write_ping(struct connection *connection); /* so that proxies see it alive */
/* Answers with a status and a line of text, logs it, and closes: the rest cannot be trusted. */
void http_write_refusal(struct connection *connection, unsigned status, const char *reason);
extern const char http_too_many[]; /* the reason for 503 */
extern const char http_no_memory[];
void http_write_continue(struct connection *connection);

#endif

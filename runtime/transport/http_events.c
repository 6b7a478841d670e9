/*
 * HTTP answers in pieces: server-sent events (text/event-stream) in chunks, one event a message.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <event2/buffer.h>
#include <stdio.h>

#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/transport/connection.h"

enum {
    PING_MS = 15000, /* between comments on a quiet stream; proxies give up after 60 s */
    UNTAKEN_MAX = 4 * 1024 * 1024 /* events that the client has not taken, before it is given up */
};

static struct evbuffer *output_of(const struct connection *connection)
{
    return bufferevent_get_output(connection->stream);
}

/* Not from inside the protocol's call: it will hear of it through `abandon`. */
static void give_up(struct connection *connection, const char *reason)
{
    if (!connection->is_lost)
        log_info("%s: stream of events given up: %s", connection->peer, reason);
    connection->is_lost = true;
    connection_set_timer(connection, 1);
}

static void begin_events(struct exchange *exchange, struct slice headers)
{
    struct connection *connection = exchange->transport;
    struct evbuffer *output = output_of(connection);
    connection->phase = PHASE_EVENTS;
    metrics_answer(connection->http->worker->metrics, 200);
    /* nginx holds pieces back unless it is told not to */
    int added = evbuffer_add_printf(output,
                                    "HTTP/1.1 200 OK\r\nDate: %s\r\n"
                                    "Content-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                                    "X-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n%s",
                                    http_date_now(connection->http),
                                    connection->close_after ? "Connection: close\r\n" : "");
    if (added < 0 || evbuffer_add(output, headers.at, headers.len) != 0 ||
        evbuffer_add(output, "\r\n", 2) != 0)
        give_up(connection, "out of memory");
    else
        connection_set_timer(connection, PING_MS);
}

/* One chunk: a field name before each line of the text, an empty line after the last. */
static bool add_chunk(struct evbuffer *output, struct slice text)
{
    struct evbuffer *event = evbuffer_new();
    size_t start = 0;
    bool done = event != NULL;
    for (size_t i = 0; done && i <= text.len; i++) {
        if (i < text.len && text.at[i] != '\n' && text.at[i] != '\r')
            continue;
        if (i > start || text.len == 0)
            done = evbuffer_add(event, "data: ", 6) == 0 &&
                   evbuffer_add(event, text.at + start, i - start) == 0 &&
                   evbuffer_add(event, "\n", 1) == 0;
        start = i + 1;
    }
    done = done && evbuffer_add(event, "\n", 1) == 0 &&
           evbuffer_add_printf(output, "%zx\r\n", evbuffer_get_length(event)) > 0 &&
           evbuffer_add_buffer(output, event) == 0 && evbuffer_add(output, "\r\n", 2) == 0;
    if (event)
        evbuffer_free(event);
    return done;
}

static void add_event(struct exchange *exchange, struct slice message)
{
    struct connection *connection = exchange->transport;
    struct evbuffer *output = output_of(connection);
    if (connection->is_lost)
        return;
    if (evbuffer_get_length(output) > UNTAKEN_MAX)
        give_up(connection, "the client does not take its events");
    else if (!add_chunk(output, message) || !connection_charge(connection))
        give_up(connection, "out of memory");
    else
        connection_set_timer(connection, PING_MS);
}

static void end_events(struct exchange *exchange)
{
    struct connection *connection = exchange->transport;
    if (connection->is_lost || evbuffer_add(output_of(connection), "0\r\n\r\n", 5) != 0)
        connection->close_after = true;
    connection->is_lost = false;
    connection_answered(connection);
}

void http_write_ping(struct connection *connection)
{
    if (evbuffer_add(output_of(connection), "3\r\n:\n\n\r\n", 8) != 0)
        connection->is_lost = true;
    connection_set_timer(connection, connection->is_lost ? 1 : PING_MS);
}

const struct event_writer http_event_writer = {begin_events, add_event, end_events};

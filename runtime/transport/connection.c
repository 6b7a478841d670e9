/*
 * HTTP connections: from accept to close.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/connection.h"

#include <event2/buffer.h>
#include <event2/bufferevent_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/shared.h"

enum { SMALL_BUFFERS = 16 * 1024 };

static struct shared *shared_of(const struct http *http)
{
    return http->worker->server->shared;
}

static const struct limits *limits_of(const struct connection *connection)
{
    return &connection->http->worker->server->options.limits;
}

static size_t output_size(const struct connection *connection)
{
    return evbuffer_get_length(bufferevent_get_output(connection->stream));
}

static size_t input_size(const struct connection *connection)
{
    return evbuffer_get_length(bufferevent_get_input(connection->stream));
}

static struct metrics *metrics_of(const struct connection *connection)
{
    return connection->http->worker->metrics;
}

/* Others' requests get through while bodies come in: those may take half of the budget. */
static bool is_too_much(struct budget *budget, const struct connection *connection, size_t more)
{
    bool is_body = connection->phase >= PHASE_BODY && connection->phase <= PHASE_TRAILER;
    return is_body && budget->limit && budget_used(budget) + more > budget->limit / 2;
}

bool connection_charge(struct connection *connection)
{
    struct budget *budget = &shared_of(connection->http)->memory;
    size_t size = output_size(connection) + input_size(connection) +
                  (connection->body ? evbuffer_get_length(connection->body) : 0);
    size = size > SMALL_BUFFERS ? size : 0; /* what every connection may have */
    if (size <= connection->charged) {
        budget_give(budget, connection->charged - size);
    } else if (is_too_much(budget, connection, size - connection->charged) ||
               !budget_take(budget, size - connection->charged)) {
        return false;
    }
    connection->charged = size;
    return true;
}

/* libevent's own watermarks would do the same, but fall over when they get no memory. */
void connection_pace(struct connection *connection)
{
    bool is_full = input_size(connection) >= connection->read_limit;
    if (is_full == connection->is_paused)
        return;
    if (is_full)
        bufferevent_disable(connection->stream, EV_READ);
    else if (bufferevent_enable(connection->stream, EV_READ) != 0)
        event_active(&connection->timer, EV_TIMEOUT, 0);
    connection->is_paused = is_full;
}

void connection_set_timer(struct connection *connection, uint32_t delay_ms)
{
    if (delay_ms == 0) {
        event_del(&connection->timer);
        return;
    }
    struct timeval delay = {delay_ms / 1000, delay_ms % 1000 * 1000};
    if (event_add(&connection->timer, &delay) != 0) /* without memory the time is up */
        event_active(&connection->timer, EV_TIMEOUT, 0);
}

void connection_release_pool(struct connection *connection)
{
    struct http *http = connection->http;
    struct pool *pool = connection->exchange.pool;
    connection->exchange.pool = NULL;
    if (!pool)
        return;
    if (http->spare_count == SPARE_POOLS) {
        pool_close(pool);
        return;
    }
    pool_reset(pool);
    http->spare[http->spare_count++] = pool;
}

bool connection_is_handled(const struct connection *connection)
{
    return connection->phase == PHASE_HANDLING || connection->phase == PHASE_EVENTS;
}

void connection_free(struct connection *connection)
{
    struct http *http = connection->http;
    if (connection_is_handled(connection) && connection->exchange.abandon)
        connection->exchange.abandon(&connection->exchange);
    connection_release_pool(connection);
    if (connection->body)
        evbuffer_free(connection->body);
    event_del(&connection->timer);
    bufferevent_free(connection->stream);
    if (connection->next)
        connection->next->previous = connection->previous;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        http->connections = connection->next;
    budget_give(&shared_of(http)->memory, connection->charged);
    free(connection);
    http->connection_count--;
    metrics_add(http->worker->metrics, METRIC_CONNECTIONS, -1);
    if (atomic_fetch_sub(&shared_of(http)->connections, 1) <=
        http->worker->server->options.limits.connections)
        http->is_full = false;
    if (http->is_stopping && !http->connections)
        loop_end(http->loop);
}

static void shut(struct connection *connection)
{
    connection->has_shut = true;
    if (connection->http->tls)
        tls_shut(connection->stream);
    shutdown(bufferevent_getfd(connection->stream), SHUT_WR);
    connection_set_timer(connection, LINGER_MS);
}

/* The last answer is with the kernel. Bytes that we did not read would make it reset the connection
 * and take the answer with it, so the other side gets time to close (RFC 9112, section 9.6). */
static void linger(struct connection *connection)
{
    if (connection->has_shut)
        return;
    if (connection->has_ended) {
        connection_free(connection);
        return;
    }
    shut(connection);
}

/* Whoever goes on sending after the answer is out does not read it. False: the connection is gone.
 */
static bool throw_input_away(struct connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->stream);
    connection->thrown += evbuffer_get_length(input);
    evbuffer_drain(input, evbuffer_get_length(input));
    if (connection->thrown <= LINGER_BYTES || output_size(connection) > 0)
        return true;
    connection_free(connection);
    return false;
}

/* Whether what comes is part of a request that the protocol has not got yet. */
static bool is_reading(const struct connection *connection)
{
    return connection->phase >= PHASE_HEAD && connection->phase <= PHASE_TRAILER;
}

static void on_readable(struct bufferevent *stream, void *context)
{
    (void)stream;
    struct connection *connection = context;
    if (connection->phase == PHASE_CLOSING) {
        if (throw_input_away(connection))
            connection_pace(connection);
        return;
    }
    if (is_reading(connection) && !connection_charge(connection))
        http_write_refusal(connection, 503, http_no_memory);
    else
        http_read(connection);
    connection_pace(connection);
}

static void on_written(struct bufferevent *stream, void *context)
{
    (void)stream;
    struct connection *connection = context;
    connection_charge(connection); /* it can only be less */
    if (connection->phase == PHASE_CLOSING) {
        linger(connection);
        return;
    }
    http_read(connection); /* it may have paused for the output */
    connection_pace(connection);
}

static bool is_over(const struct http *http)
{
    return atomic_load(&shared_of(http)->connections) >
           http->worker->server->options.limits.connections;
}

static void refuse_more(struct connection *connection)
{
    struct http *http = connection->http;
    if (!http->is_full)
        log_warning("limit-connections %u reached: refusing more",
                    (unsigned)limits_of(connection)->connections);
    http->is_full = true;
    metrics_count(metrics_of(connection), METRIC_CONNECTIONS_REFUSED);
    http_write_refusal(connection, 503, http_too_many);
}

/* The handshake is done. */
static void on_connected(struct connection *connection)
{
    connection->has_certificate = tls_certificate(connection->stream, connection->certificate);
    connection->phase = PHASE_HEAD;
    connection_set_timer(connection, limits_of(connection)->idle_ms);
    if (is_over(connection->http))
        refuse_more(connection);
    else if (connection->http->is_stopping)
        connection_stop(connection);
}

static void note_failed_handshake(const struct connection *connection, const char *reason)
{
    log_info("%s: TLS handshake failed: %s", connection->peer, reason);
    metrics_count(metrics_of(connection), METRIC_HANDSHAKES_FAILED);
}

/* End of input, a reset, or no progress in writing. Whoever stops sending while an answer is being
 * made is gone as far as TCP lets us know; an answer that is made already still goes out. */
static void on_end(struct bufferevent *stream, short what, void *context)
{
    struct connection *connection = context;
    (void)stream;
    if (what & BEV_EVENT_CONNECTED) {
        on_connected(connection);
        return;
    }
    if (connection->phase == PHASE_HANDSHAKE)
        note_failed_handshake(connection, tls_fault(stream));
    if (what & BEV_EVENT_TIMEOUT)
        log_info("%s: no progress in writing within limit-write-ms", connection->peer);
    bool may_write = (what & BEV_EVENT_EOF) && !(what & BEV_EVENT_ERROR) &&
                     !connection_is_handled(connection) && !connection->has_shut &&
                     output_size(connection) > 0;
    if (!may_write) {
        connection_free(connection);
        return;
    }
    connection->has_ended = true;
    connection->phase = PHASE_CLOSING;
    connection_set_timer(connection, 0);
}

/* It is being served, and the time to write runs, if the socket is watched: see write_on. */
static void wait_for_writing(struct connection *connection)
{
    if (bufferevent_enable(connection->stream, EV_WRITE) != 0)
        connection_free(connection);
    else
        connection_set_timer(connection, limits_of(connection)->idle_ms);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    struct connection *connection = context;
    if (connection->phase == PHASE_HANDSHAKE)
        note_failed_handshake(connection, "longer than limit-read-ms");
    if (connection->phase == PHASE_CLOSING || connection->phase == PHASE_HANDSHAKE ||
        connection->is_lost)
        connection_free(connection);
    else if (connection->phase == PHASE_EVENTS)
        http_write_ping(connection);
    else if (connection->is_started)
        http_write_refusal(connection, 408, "request took longer than limit-read-ms");
    else if (output_size(connection) > 0)
        wait_for_writing(connection);
    else
        connection_free(connection);
}

/* libevent ignores it when it has no memory to watch the socket for an answer. */
static void write_on(struct connection *connection)
{
    if (output_size(connection) > 0 && !connection->http->tls &&
        !event_pending(&connection->stream->ev_write, EV_WRITE, NULL) &&
        bufferevent_enable(connection->stream, EV_WRITE) != 0)
        event_active(&connection->timer, EV_TIMEOUT, 0);
}

void connection_answered(struct connection *connection)
{
    connection_release_pool(connection);
    connection_pace(connection);
    connection->is_started = false;
    if (connection->close_after || connection->http->is_stopping) {
        connection->phase = PHASE_CLOSING;
        /* without memory for an answer there is nothing to write */
        if (output_size(connection) == 0)
            shut(connection);
        else
            connection_set_timer(connection, 0); /* the time to write runs */
        write_on(connection);
        return;
    }
    connection->phase = PHASE_HEAD;
    connection_set_timer(connection, limits_of(connection)->idle_ms);
    write_on(connection);
    /* an answer that came later: look at what has arrived meanwhile, but not on this stack */
    if (!connection->is_reading && input_size(connection) > 0)
        bufferevent_trigger(connection->stream, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
}

void connection_stop(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    connection->close_after = true;
    if (connection->phase == PHASE_EVENTS && exchange->stop) {
        exchange->stop(exchange);
        return;
    }
    if ((connection->phase == PHASE_HEAD && !connection->is_started) ||
        connection->phase == PHASE_HANDSHAKE) {
        if (output_size(connection) == 0)
            connection_free(connection);
        else
            connection->phase = PHASE_CLOSING;
    }
}

static struct connection *open_connection(struct http *http, int fd, const struct sockaddr *peer,
                                          bool is_proxy)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->stream =
        http->tls ? tls_accept(http->tls, http->worker->loop, fd)
                  : bufferevent_socket_new(http->worker->loop, fd, BEV_OPT_CLOSE_ON_FREE);
    if (!connection->stream) {
        free(connection);
        return NULL;
    }
    connection->http = http;
    connection->phase = http->tls ? PHASE_HANDSHAKE : PHASE_HEAD;
    address_text(peer, connection->peer);
    connection->is_proxy = is_proxy;
    event_assign(&connection->timer, http->worker->loop, -1, 0, on_timer, connection);
    connection->next = http->connections;
    if (http->connections)
        http->connections->previous = connection;
    http->connections = connection;
    http->connection_count++;
    atomic_fetch_add(&shared_of(http)->connections, 1);
    metrics_add(http->worker->metrics, METRIC_CONNECTIONS, 1);
    metrics_count(http->worker->metrics, METRIC_CONNECTIONS_ACCEPTED);
    return connection;
}

void connection_accept(struct http *http, int fd, const struct sockaddr *peer, bool is_proxy)
{
    /* refusing politely takes a connection too; beyond a second limit's worth there is no answer */
    const struct limits *limits = &http->worker->server->options.limits;
    bool is_hopeless = atomic_load(&shared_of(http)->connections) / 2 >= limits->connections;
    struct connection *connection = is_hopeless ? NULL : open_connection(http, fd, peer, is_proxy);
    if (!connection) {
        close(fd);
        return;
    }
    int on = 1; /* answers go out whole; Nagle's delay stalls pipelining */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct timeval write_time = {limits->write_ms / 1000, limits->write_ms % 1000 * 1000};
    bufferevent_setcb(connection->stream, on_readable, on_written, on_end, connection);
    bufferevent_set_timeouts(connection->stream, NULL, &write_time);
    connection->read_limit = limits->head_bytes + 1;
    connection_set_timer(connection, http->tls ? limits->read_ms : limits->idle_ms);
    if (bufferevent_enable(connection->stream, EV_READ) != 0) {
        connection_free(connection);
        return;
    }
    if (!http->tls && is_over(http))
        refuse_more(connection);
}

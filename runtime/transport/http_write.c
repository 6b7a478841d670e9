/*
 * HTTP answers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <event2/buffer.h>
#include <stdio.h>

#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/protocol/route.h"
#include "runtime/transport/compress.h"
#include "runtime/transport/connection.h"

enum { HEAD_SIZE = 512 };

const char http_too_many[] = "too many connections";
const char http_no_memory[] = "out of memory (limit-memory-bytes)";

/* RFC 9110, section 6.6.1; made once a second. */
const char *http_date_now(struct http *http)
{
    time_t now = time(NULL);
    if (now != http->date_second) {
        struct tm parts;
        gmtime_r(&now, &parts);
        strftime(http->date, sizeof http->date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        http->date_second = now;
    }
    return http->date;
}

/* A buffer of the worker's when the answer may go to the kernel at once: libevent would watch the
 * socket first, which costs three system calls. What is pipelined is better written together. */
static struct evbuffer *output_for(const struct connection *connection)
{
    struct evbuffer *output = bufferevent_get_output(connection->stream);
    bool is_alone = evbuffer_get_length(output) == 0 &&
                    evbuffer_get_length(bufferevent_get_input(connection->stream)) == 0;
    return is_alone && !connection->http->tls && connection->http->direct ? connection->http->direct
                                                                          : output;
}

/* What the kernel does not take now, an error included, is the stream's to deal with. */
static bool write_directly(struct connection *connection)
{
    struct evbuffer *direct = connection->http->direct;
    if (!direct || evbuffer_get_length(direct) == 0)
        return true;
    evbuffer_write(direct, bufferevent_getfd(connection->stream));
    if (evbuffer_get_length(direct) == 0 ||
        bufferevent_write_buffer(connection->stream, direct) == 0)
        return true;
    evbuffer_drain(direct, evbuffer_get_length(direct));
    return false;
}

/* False when out of memory: the connection cannot go on, its answers would be cut. */
static bool write_answer(struct connection *connection, const struct reply *reply,
                         const char *coding)
{
    struct evbuffer *output = output_for(connection);
    bool is_head_only = slice_is(connection->head.request.method, "HEAD");
    bool has_body = reply->status != 204 && reply->status != 304;
    bool closes = connection->close_after || connection->http->is_stopping;
    char head[HEAD_SIZE];
    int size = snprintf(head, sizeof head, "HTTP/1.1 %u %s\r\nDate: %s\r\n", reply->status,
                        http_status_text(reply->status), http_date_now(connection->http));
    if (has_body)
        size += snprintf(head + size, sizeof head - (size_t)size, "Content-Length: %zu\r\n",
                         reply->body.len);
    if (has_body && reply->content_type)
        size += snprintf(head + size, sizeof head - (size_t)size, "Content-Type: %.200s\r\n",
                         reply->content_type);
    if (coding)
        size += snprintf(head + size, sizeof head - (size_t)size,
                         "Content-Encoding: %s\r\nVary: Accept-Encoding\r\n", coding);
    if (closes)
        size += snprintf(head + size, sizeof head - (size_t)size, "Connection: close\r\n");
    if (evbuffer_add(output, head, (size_t)size) != 0 ||
        evbuffer_add(output, reply->headers.at, reply->headers.len) != 0 ||
        evbuffer_add(output, "\r\n", 2) != 0)
        return false;
    return !has_body || is_head_only || evbuffer_add(output, reply->body.at, reply->body.len) == 0;
}

static void answer(struct connection *connection, const struct reply *reply, const char *coding)
{
    bool is_whole = write_answer(connection, reply, coding);
    if (!is_whole && connection->http->direct) /* half an answer is none */
        evbuffer_drain(connection->http->direct, evbuffer_get_length(connection->http->direct));
    if (!is_whole || !write_directly(connection) || !connection_charge(connection)) {
        log_error("%s: out of memory for an answer", connection->peer);
        connection->close_after = true;
    }
    metrics_answer(connection->http->worker->metrics, reply->status);
    log_debug("%s: %.*s answered with %u", connection->peer,
              SLICE_ARG(connection->head.request.method), reply->status);
    connection_answered(connection);
}

/* The client asks for it, and the worker can do it. */
static bool wants_gzip(const struct connection *connection, const struct reply *reply)
{
    struct http *http = connection->http;
    uint32_t count;
    struct slice accepted = http_header_get(&connection->head.request, "Accept-Encoding", &count);
    if (count != 1 || reply->body.len <= COMPRESS_LEAST ||
        !http->worker->server->options.compress || !route_accepts_gzip(accepted))
        return false;
    if (!http->compress)
        http->compress = compress_open();
    return http->compress;
}

void http_write_reply(struct exchange *exchange, const struct reply *reply)
{
    struct connection *connection = exchange->transport;
    metrics_time(connection->http->worker->metrics, METRIC_TIME_REQUEST, connection->handed_us);
    struct reply packed = *reply;
    if (wants_gzip(connection, reply) &&
        compress_text(connection->http->compress, reply->body, exchange->pool, &packed.body))
        answer(connection, &packed, "gzip");
    else
        answer(connection, reply, NULL);
}

void http_write_refusal(struct connection *connection, unsigned status, const char *reason)
{
    char text[160];
    int size = snprintf(text, sizeof text, "%s\n", reason);
    if (reason != http_too_many) /* logged once, not for each of them */
        log_info("%s: refused with %u: %s", connection->peer, status, reason);
    if (reason != http_too_many)
        metrics_count(connection->http->worker->metrics,
                      reason == http_no_memory ? METRIC_MEMORY_REFUSED : METRIC_REQUESTS_MALFORMED);
    evbuffer_drain(bufferevent_get_input(connection->stream),
                   evbuffer_get_length(bufferevent_get_input(connection->stream)));
    connection->close_after = true;
    connection->head.request.method = (struct slice){0}; /* HEAD or not is not known for sure */
    const struct reply reply = {
        .status = status,
        .content_type = "text/plain; charset=utf-8",
        .headers = status == 503 ? SLICE("Retry-After: 1\r\n") : SLICE(""),
        .body = {text, (size_t)size},
    };
    answer(connection, &reply, NULL);
}

void http_write_continue(struct connection *connection)
{
    bufferevent_write(connection->stream, "HTTP/1.1 100 Continue\r\n\r\n", 25);
}

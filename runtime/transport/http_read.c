/*
 * HTTP requests from the input buffer: head, body by length or in chunks, and over to the protocol.
 * One function a phase; each says whether the next one has something to do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <event2/buffer.h>

#include "runtime/identity/callers.h"
#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/shared.h"
#include "runtime/transport/client_certificate.h"
#include "runtime/transport/connection.h"
#include "runtime/transport/forwarded.h"
#include "runtime/transport/probe.h"

enum {
    CHUNK_LINE_MAX = 256,    /* bytes of a chunk's size and extensions */
    CHUNK_READ = 64 * 1024,  /* bytes of input buffered while a chunked body comes */
    POOL_ANSWER_COPIES = 16, /* a backend's answer is read, escaped and put into a message */
    POOL_BODY_COPIES = 8,
    POOL_BASE = 8 * 1024 * 1024,
};

static const struct options *options_of(const struct connection *connection)
{
    return &connection->http->worker->server->options;
}

static struct evbuffer *input_of(const struct connection *connection)
{
    return bufferevent_get_input(connection->stream);
}

static bool refuse(struct connection *connection, unsigned status, const char *reason)
{
    http_write_refusal(connection, status, reason);
    return false;
}

static bool refuse_fault(struct connection *connection, enum http_fault fault)
{
    return refuse(connection, http_fault_status(fault), http_fault_text(fault));
}

static bool take_pool(struct connection *connection)
{
    struct http *http = connection->http;
    const struct limits *limits = &options_of(connection)->limits;
    if (http->spare_count)
        connection->exchange.pool = http->spare[--http->spare_count];
    else
        connection->exchange.pool = pool_open_within(POOL_BASE + limits->head_bytes +
                                                         POOL_BODY_COPIES * limits->body_bytes +
                                                         POOL_ANSWER_COPIES * limits->backend_bytes,
                                                     &http->worker->server->shared->memory);
    return connection->exchange.pool != NULL;
}

static void set_read_limit(struct connection *connection, size_t size)
{
    connection->read_limit = size;
}

/* `OPTIONS *` and probes are about the server, not about MCP. */
static bool answer_here(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    if (probe_answer(exchange, !connection->http->loop))
        return true;
    if (!slice_is(exchange->http->target, "*"))
        return false;
    exchange_reply(exchange, &(struct reply){.status = 204});
    return true;
}

/* The caller's address: the connection's, or what a proxy tells that is trusted. */
static struct slice peer_of(struct connection *connection)
{
    struct slice told = {0};
    if (connection->is_proxy)
        told = forwarded_read(options_of(connection)->trusted_proxies, &connection->head.request);
    return told.len ? told : slice_of(connection->peer);
}

/* On a trusted proxy's connection the certificate of the caller is what its header tells; the one
 * that TLS showed is the proxy's own. NULL: none. */
static const uint8_t *certificate_of(struct connection *connection)
{
    const char *name = options_of(connection)->client_certificate_header;
    if (!name || !connection->is_proxy)
        return connection->has_certificate ? connection->certificate : NULL;
    uint32_t count;
    struct slice value = http_header_get(&connection->head.request, name, &count);
    struct pool *pool = connection->exchange.pool;
    if (count == 0 || (count == 1 && value.len == 0))
        return NULL;
    uint8_t *told = pool_alloc(pool, CLIENT_CERTIFICATE_DIGEST);
    if (count == 1 && told && client_certificate_read(value, pool, told))
        return told;
    log_warning("%s: %s holds no certificate that can be read", connection->peer, name);
    return NULL;
}

/* The request is complete. Whether it was answered at once, so that the next may be read. */
static bool hand_over(struct connection *connection, struct slice message)
{
    const struct worker *worker = connection->http->worker;
    connection->exchange = (struct exchange){
        .worker = worker,
        .pool = connection->exchange.pool,
        .http = &connection->head.request,
        .peer = peer_of(connection),
        .message = message,
        .caller = *callers_default(worker->server->callers, options_of(connection)),
        .send = http_write_reply,
        .events = &http_event_writer,
        .certificate_sha256 = certificate_of(connection),
        .transport = connection,
    };
    connection->phase = PHASE_HANDLING;
    connection->handed_us = metrics_now_us();
    connection_set_timer(connection, 0);
    set_read_limit(connection, options_of(connection)->limits.head_bytes + 1);
    if (!answer_here(connection))
        protocol_handle(&connection->exchange);
    return connection->phase == PHASE_HEAD;
}

/* Takes the body's bytes out of a buffer into the exchange's pool. */
static bool hand_over_body(struct connection *connection, struct evbuffer *from, size_t size)
{
    char *body = pool_alloc(connection->exchange.pool, size + 1);
    if (!body)
        return refuse(connection, 503, http_no_memory);
    if (size && evbuffer_remove(from, body, size) != (ev_ssize_t)size)
        return refuse(connection, 503, http_no_memory);
    body[size] = '\0';
    return hand_over(connection, (struct slice){body, size});
}

static void expect_body(struct connection *connection)
{
    if (connection->head.expects_continue && evbuffer_get_length(input_of(connection)) == 0)
        http_write_continue(connection);
}

/* The head is scanned; decides how its body comes. */
static bool begin_body(struct connection *connection)
{
    const struct http_head *head = &connection->head;
    const struct limits *limits = &options_of(connection)->limits;
    if (head->wants_close)
        connection->close_after = true;
    if (head->is_chunked) {
        connection->overhead = 0;
        connection->phase = PHASE_CHUNK_LINE;
        set_read_limit(connection, CHUNK_READ);
        expect_body(connection);
        return true;
    }
    if (head->content_length == 0)
        return hand_over(connection, (struct slice){"", 0});
    if (head->content_length > limits->body_bytes)
        return refuse(connection, 413, "body is larger than limit-body-bytes");
    connection->left = head->content_length;
    connection->phase = PHASE_BODY;
    set_read_limit(connection, (size_t)connection->left + limits->head_bytes + 1);
    expect_body(connection);
    return true;
}

static bool scan_head(struct connection *connection, size_t size)
{
    if (!take_pool(connection))
        return refuse(connection, 503, http_no_memory);
    struct pool *pool = connection->exchange.pool;
    char *text = pool_alloc(pool, size + 1);
    struct http_header *headers = pool_alloc(pool, HEADERS_MAX * sizeof *headers);
    if (!text || !headers || evbuffer_remove(input_of(connection), text, size) != (ev_ssize_t)size)
        return refuse(connection, 503, http_no_memory);
    text[size] = '\0';
    enum http_fault fault = http_scan_head(text, size, headers, HEADERS_MAX, &connection->head);
    if (fault != HTTP_OK)
        return refuse_fault(connection, fault);
    return begin_body(connection);
}

/* Looks for the empty line in what has come; its end, or 0. A line without CR is the scanner's to
 * refuse, at once: waiting for its empty line might last. */
static size_t find_head_end(struct connection *connection, const char *text, size_t size,
                            bool *is_faulty)
{
    while (connection->scanned < size) {
        const char *found = memchr(text + connection->scanned, '\n', size - connection->scanned);
        if (!found) {
            connection->scanned = size;
            return 0;
        }
        size_t end = (size_t)(found - text), start = connection->line_start;
        if (end == start || text[end - 1] != '\r') {
            *is_faulty = true;
            return 0;
        }
        connection->scanned = connection->line_start = end + 1;
        if (end == start + 1)
            return end + 1;
    }
    return 0;
}

/* One empty line before a request is forgiven (RFC 9112, section 2.2). */
static void skip_empty_line(struct connection *connection)
{
    char start[2];
    if (connection->skipped_line || connection->line_start ||
        evbuffer_copyout(input_of(connection), start, 2) != 2 || memcmp(start, "\r\n", 2) != 0)
        return;
    evbuffer_drain(input_of(connection), 2);
    connection->skipped_line = true;
    connection->scanned = 0;
}

static void begin_request(struct connection *connection)
{
    if (connection->is_started)
        return;
    connection->is_started = true;
    connection->skipped_line = false;
    connection->scanned = connection->line_start = 0;
    connection_set_timer(connection, options_of(connection)->limits.read_ms);
}

static bool read_head(struct connection *connection)
{
    struct evbuffer *input = input_of(connection);
    if (evbuffer_get_length(input) == 0 ||
        evbuffer_get_length(bufferevent_get_output(connection->stream)) > OUTPUT_PAUSE)
        return false;
    begin_request(connection);
    skip_empty_line(connection);
    size_t limit = options_of(connection)->limits.head_bytes;
    size_t size = evbuffer_get_length(input);
    size = size > limit ? limit : size;
    const char *text = (const char *)evbuffer_pullup(input, (ev_ssize_t)size);
    if (size && !text)
        return refuse(connection, 503, http_no_memory);
    bool is_faulty = false;
    size_t end = find_head_end(connection, text, size, &is_faulty);
    if (is_faulty)
        return refuse_fault(connection, HTTP_BAD_LINE_END);
    if (end)
        return scan_head(connection, end);
    if (size < limit)
        return false;
    return connection->line_start == 0
               ? refuse(connection, 414, "request line is larger than limit-head-bytes")
               : refuse(connection, 431, "head is larger than limit-head-bytes");
}

static bool read_body(struct connection *connection)
{
    size_t size = (size_t)connection->left;
    if (evbuffer_get_length(input_of(connection)) < size)
        return false;
    return hand_over_body(connection, input_of(connection), size);
}

/* One line of a chunked body's framing, NUL-terminated, into `line`: its size, or 0 when it has not
 * come yet or was refused. */
static size_t read_framing_line(struct connection *connection, char line[static CHUNK_LINE_MAX + 1])
{
    struct evbuffer *input = input_of(connection);
    struct evbuffer_ptr found = evbuffer_search_eol(input, NULL, NULL, EVBUFFER_EOL_LF);
    size_t size = found.pos < 0 ? evbuffer_get_length(input) : (size_t)found.pos + 1;
    if (size > CHUNK_LINE_MAX ||
        connection->overhead + size > options_of(connection)->limits.head_bytes) {
        refuse(connection, 400, "chunk lines or trailer are too large");
        return 0;
    }
    if (found.pos < 0)
        return 0;
    evbuffer_remove(input, line, size);
    line[size] = '\0';
    return size;
}

static bool read_chunk_line(struct connection *connection)
{
    char line[CHUNK_LINE_MAX + 1];
    size_t size = read_framing_line(connection, line);
    if (size == 0)
        return false;
    enum http_fault fault = http_scan_chunk(line, size, &connection->left);
    if (fault != HTTP_OK)
        return refuse_fault(connection, fault);
    if (!connection->body)
        connection->body = evbuffer_new();
    if (!connection->body)
        return refuse(connection, 503, http_no_memory);
    size_t limit = options_of(connection)->limits.body_bytes;
    if (connection->left > limit - evbuffer_get_length(connection->body))
        return refuse(connection, 413, "body is larger than limit-body-bytes");
    if (connection->left == 0) {
        connection->phase = PHASE_TRAILER;
        return true;
    }
    /* what is not the bare size counts as overhead: a body may have many chunks, not many extras */
    connection->overhead += size > 10 ? size - 10 : 0;
    connection->phase = PHASE_CHUNK_DATA;
    return true;
}

static bool read_chunk_data(struct connection *connection)
{
    size_t wanted = (size_t)connection->left;
    int moved = evbuffer_remove_buffer(input_of(connection), connection->body, wanted);
    if (moved < 0)
        return refuse(connection, 503, http_no_memory);
    connection->left -= (uint64_t)moved;
    if (connection->left)
        return false;
    connection->phase = PHASE_CHUNK_END;
    return true;
}

static bool read_chunk_end(struct connection *connection)
{
    char end[2];
    ev_ssize_t size = evbuffer_copyout(input_of(connection), end, 2);
    if ((size >= 1 && end[0] != '\r') || (size == 2 && end[1] != '\n'))
        return refuse_fault(connection, HTTP_BAD_CHUNK);
    if (size != 2)
        return false;
    evbuffer_drain(input_of(connection), 2);
    connection->phase = PHASE_CHUNK_LINE;
    return true;
}

/* Trailers are read and forgotten (RFC 9112, section 7.1.2 allows it). */
static bool read_trailer(struct connection *connection)
{
    char line[CHUNK_LINE_MAX + 1];
    size_t size = read_framing_line(connection, line);
    if (size == 0)
        return false;
    connection->overhead += size;
    bool is_last;
    enum http_fault fault = http_scan_trailer(line, size, &is_last);
    if (fault != HTTP_OK)
        return refuse_fault(connection, fault);
    if (!is_last)
        return true;
    return hand_over_body(connection, connection->body, evbuffer_get_length(connection->body));
}

static bool wait_for_answer(struct connection *connection)
{
    (void)connection;
    return false;
}

void http_read(struct connection *connection)
{
    static bool (*const steps[])(struct connection *) = {
        [PHASE_HANDSHAKE] = wait_for_answer,
        [PHASE_HEAD] = read_head,
        [PHASE_BODY] = read_body,
        [PHASE_CHUNK_LINE] = read_chunk_line,
        [PHASE_CHUNK_DATA] = read_chunk_data,
        [PHASE_CHUNK_END] = read_chunk_end,
        [PHASE_TRAILER] = read_trailer,
        [PHASE_HANDLING] = wait_for_answer,
        [PHASE_EVENTS] = wait_for_answer,
        [PHASE_CLOSING] = wait_for_answer,
    };
    connection->is_reading = true;
    while (steps[connection->phase](connection))
        ;
    connection->is_reading = false;
}

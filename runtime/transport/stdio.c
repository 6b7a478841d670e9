/*
 * Messages on standard input and output.
 *
 * Input is read when the loop says there is some, so that the flags of a terminal or pipe shared
 * with other programs stay as they are. Output may not block the loop: its flag is put back at the
 * end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/stdio.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/identity/callers.h"
#include "runtime/observe/log.h"
#include "runtime/protocol/exchange.h"
#include "runtime/shared.h"

enum {
    READ_SIZE = 16 * 1024,
    OUTPUT_PAUSE = 1024 * 1024, /* answers not yet taken, above which nothing is read */
    POOL_BASE = 8 * 1024 * 1024,
    POOL_BODY_COPIES = 8,
    POOL_ANSWER_COPIES = 16,
};

struct stdio_call {
    struct exchange exchange;
    struct stdio_call *next, *previous;
};

struct stdio {
    const struct worker *worker;
    struct loop *loop;
    struct stream stream; /* the protocol's: what its messages share */
    int output_fd, output_flags;
    struct event *readable, *writable;
    bool is_file;     /* input that the kernel cannot watch: it is always readable */
    bool is_paused;   /* not reading, until answers are out */
    bool has_ended;   /* no more input is read */
    bool is_broken;   /* nobody takes the output */
    bool is_too_long; /* the line: the rest of it is thrown away */
    struct evbuffer *line, *output;
    struct stdio_call *calls; /* under way */
    uint32_t call_count;
    struct pool *spare;
};

static const struct limits *limits_of(const struct stdio *stdio)
{
    return &stdio->worker->server->options.limits;
}

static void end_when_done(struct stdio *stdio)
{
    bool is_done = !stdio->calls && evbuffer_get_length(stdio->output) == 0;
    if (stdio->has_ended && (is_done || stdio->is_broken))
        loop_end(stdio->loop);
}

static void stop_reading(struct stdio *stdio)
{
    stdio->has_ended = true;
    event_del(stdio->readable);
    end_when_done(stdio);
}

static void watch_input(struct stdio *stdio)
{
    if (stdio->has_ended || stdio->is_paused)
        return;
    if (stdio->is_file)
        event_active(stdio->readable, EV_READ, 0);
}

/* Too much under way or not taken: the client waits until it is less. */
static void pause_or_resume(struct stdio *stdio)
{
    bool should_pause = evbuffer_get_length(stdio->output) > OUTPUT_PAUSE ||
                        stdio->call_count >= limits_of(stdio)->connections;
    if (should_pause == stdio->is_paused || stdio->has_ended)
        return;
    stdio->is_paused = should_pause;
    if (should_pause)
        event_del(stdio->readable);
    else if (stdio->is_file)
        watch_input(stdio);
    else
        event_add(stdio->readable, NULL);
}

static void write_output(struct stdio *stdio)
{
    while (!stdio->is_broken && evbuffer_get_length(stdio->output) > 0) {
        if (evbuffer_write(stdio->output, stdio->output_fd) > 0 || errno == EINTR)
            continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            event_add(stdio->writable, NULL);
            break;
        }
        log_info("standard output is closed: %s", strerror(errno));
        stdio->is_broken = true;
        stop_reading(stdio);
    }
    pause_or_resume(stdio);
    end_when_done(stdio);
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    write_output(context);
}

/* A line end inside JSON text is white space, and would break the framing. */
static bool add_line(struct evbuffer *output, struct slice text)
{
    bool done = true;
    size_t start = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '\n' && text.at[i] != '\r')
            continue;
        done = done && evbuffer_add(output, text.at + start, i - start) == 0 &&
               evbuffer_add(output, " ", 1) == 0;
        start = i + 1;
    }
    return done && evbuffer_add(output, text.at + start, text.len - start) == 0 &&
           evbuffer_add(output, "\n", 1) == 0;
}

static void write_line(struct stdio *stdio, struct slice text)
{
    if (stdio->is_broken)
        return;
    if (!add_line(stdio->output, text)) {
        log_error("out of memory for an answer");
        stdio->is_broken = true; /* half a line may be out: the stream means nothing any more */
        stop_reading(stdio);
    }
    write_output(stdio);
}

static struct pool *take_pool(struct stdio *stdio)
{
    struct pool *pool = stdio->spare;
    const struct limits *limits = limits_of(stdio);
    stdio->spare = NULL;
    return pool ? pool
                : pool_open_within(POOL_BASE + POOL_BODY_COPIES * limits->body_bytes +
                                       POOL_ANSWER_COPIES * limits->backend_bytes,
                                   &stdio->worker->server->shared->memory);
}

static void close_call(struct stdio *stdio, struct stdio_call *call)
{
    if (call->next)
        call->next->previous = call->previous;
    if (call->previous)
        call->previous->next = call->next;
    else
        stdio->calls = call->next;
    stdio->call_count--;
    struct pool *pool = call->exchange.pool; /* `call` is in it */
    if (stdio->spare) {
        pool_close(pool);
        return;
    }
    pool_reset(pool);
    stdio->spare = pool;
}

static void send_reply(struct exchange *exchange, const struct reply *reply)
{
    struct stdio *stdio = exchange->transport;
    struct stdio_call *call = (struct stdio_call *)(void *)exchange;
    if (reply->body.len)
        write_line(stdio, reply->body);
    close_call(stdio, call);
    pause_or_resume(stdio);
    end_when_done(stdio);
}

static void begin_events(struct exchange *exchange, struct slice headers)
{
    (void)exchange, (void)headers;
}

static void add_event(struct exchange *exchange, struct slice message)
{
    write_line(exchange->transport, message);
}

static void end_events(struct exchange *exchange)
{
    send_reply(exchange, &(struct reply){0});
}

static const struct event_writer event_writer = {begin_events, add_event, end_events};

/* The line as a message in a pool of its own; NULL when out of memory. */
static struct stdio_call *open_call(struct stdio *stdio, size_t size)
{
    struct pool *pool = take_pool(stdio);
    struct stdio_call *call = pool ? pool_zero(pool, sizeof *call) : NULL;
    char *message = call ? pool_alloc(pool, size + 1) : NULL;
    if (!message || evbuffer_remove(stdio->line, message, size) != (ev_ssize_t)size) {
        pool_close(pool);
        return NULL;
    }
    message[size] = '\0';
    call->exchange = (struct exchange){
        .worker = stdio->worker,
        .pool = pool,
        .message = {message, size},
        .caller = stdio->worker->server->callers->operator_caller,
        .stream = &stdio->stream,
        .send = send_reply,
        .events = &event_writer,
        .transport = stdio,
    };
    call->next = stdio->calls;
    if (stdio->calls)
        stdio->calls->previous = call;
    stdio->calls = call;
    stdio->call_count++;
    return call;
}

static bool is_blank(struct evbuffer *line)
{
    char start[2];
    ev_ssize_t size = evbuffer_copyout(line, start, sizeof start);
    return size <= 0 || (size == 1 && start[0] == '\r');
}

static void end_line(struct stdio *stdio)
{
    if (stdio->is_too_long) {
        stdio->is_too_long = false;
        log_info("refused a message: larger than limit-body-bytes");
        write_line(stdio, SLICE("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,"
                                "\"message\":\"Parse error: the message is too large\"}}"));
        return;
    }
    if (!is_blank(stdio->line)) {
        struct stdio_call *call = open_call(stdio, evbuffer_get_length(stdio->line));
        if (call) {
            protocol_handle(&call->exchange);
        } else {
            log_error("out of memory for a message");
            write_line(stdio, SLICE("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32603,"
                                    "\"message\":\"Internal error: out of memory\"}}"));
        }
    }
    evbuffer_drain(stdio->line, evbuffer_get_length(stdio->line));
}

static void add_to_line(struct stdio *stdio, const char *at, size_t size)
{
    if (stdio->is_too_long)
        return;
    stdio->is_too_long = evbuffer_get_length(stdio->line) + size > limits_of(stdio)->body_bytes ||
                         evbuffer_add(stdio->line, at, size) != 0;
    if (stdio->is_too_long)
        evbuffer_drain(stdio->line, evbuffer_get_length(stdio->line));
}

static void take_input(struct stdio *stdio, const char *at, size_t size)
{
    while (size > 0) {
        const char *end = memchr(at, '\n', size);
        size_t part = end ? (size_t)(end - at) : size;
        add_to_line(stdio, at, part);
        if (end) {
            end_line(stdio);
            part++;
        }
        at += part;
        size -= part;
    }
}

/* What would go on for ever; one that ends takes itself off the list. */
static void end_lasting_calls(struct stdio *stdio)
{
    struct stdio_call *call = stdio->calls;
    while (call) {
        if (call->exchange.stop) {
            call->exchange.stop(&call->exchange);
            call = stdio->calls;
        } else {
            call = call->next;
        }
    }
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    struct stdio *stdio = context;
    (void)fd, (void)what;
    char bytes[READ_SIZE];
    ssize_t size = read(STDIN_FILENO, bytes, sizeof bytes);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) {
        watch_input(stdio);
        return;
    }
    if (size > 0) {
        take_input(stdio, bytes, (size_t)size);
        pause_or_resume(stdio);
        watch_input(stdio);
        return;
    }
    if (size < 0)
        log_warning("standard input: %s", strerror(errno));
    /* a last line may lack its end */
    end_line(stdio);
    end_lasting_calls(stdio);
    stop_reading(stdio);
}

static void on_stop(void *context)
{
    end_lasting_calls(context);
    stop_reading(context);
}

/* The real standard output, for us alone. */
static bool take_output(struct stdio *stdio)
{
    stdio->output_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (stdio->output_fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return false;
    stdio->output_flags = fcntl(stdio->output_fd, F_GETFL);
    return stdio->output_flags >= 0 &&
           fcntl(stdio->output_fd, F_SETFL, stdio->output_flags | O_NONBLOCK) == 0;
}

/* epoll refuses files and devices like /dev/null: reading them never blocks. */
static bool can_be_watched(int fd)
{
    struct stat file;
    return fstat(fd, &file) == 0 &&
           (S_ISFIFO(file.st_mode) || S_ISSOCK(file.st_mode) || isatty(fd));
}

struct stdio *stdio_open(const struct worker *worker, struct loop *loop)
{
    struct stdio *stdio = calloc(1, sizeof *stdio);
    if (!stdio)
        goto failed;
    stdio->worker = worker;
    stdio->loop = loop;
    stdio->output_fd = stdio->output_flags = -1;
    stdio->line = evbuffer_new();
    stdio->output = evbuffer_new();
    if (!stdio->line || !stdio->output || !take_output(stdio))
        goto failed;
    stdio->readable =
        event_new(worker->loop, STDIN_FILENO, EV_READ | EV_PERSIST, on_readable, stdio);
    stdio->writable = event_new(worker->loop, stdio->output_fd, EV_WRITE, on_writable, stdio);
    if (!stdio->readable || !stdio->writable)
        goto failed;
    loop_on_stop(loop, on_stop, stdio);
    stdio->is_file = !can_be_watched(STDIN_FILENO) || event_add(stdio->readable, NULL) != 0;
    watch_input(stdio);
    return stdio;
failed:
    log_error("standard input and output cannot be set up: %s", strerror(errno));
    stdio_close(stdio);
    return NULL;
}

static void free_buffer(struct evbuffer *buffer)
{
    if (buffer)
        evbuffer_free(buffer);
}

void stdio_close(struct stdio *stdio)
{
    if (!stdio)
        return;
    loop_on_stop(stdio->loop, NULL, NULL);
    while (stdio->calls) {
        struct exchange *exchange = &stdio->calls->exchange;
        if (exchange->abandon)
            exchange->abandon(exchange);
        close_call(stdio, stdio->calls);
    }
    pool_close(stdio->spare);
    if (stdio->readable)
        event_free(stdio->readable);
    if (stdio->writable)
        event_free(stdio->writable);
    free_buffer(stdio->line);
    free_buffer(stdio->output);
    if (stdio->output_flags >= 0)
        fcntl(stdio->output_fd, F_SETFL, stdio->output_flags);
    if (stdio->output_fd >= 0)
        close(stdio->output_fd);
    free(stdio);
}

/*
 * The event loop on libevent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/loop.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>

#include "runtime/observe/log.h"

struct loop {
    struct event_base *base;
    struct event *terminate, *interrupt, *deadline;
    uint32_t drain_ms;
    bool is_stopping;
    void (*stop)(void *context);
    void *context;
};

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
    struct loop *loop = context;
    (void)fd, (void)what;
    log_warning("not everything finished within limit-drain-ms, stopping now");
    loop_end(loop);
}

static void on_signal(evutil_socket_t number, short what, void *context)
{
    struct loop *loop = context;
    (void)what;
    if (loop->is_stopping || !loop->stop) {
        loop_end(loop);
        return;
    }
    loop->is_stopping = true;
    log_info("stopping: %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
    struct timeval delay = {loop->drain_ms / 1000, loop->drain_ms % 1000 * 1000};
    event_add(loop->deadline, &delay);
    loop->stop(loop->context);
}

/* libevent's own words, which would go to standard error as they are. */
static void log_libevent(int severity, const char *message)
{
    if (severity >= EVENT_LOG_WARN)
        log_warning("libevent: %s", message);
    else
        log_debug("libevent: %s", message);
}

struct loop *loop_open(uint32_t drain_ms)
{
    event_set_log_callback(log_libevent);
    struct loop *loop = calloc(1, sizeof *loop);
    struct event_base *base = loop ? event_base_new() : NULL;
    if (!base)
        goto failed;
    loop->base = base;
    loop->drain_ms = drain_ms;
    loop->terminate = evsignal_new(base, SIGTERM, on_signal, loop);
    loop->interrupt = evsignal_new(base, SIGINT, on_signal, loop);
    loop->deadline = evtimer_new(base, on_deadline, loop);
    if (!loop->terminate || !loop->interrupt || !loop->deadline ||
        event_add(loop->terminate, NULL) != 0 || event_add(loop->interrupt, NULL) != 0)
        goto failed;
    signal(SIGPIPE, SIG_IGN);
    return loop;
failed:
    log_error("the event loop cannot be set up");
    loop_close(loop);
    return NULL;
}

static void free_event(struct event *event)
{
    if (event)
        event_free(event);
}

void loop_close(struct loop *loop)
{
    if (!loop)
        return;
    free_event(loop->terminate);
    free_event(loop->interrupt);
    free_event(loop->deadline);
    if (loop->base)
        event_base_free(loop->base);
    free(loop);
}

struct event_base *loop_base(const struct loop *loop)
{
    return loop->base;
}

void loop_on_stop(struct loop *loop, void (*stop)(void *context), void *context)
{
    loop->stop = stop;
    loop->context = context;
}

void loop_end(struct loop *loop)
{
    event_base_loopbreak(loop->base);
}

bool loop_run(struct loop *loop)
{
    if (event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY) == 0)
        return true;
    log_error("the event loop failed");
    return false;
}

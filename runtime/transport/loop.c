/*
 * The event loop on libevent. Orders are bits that are collected, and an eventfd that wakes the
 * loop: libevent's own locks would cost each event of each worker.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/loop.h"

#include <event2/event.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/observe/log.h"

struct loop {
    struct event_base *base;
    struct event *told, *deadline;
    int wake; /* the eventfd */
    atomic_uint orders;
    atomic_uint releases; /* LOOP_RELEASE counts, the others do not */
    uint32_t drain_ms, holds;
    bool is_stopping, is_done;
    void (*stop)(void *context);
    void *stop_context;
    void (*reload)(void *context);
    void *reload_context;
};

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
    struct loop *loop = context;
    (void)fd, (void)what;
    log_warning("not everything finished within limit-drain-ms, stopping now");
    loop_end(loop);
}

static void stop(struct loop *loop)
{
    if (loop->is_stopping || !loop->stop) {
        event_base_loopbreak(loop->base);
        return;
    }
    loop->is_stopping = true;
    struct timeval delay = {loop->drain_ms / 1000, loop->drain_ms % 1000 * 1000};
    event_add(loop->deadline, &delay);
    loop->stop(loop->stop_context);
}

static void release(struct loop *loop)
{
    uint32_t count = atomic_exchange(&loop->releases, 0);
    loop->holds -= count < loop->holds ? count : loop->holds;
    if (loop->is_done && loop->holds == 0)
        event_base_loopbreak(loop->base);
}

static void on_told(evutil_socket_t fd, short what, void *context)
{
    struct loop *loop = context;
    uint64_t count;
    (void)what;
    if (read(fd, &count, sizeof count) < 0)
        return;
    unsigned orders = atomic_exchange(&loop->orders, 0);
    if (orders & LOOP_RELOAD && loop->reload)
        loop->reload(loop->reload_context);
    if (orders & LOOP_RELEASE)
        release(loop);
    if (orders & LOOP_STOP)
        stop(loop);
    if (orders & LOOP_END)
        event_base_loopbreak(loop->base);
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
    if (!loop)
        goto failed;
    loop->drain_ms = drain_ms;
    loop->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    loop->base = event_base_new();
    if (!loop->base || loop->wake < 0)
        goto failed;
    loop->told = event_new(loop->base, loop->wake, EV_READ | EV_PERSIST, on_told, loop);
    loop->deadline = evtimer_new(loop->base, on_deadline, loop);
    if (!loop->told || !loop->deadline || event_add(loop->told, NULL) != 0)
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
    free_event(loop->told);
    free_event(loop->deadline);
    if (loop->base)
        event_base_free(loop->base);
    if (loop->wake >= 0)
        close(loop->wake);
    free(loop);
}

struct event_base *loop_base(const struct loop *loop)
{
    return loop->base;
}

void loop_tell(struct loop *loop, enum loop_order order)
{
    uint64_t one = 1;
    if (order == LOOP_RELEASE)
        atomic_fetch_add(&loop->releases, 1);
    atomic_fetch_or(&loop->orders, (unsigned)order);
    /* it fails only when the counter is full, and then the loop is awake */
    ssize_t written = write(loop->wake, &one, sizeof one);
    (void)written;
}

void loop_on_stop(struct loop *loop, void (*stop_work)(void *context), void *context)
{
    loop->stop = stop_work;
    loop->stop_context = context;
}

void loop_on_reload(struct loop *loop, void (*reload)(void *context), void *context)
{
    loop->reload = reload;
    loop->reload_context = context;
}

void loop_end(struct loop *loop)
{
    loop->is_done = true;
    if (loop->holds == 0)
        event_base_loopbreak(loop->base);
}

void loop_hold(struct loop *loop)
{
    loop->holds++;
}

bool loop_run(struct loop *loop)
{
    if (event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY) == 0)
        return true;
    log_error("the event loop failed");
    return false;
}

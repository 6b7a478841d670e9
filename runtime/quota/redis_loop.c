/*
 * hiredis' events as the loop's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/quota/redis_loop.h"

#include <event2/event.h>
#include <stdlib.h>

struct redis_events {
    redisAsyncContext *redis;
    struct event *readable, *writable;
    bool is_inside; /* of hiredis: it may free itself there */
    bool is_over;
};

static void free_events(struct redis_events *events)
{
    if (events->readable)
        event_free(events->readable);
    if (events->writable)
        event_free(events->writable);
    free(events);
}

static void handle(struct redis_events *events, void (*function)(redisAsyncContext *redis))
{
    events->is_inside = true;
    function(events->redis);
    events->is_inside = false;
    if (events->is_over)
        free_events(events);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    handle(context, redisAsyncHandleRead);
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    handle(context, redisAsyncHandleWrite);
}

static void add_read(void *context)
{
    event_add(((struct redis_events *)context)->readable, NULL);
}

static void del_read(void *context)
{
    event_del(((struct redis_events *)context)->readable);
}

static void add_write(void *context)
{
    event_add(((struct redis_events *)context)->writable, NULL);
}

static void del_write(void *context)
{
    event_del(((struct redis_events *)context)->writable);
}

static void cleanup(void *context)
{
    struct redis_events *events = context;
    event_del(events->readable);
    event_del(events->writable);
    events->is_over = true;
    if (!events->is_inside)
        free_events(events);
}

bool redis_loop_attach(redisAsyncContext *redis, struct event_base *loop)
{
    struct redis_events *events = calloc(1, sizeof *events);
    if (!events)
        return false;
    events->redis = redis;
    events->readable = event_new(loop, redis->c.fd, EV_READ | EV_PERSIST, on_readable, events);
    events->writable = event_new(loop, redis->c.fd, EV_WRITE | EV_PERSIST, on_writable, events);
    if (!events->readable || !events->writable) {
        free_events(events);
        return false;
    }
    redis->ev.data = events;
    redis->ev.addRead = add_read;
    redis->ev.delRead = del_read;
    redis->ev.addWrite = add_write;
    redis->ev.delWrite = del_write;
    redis->ev.cleanup = cleanup;
    return true;
}

/*
 * The sockets of the client library on the event loop. A socket of a kept connection stays
 * registered while nobody waits for it: registering it anew for each transfer costs two system
 * calls. It is dropped when it is closed, or when it fires while idle.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UPSTREAM_WATCH_H
#define UPSTREAM_WATCH_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

struct watch {
    struct event *event;
    short events;       /* EV_READ, EV_WRITE */
    bool is_registered; /* with the loop */
    bool is_wanted;     /* somebody waits for it */
    bool is_connection; /* opened by us, so that we hear of its end */
};

struct watch_table {
    struct event_base *loop;
    event_callback_fn fired;
    void *context;
    struct watch *watches; /* indexed by file descriptor */
    size_t count;
};

/* Wants to hear of `events`, or of nothing (0). False: out of memory. */
bool watch_set(struct watch_table *table, int file, short events);

/* A connection's socket was opened (false: out of memory), or is about to be closed. */
bool watch_opened(struct watch_table *table, int file);
void watch_closed(struct watch_table *table, int file);

/* Called when a socket fired: whether anybody waits for it. If not it is dropped. */
bool watch_fired(struct watch_table *table, int file);

void watch_table_close(struct watch_table *table);

#endif

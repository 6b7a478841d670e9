/*
 * Requests that wait for an answer of an authorization server, each at what it waits for. They are
 * called from the loop, never from inside what wakes them. One waker per worker.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_WAIT_H
#define IDENTITY_WAIT_H

#include <stdbool.h>

struct event_base;
struct waker;

/* One that waits. `done` is called once. */
struct identity_wait {
    void (*done)(void *context);
    void *context;
    struct identity_wait *next, **link; /* of the list that it is in; NULL: it does not wait */
};

/* Starts as {0}; must be empty when it goes: wait_list_wake. */
struct wait_list {
    struct identity_wait *first;
    struct waker *waker;
};

struct waker *waker_open(struct event_base *loop); /* NULL: out of memory */
void waker_close(struct waker *waker);             /* NULL is fine; nobody is called any more */

void wait_list_add(struct wait_list *list, struct identity_wait *wait);

/* Calls all of them now; for a loop's own callback, and for lists without a waker. */
void wait_list_call(struct wait_list *list);

/* All of them will be called soon, and the list is empty. */
void wait_list_wake(struct wait_list *list);

/* `done` will not be called; nothing when it does not wait. */
void identity_wait_cancel(struct identity_wait *wait);

#endif

/*
 * Lists of those who wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/wait.h"

#include <event2/event.h>
#include <stdlib.h>

struct waker {
    struct identity_wait *ready; /* to be called */
    struct event *event;
};

static void push(struct identity_wait **list, struct identity_wait *wait)
{
    wait->next = *list;
    wait->link = list;
    if (*list)
        (*list)->link = &wait->next;
    *list = wait;
}

void identity_wait_cancel(struct identity_wait *wait)
{
    if (!wait->link)
        return;
    *wait->link = wait->next;
    if (wait->next)
        wait->next->link = wait->link;
    wait->link = NULL;
}

static void call_all(struct identity_wait **list)
{
    struct identity_wait *batch = *list; /* who comes meanwhile is for the next time */
    *list = NULL;
    if (batch)
        batch->link = &batch;
    while (batch) {
        struct identity_wait *wait = batch;
        identity_wait_cancel(wait);
        wait->done(wait->context);
    }
}

static void call_ready(evutil_socket_t socket, short events, void *context)
{
    struct waker *waker = context;
    (void)socket;
    (void)events;
    call_all(&waker->ready);
}

struct waker *waker_open(struct event_base *loop)
{
    struct waker *waker = calloc(1, sizeof *waker);
    struct event *event = waker ? event_new(loop, -1, 0, call_ready, waker) : NULL;
    if (!event) {
        free(waker);
        return NULL;
    }
    waker->event = event;
    return waker;
}

void waker_close(struct waker *waker)
{
    if (!waker)
        return;
    while (waker->ready)
        identity_wait_cancel(waker->ready);
    event_free(waker->event);
    free(waker);
}

void wait_list_add(struct wait_list *list, struct identity_wait *wait)
{
    push(&list->first, wait);
}

void wait_list_call(struct wait_list *list)
{
    call_all(&list->first);
}

void wait_list_wake(struct wait_list *list)
{
    if (!list->first)
        return;
    while (list->first) {
        struct identity_wait *wait = list->first;
        identity_wait_cancel(wait);
        push(&list->waker->ready, wait);
    }
    event_active(list->waker->event, EV_TIMEOUT, 0);
}

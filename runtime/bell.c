/*
 * An eventfd on a loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/bell.h"

#include <event2/event.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct bell {
    int fd;
    struct event *event;
    void (*rung)(void *context);
    void *context;
};

static void on_rung(evutil_socket_t fd, short events, void *context)
{
    const struct bell *bell = context;
    uint64_t count;
    (void)events;
    if (read(fd, &count, sizeof count) == sizeof count)
        bell->rung(bell->context);
}

struct bell *bell_open(struct event_base *loop, void (*rung)(void *context), void *context)
{
    struct bell *bell = malloc(sizeof *bell);
    if (!bell)
        return NULL;
    *bell = (struct bell){eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), NULL, rung, context};
    if (bell->fd >= 0)
        bell->event = event_new(loop, bell->fd, EV_READ | EV_PERSIST, on_rung, bell);
    if (bell->event && event_add(bell->event, NULL) == 0)
        return bell;
    bell_close(bell);
    return NULL;
}

void bell_close(struct bell *bell)
{
    if (!bell)
        return;
    if (bell->event)
        event_free(bell->event);
    if (bell->fd >= 0)
        close(bell->fd);
    free(bell);
}

void bell_ring(struct bell *bell)
{
    const uint64_t one = 1;
    (void)!write(bell->fd, &one, sizeof one); /* only a full counter fails: it is rung already */
}

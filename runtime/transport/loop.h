/*
 * The event loop of a worker, and the orders that reach it from other threads: to stop when what is
 * under way is done, to end at once, to look at its options again. Knows no transport and no
 * signal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRANSPORT_LOOP_H
#define TRANSPORT_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct loop;

enum loop_order {
    LOOP_STOP = 1,    /* finish what is under way; given again, or past the deadline: LOOP_END */
    LOOP_END = 2,     /* at once */
    LOOP_RELOAD = 4,  /* options and certificates may have changed */
    LOOP_RELEASE = 8, /* one hold less */
};

/* `drain_ms` is the deadline of LOOP_STOP. Also ignores SIGPIPE. NULL and a logged reason when it
 * cannot be had. */
struct loop *loop_open(uint32_t drain_ms);
void loop_close(struct loop *loop);
struct event_base *loop_base(const struct loop *loop);

/* From any thread, and from signal handlers of the loop. */
void loop_tell(struct loop *loop, enum loop_order order);

/* `stop` is called once, from the loop, after LOOP_STOP; it calls loop_end when nothing is under
 * way any more, at once or later. */
void loop_on_stop(struct loop *loop, void (*stop)(void *context), void *context);
void loop_on_reload(struct loop *loop, void (*reload)(void *context), void *context);

/* The loop's own work is done. It ends when nobody holds it. */
void loop_end(struct loop *loop);
void loop_hold(struct loop *loop); /* before it runs */

/* Runs until it ends. False and a logged reason when the loop itself failed. */
bool loop_run(struct loop *loop);

#endif

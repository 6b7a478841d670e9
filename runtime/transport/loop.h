/*
 * The event loop of a worker and the order to stop: SIGTERM or SIGINT asks the transport to finish
 * what is under way, a second one or the deadline ends the loop at once. Knows no transport.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRANSPORT_LOOP_H
#define TRANSPORT_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct loop;

/* Also ignores SIGPIPE. NULL and a logged reason when it cannot be had. */
struct loop *loop_open(uint32_t drain_ms);
void loop_close(struct loop *loop);
struct event_base *loop_base(const struct loop *loop);

/* `stop` is called once, from the loop, when the process is told to stop; it calls loop_end when
 * nothing is under way any more, at once or later. */
void loop_on_stop(struct loop *loop, void (*stop)(void *context), void *context);
void loop_end(struct loop *loop);

/* Runs until loop_end. False and a logged reason when the loop itself failed. */
bool loop_run(struct loop *loop);

#endif

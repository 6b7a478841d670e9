/*
 * Wakes a loop from another thread: however often it is rung meanwhile, `rung` is called at least
 * once after the last time, from the loop. One per listener.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_BELL_H
#define RUNTIME_BELL_H

struct bell;
struct event_base;

/* NULL: out of memory or of descriptors. */
struct bell *bell_open(struct event_base *loop, void (*rung)(void *context), void *context);
void bell_close(struct bell *bell); /* NULL is fine; nobody may ring it any more */

void bell_ring(struct bell *bell); /* from any thread */

#endif

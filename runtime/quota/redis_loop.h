/*
 * hiredis on the worker's loop. Its own adapter is a header of static functions that casts away
 * what our flags insist on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef QUOTA_REDIS_LOOP_H
#define QUOTA_REDIS_LOOP_H

#include <hiredis/async.h>
#include <stdbool.h>

struct event_base;

/* False: out of memory, and nothing is attached. What is attached goes with the connection. */
bool redis_loop_attach(redisAsyncContext *redis, struct event_base *loop);

#endif

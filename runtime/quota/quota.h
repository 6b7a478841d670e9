/*
 * The policy's `limit` statements counted over all instances of a server, in Redis. The buckets are
 * those of the limiter, kept there under names that tell nothing, and filled by Redis' own clock.
 * One per worker. Without Redis nothing is known, and the caller decides what that means.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef QUOTA_QUOTA_H
#define QUOTA_QUOTA_H

#include "runtime/identity/caller.h"
#include "runtime/memory/pool.h"
#include "runtime/worker.h"

struct quota;
struct quota_wait;

/* By the options' limits_redis, which must be set. Connects in the background, and again whenever
 * the connection is lost. NULL and a logged reason when that cannot begin. */
struct quota *quota_open(const struct worker *worker);
void quota_close(struct quota *quota); /* NULL is fine; nothing may wait */

enum { QUOTA_AWAY = -1 };

/* `done` is called once, from the loop: 0: the call may go on; else after so many seconds it may;
 * QUOTA_AWAY: Redis has not answered in time. False: it is away, `done` is not called. */
bool quota_ask(struct quota *quota, const struct mcpp_tool *tool, const struct caller *caller,
               struct pool *pool, struct quota_wait *wait);
void quota_cancel(struct quota_wait *wait);

struct quota_wait {
    void (*done)(void *context, int32_t wait_s);
    void *context;
    /* the quota's own */
    struct quota *quota;
    bool is_waiting;
    struct quota_wait *next, *previous;
    struct quota_ticket *ticket; /* with Redis; outlives a wait that is cancelled */
};

#endif

/*
 * The policy's `limit` statements: a token bucket for each limit and whoever it counts. One per
 * worker. Nothing is allocated while calls are counted: a full table forgets the bucket that was
 * not used for longest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_LIMITER_H
#define PROTOCOL_LIMITER_H

#include "runtime/identity/caller.h"

struct limiter;

/* NULL: out of memory. */
struct limiter *limiter_open(const struct mcpp_policy *policy, uint64_t key);
void limiter_close(struct limiter *limiter); /* NULL is fine */

/* Counts a call at a time in milliseconds that never goes back. 0: it may go on; else after so many
 * seconds it may, and nothing was counted. */
uint32_t limiter_take(struct limiter *limiter, const struct mcpp_tool *tool,
                      const struct caller *caller, uint64_t now_ms);

#endif

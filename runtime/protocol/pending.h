/*
 * Requests under way that a client may cancel by their id: on stdio those of the stream, on HTTP
 * those of a legacy session, whichever worker has them. (A modern HTTP client closes the request's
 * connection instead.)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_PENDING_H
#define PROTOCOL_PENDING_H

#include "runtime/protocol/bulletin.h"
#include "runtime/protocol/turn.h"

/* `cancel` ends the request without an answer; it calls pending_leave. */
void pending_join(struct turn *turn, void (*cancel)(struct turn *turn));
void pending_leave(struct turn *turn); /* fine when it has not joined */

/* notifications/cancelled. An id that is not under way, or malformed, changes nothing. */
void pending_cancel(struct turn *turn);

/* A NOTICE_CANCEL. */
void pending_take(const struct worker *worker, const struct notice *notice);

#endif

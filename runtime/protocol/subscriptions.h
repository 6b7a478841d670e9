/*
 * Streams of notifications that nobody's request is waiting for: subscriptions/listen of the newest
 * revision, and a legacy session's GET. They tell that what the caller sees has changed: because
 * the server's options were read again, or because the same caller came with a token that allows it
 * something else. A stream ends with the token that it was opened with.
 *
 * A stream hears what concerns its caller on every worker of this process (bulletin.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_SUBSCRIPTIONS_H
#define PROTOCOL_SUBSCRIPTIONS_H

#include "runtime/protocol/bulletin.h"
#include "runtime/protocol/turn.h"

/* subscriptions/listen. */
void subscriptions_listen(struct turn *turn);

/* GET of a legacy session; the caller is known. */
void subscriptions_open(struct turn *turn);

/* A request has come: is what its caller sees something else than its streams were told? Costs
 * nothing while there are no streams. */
void subscriptions_note(const struct turn *turn);

/* A NOTICE_CHANGED. */
void subscriptions_take(const struct worker *worker, const struct notice *notice);

/* For everybody, whoever they are. */
void subscriptions_announce(const struct mcpp_server *server);

#endif

/*
 * Notifications about a request while it is answered: progress and log messages. On HTTP the answer
 * becomes a stream of events at the first of them; a client that takes none gets none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_NOTIFY_H
#define PROTOCOL_NOTIFY_H

#include "runtime/protocol/turn.h"

/* False: no level is called so. */
bool notify_severity(struct slice name, enum log_severity *out);

/* Finds out what the current message wants to hear. */
void notify_prepare(struct turn *turn);

bool notify_wants_progress(const struct turn *turn);
/* `total` 0: not known. Values that are no more than the last one are left out, as are those that
 * are only a little more. */
void notify_progress(struct turn *turn, uint64_t progress, uint64_t total);

bool notify_wants_log(const struct turn *turn, enum log_severity severity);
/* `data` is JSON. */
void notify_log(struct turn *turn, enum log_severity severity, struct slice data);

#endif

/*
 * What a process remembers of legacy sessions, beside what their ids carry: which log messages the
 * client asked for. A bounded table that all workers share; a session that is forgotten (another
 * instance, a restart, too many others) gets no log messages until it asks again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_SESSIONS_H
#define PROTOCOL_SESSIONS_H

#include "runtime/protocol/session.h"

struct sessions;

struct sessions *sessions_open(void); /* NULL: out of memory */
void sessions_close(struct sessions *sessions);

void sessions_set_severity(struct sessions *sessions, struct session_salt session,
                           enum log_severity severity);
/* SEVERITY_COUNT: nothing was asked for. */
enum log_severity sessions_severity(struct sessions *sessions, struct session_salt session);

#endif

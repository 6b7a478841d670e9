/*
 * tools/call: the decision, then the backend.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_TOOLS_CALL_H
#define PROTOCOL_TOOLS_CALL_H

#include "runtime/protocol/turn.h"

void tools_call_answer(struct turn *turn);

/* notifications/cancelled on stdio: ends the call of this id without an answer, if there is one.
 * On HTTP a client closes the request's connection instead. */
void tools_call_cancel(struct turn *turn);

#endif

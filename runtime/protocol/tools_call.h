/*
 * tools/call: the decision, then the backend.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_TOOLS_CALL_H
#define PROTOCOL_TOOLS_CALL_H

#include "runtime/protocol/turn.h"

void tools_call_answer(struct turn *turn);

/* Decides about a tool and calls it; reading a resource (turn->uri) is the same. */
void tools_call_use(struct turn *turn, struct slice name, const struct call_arguments *arguments);

#endif

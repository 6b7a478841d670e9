/*
 * tools/call: the decision, then the backend.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_TOOLS_CALL_H
#define PROTOCOL_TOOLS_CALL_H

#include "runtime/protocol/turn.h"

void tools_call_answer(struct turn *turn);

#endif

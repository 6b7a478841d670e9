/*
 * What callers are told when a call is not allowed: an error with its HTTP status and challenge
 * where another caller could call, a tool result where the same caller could with other arguments,
 * so that a model can correct itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_DENIAL_H
#define PROTOCOL_DENIAL_H

#include "runtime/decide/decision.h"
#include "runtime/protocol/turn.h"

/* The text of a tool result, or NULL: the decision is answered with an error. */
const char *denial_text(struct turn *turn, const struct decision *decision);

/* Answers with an error. `name` is what was asked for. */
void denial_answer(struct turn *turn, const struct decision *decision, struct slice name);

#endif

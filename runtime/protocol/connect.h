/*
 * Where a caller agrees to the use of an account of theirs (MCP 2026-07-28, client/elicitation,
 * "URL Mode Elicitation for OAuth Flows"): the answer to a call that lacks a token, the page that
 * begins, and the one that the authorization server sends the browser back to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_CONNECT_H
#define PROTOCOL_CONNECT_H

#include "runtime/protocol/turn.h"

/* Answers a call that has nothing to send for its caller: asks the client to open a URL. False when
 * that cannot be, and the call is to be answered otherwise. */
bool connect_ask(struct turn *turn, uint32_t credential);

/* Whether the target is one of these pages. */
bool connect_is_path(const struct options *options, struct slice target);

void connect_answer(struct turn *turn); /* such a request */

#endif

/*
 * completion/complete: what an argument of a resource template can be, where its schema lists that.
 *
 * MCP has completion for prompts and resource templates. Tools have neither here, so that a
 * reference to a prompt is taken as one to a tool: the way for a client to complete its arguments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_COMPLETION_H
#define PROTOCOL_COMPLETION_H

#include "runtime/protocol/turn.h"

void completion_complete(struct turn *turn);

#endif

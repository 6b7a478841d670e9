/*
 * Headers that repeat the body of a modern request (MCP 2026-07-28, "Request Metadata"): a proxy
 * that routes by the header and a server that acts on the body must not see two requests.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_MIRROR_H
#define PROTOCOL_MIRROR_H

#include "runtime/protocol/turn.h"

/* Checks Mcp-Method, Mcp-Name and the Mcp-Param headers of a tool against the current request.
 * False: they differ, and the message is answered. */
bool mirror_check(struct turn *turn);

/* A header's value with the Base64 form decoded (`=?base64?…?=`). False: it is no such value. */
bool mirror_decode(struct slice value, struct pool *pool, struct slice *out);

#endif

/*
 * x-mcp-header on a parameter, a body property or their schema: the argument's value is repeated in
 * the header Mcp-Param-NAME of a call (MCP 2026-07-28, "Custom Headers from Tool Parameters").
 * Clients leave out a tool whose annotations break the protocol's rules, so that those are reported
 * and not passed on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_MCP_HEADER_H
#define OPENAPI_MCP_HEADER_H

#include "compiler/openapi/argument.h"

/* Sets mcp_header of the arguments and of the drafts' notes; both have the same order. */
void mcp_header_read(struct build *build, struct draft_list *drafts, struct argument *arguments);

#endif

/*
 * Names of tools from operations: what MCP clients take (1 to 64 of [A-Za-z0-9_-]), unique, and
 * such that adding an operation to a document does not rename the others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_TOOL_NAME_H
#define LOWER_TOOL_NAME_H

#include "compiler/openapi/model.h"

/* A shorter name would leave too little room for the hash that keeps names apart. */
enum { TOOL_NAME_MIN = 8, TOOL_NAME_MAX = 64 };

/* One name of at most `max` bytes for each operation of the API, in its order. Names that x-mcp
 * asks for and that cannot be given are reported. */
const struct str *tool_names(const struct api *api, uint32_t max, struct arena *arena,
                             struct diag_list *diags);

#endif

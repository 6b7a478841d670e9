/*
 * Names of tools from operations: what MCP clients take (1 to 64 of [A-Za-z0-9_-]), unique, and
 * such that adding an operation to a document does not rename the others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_TOOL_NAME_H
#define LOWER_TOOL_NAME_H

#include "compiler/openapi/model.h"

/* One name for each operation of the API, in its order. */
const struct str *tool_names(const struct api *api, struct arena *arena);

#endif

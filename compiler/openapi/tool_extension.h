/*
 * x-mcp: what a document says about its operations as tools. On an operation a boolean, or a
 * mapping with `enabled`, `name`, `title` and `description`; on a path item, a tag or the document
 * a boolean or `enabled` alone, for the operations that say nothing themselves. Speakeasy's
 * x-speakeasy-mcp is read where there is no x-mcp.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_TOOL_EXTENSION_H
#define OPENAPI_TOOL_EXTENSION_H

#include "compiler/openapi/build.h"

/* What the tags and the document say; before the operations are read. */
void tool_extension_read_defaults(struct build *build);

/* Sets the wish of an operation, whose tags are known. */
void tool_extension_read(struct build *build, const struct node *node, const struct node *path_item,
                         struct operation *operation);

#endif

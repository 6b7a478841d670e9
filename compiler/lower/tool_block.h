/*
 * The settings of a lowered tool: what x-mcp says about it, and descriptions that are cut.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_TOOL_BLOCK_H
#define LOWER_TOOL_BLOCK_H

#include "compiler/lower/lowering.h"

struct settings tool_block_lower(const struct lowering *lowering,
                                 const struct operation *operation);

/* At most `max` characters (0: any number): whole sentences when they make up half of it, else
 * whole words and "…". */
struct str tool_block_shortened(struct arena *arena, struct str text, size_t max);

#endif

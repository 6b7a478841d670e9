/*
 * Writes the tools of policy.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EMIT_TOOL_H
#define EMIT_TOOL_H

#include "compiler/emit/emit.h"

void emit_tools(const struct emission *emission, struct str_builder *out);

#endif

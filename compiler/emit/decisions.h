/*
 * Writes what is decided with: claims, tests, rules, nodes, derived facts, limits, the operator.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EMIT_DECISIONS_H
#define EMIT_DECISIONS_H

#include "compiler/emit/emit.h"

/* Claims and tests; facts refer to the latter. */
void emit_tests(const struct emission *emission, struct str_builder *out);

/* Rules, nodes and derived facts. */
void emit_diagrams(const struct emission *emission, struct str_builder *out);

void emit_limits(const struct emission *emission, struct str_builder *out);
void emit_operator(const struct emission *emission, struct str_builder *out);

/* The decisions of one tool, as fields. */
void emit_tool_decisions(const struct tables *tables, const struct mcpp_tool *tool,
                         struct str_builder *out);

#endif

/*
 * The one layout of policies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_FORMAT_H
#define POLICY_FORMAT_H

#include "compiler/policy/ast.h"

/* The whole policy with its comments. Formatting what this gives changes nothing. */
struct str policy_format(const struct policy_ast *ast, struct arena *arena);

/* One statement without comments, columns or a line end; a block takes several lines. */
void policy_format_statement(const struct statement *statement, struct str_builder *out);

/* A condition as it is written after `needs`. */
void policy_format_condition(const struct condition *condition, struct str_builder *out);

#endif

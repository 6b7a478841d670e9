/*
 * A policy text as an AST. Drives the grammar of grammar/mcpp.y.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_PARSE_H
#define POLICY_PARSE_H

#include "compiler/policy/ast.h"

/* Reports every error it finds; false when there was one. */
bool policy_parse(struct source *source, struct arena *arena, struct diag_list *diags,
                  struct policy_ast *out);

struct mcpp_parameters;

/* With values for the parameters that the text names as `${NAME}`. */
bool policy_parse_with(struct source *source, const struct mcpp_parameters *parameters,
                       struct arena *arena, struct diag_list *diags, struct policy_ast *out);

#endif

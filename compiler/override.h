/*
 * Options of the command line as statements of the policy, so that they are checked and printed
 * like those that were written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MCPC_OVERRIDE_H
#define MCPC_OVERRIDE_H

#include "compiler/policy/ast.h"

/* The first statement of this kind, or NULL. */
const struct statement *override_find(const struct policy_ast *ast, enum statement_kind kind);

/* Gives the statement of this kind another text, or adds it after the api statement. Nothing
 * happens when `text` is NULL. */
void override_text(struct policy_ast *ast, struct arena *arena, enum statement_kind kind,
                   const char *text);

#endif

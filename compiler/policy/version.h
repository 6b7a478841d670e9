/*
 * The version of the language, which every text of a policy begins with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_VERSION_H
#define POLICY_VERSION_H

#include "compiler/policy/ast.h"

/* False when the text does not begin with a version that is known: reported. */
bool version_check(const struct policy_ast *ast, struct diag_list *diags);

#endif

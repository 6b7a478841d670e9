/*
 * Borders 4 and 5 as text, for --dump=ast and --dump=policy. Stable: golden tests read it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_POLICY_DUMP_H
#define POLICY_POLICY_DUMP_H

#include "compiler/policy/check.h"

void ast_dump(const struct policy_ast *ast, struct str_builder *out);
void policy_dump(const struct policy *policy, struct str_builder *out);

#endif

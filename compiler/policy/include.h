/*
 * Includes and presets: what they stand for takes their place. Takes the AST of a policy; gives one
 * without `include`, `parameter`, `preset` and `from`. Knows no meaning of any name but those of
 * parameters.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_INCLUDE_H
#define POLICY_INCLUDE_H

#include "compiler/policy/ast.h"

/* How files are read that policies include; NULL and a reason when one cannot be. */
struct include_files {
    void *context;
    struct source *(*read)(void *context, const char *name, const char **error);
};

/* False when there was an error. */
bool policy_include(const struct policy_ast *ast, const struct include_files *files,
                    struct arena *arena, struct diag_list *diags, struct policy_ast *out);

#endif

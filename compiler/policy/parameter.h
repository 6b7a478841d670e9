/*
 * Parameters of an included file: `parameter NAME "default"` declares one, whoever includes the
 * file sets it in the block, and `${NAME}` in the file's strings and names stands for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_PARAMETER_H
#define POLICY_PARAMETER_H

#include "compiler/policy/ast.h"
#include "grammar/mcpp_read.h"

/* The parameters of a file that `statement` includes, or makes a verifier from. For an include
 * every setting of the block must be a parameter; for a verifier those that are none are the
 * verifier's own. False on an error. */
bool parameters_bind(const struct policy_ast *file, const struct statement *statement,
                     struct arena *arena, struct diag_list *diags, struct mcpp_parameters *out);

/* Whether the file declares it. */
bool parameters_have(const struct mcpp_parameters *parameters, struct str name);

#endif

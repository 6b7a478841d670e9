/*
 * Writes policy.c: the tables as C that a person can read from top to bottom, each table under the
 * policy's own statement. Takes tables and the statements they came from; knows nothing of YAML,
 * HTTP or MCP. The same input gives the same bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EMIT_EMIT_H
#define EMIT_EMIT_H

#include "compiler/tables/layout.h"

struct emission {
    const struct tables *tables;
    const struct policy_ast *ast; /* the statements, for the comments */
    bool is_lowered;  /* the policy's text was made from the API just now: it is no input */
    bool has_options; /* and options of the command line chose what is in it */
};

void emit_policy(const struct emission *emission, struct str_builder *out);

#endif

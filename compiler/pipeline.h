/*
 * The table of contents of the compiler: what is done with one input, stage by stage.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MCPC_PIPELINE_H
#define MCPC_PIPELINE_H

#include <stdbool.h>

enum pipeline_goal { GOAL_NONE, GOAL_MCPP, GOAL_C, GOAL_PROGRAM };

enum pipeline_dump {
    DUMP_NONE,
    DUMP_DOCUMENT,
    DUMP_API,
    DUMP_AST,
    DUMP_POLICY,
    DUMP_TABLES,
};

struct pipeline_request {
    const char *input;  /* OpenAPI or .mcpp; "-": stdin */
    const char *output; /* "-": stdout */
    enum pipeline_goal goal;
    enum pipeline_dump dump; /* print this border instead */
    const char *name;        /* NULL: as the policy or the document says, likewise below */
    const char *backend_url;
    bool validate_tokens;
};

/* Prints diagnostics to stderr; gives the exit status. No output is left behind unless it is 0. */
int pipeline_run(const struct pipeline_request *request);

#endif

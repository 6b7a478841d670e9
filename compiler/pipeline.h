/*
 * The table of contents of the compiler: what is done with one input, stage by stage.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MCPC_PIPELINE_H
#define MCPC_PIPELINE_H

#include "compiler/diag_form.h"

/* GOAL_NONE: the report or the dump alone. */
enum pipeline_goal { GOAL_NONE, GOAL_MCPP, GOAL_C, GOAL_PROGRAM, GOAL_SYNC };

enum pipeline_dump {
    DUMP_NONE,
    DUMP_DOCUMENT,
    DUMP_API,
    DUMP_AST,
    DUMP_POLICY,
    DUMP_LOGIC,
    DUMP_TABLES,
    DUMP_DECISIONS,
};

enum report_form { REPORT_NONE, REPORT_TEXT, REPORT_JSON };

/* What is written about the results of lowered tools. */
enum output_wish { OUTPUT_WISH_LISTED, OUTPUT_WISH_NONE, OUTPUT_WISH_VALIDATED };

/* Values of an option that may be given several times. */
struct name_list {
    const char **at;
    uint32_t count;
};

struct policy_ast;
struct tables;

/* What a command may ask about: everything that was made on the way to the tables. */
struct pipeline_answer {
    const struct policy_ast *ast;
    const struct tables *tables;
    struct arena *arena;
    struct diag_list *diags;
};

typedef void pipeline_ask(void *context, const struct pipeline_answer *answer);

struct pipeline_request {
    const char *input;  /* OpenAPI or .mcpp; "-": stdin; or the URL of a document */
    const char *output; /* "-": stdout */
    enum pipeline_goal goal;
    bool only_looks;         /* GOAL_SYNC: says what would change, and refuses it */
    bool may_overwrite;      /* a policy at the output that says something else */
    enum pipeline_dump dump; /* print this border instead */
    const char *name;        /* NULL: as the policy or the document says, likewise below */
    const char *backend_url;
    bool validate_tokens;
    bool skips_verify; /* does not compare the tables with the policy */
    struct name_list overlays, includes, excludes;
    const char *config;                 /* of MCP Generator; NULL: none */
    uint32_t max_name, max_description; /* 0: the default */
    uint32_t max_tools;                 /* more of them are warned about */
    bool allow_remote_refs;
    bool has_resources;        /* GET operations are resources too */
    const char *resource_base; /* NULL: "mcpp://NAME" */
    enum output_wish results;
    uint32_t fetch_timeout_s; /* for each text that is fetched */
    enum report_form report;
    struct name_list tests;     /* files of `test` blocks, read behind the policy */
    pipeline_ask *ask;          /* called with a policy that is right; NULL: nothing */
    void *context;              /* for it */
    enum diag_form diagnostics; /* text goes to stderr, other forms to stdout */
    bool deny_warnings;         /* refuse the input for them */
    struct name_list allowed;   /* slugs of warnings and notes that are not told */
};

enum { PIPELINE_MAX_TOOLS = 128 }; /* of `max_tools` when nothing is said */

/* Prints diagnostics; gives the exit status. No output is left behind unless it is 0. */
int pipeline_run(const struct pipeline_request *request);

#endif

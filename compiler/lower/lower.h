/*
 * Lowers an API to a policy: border 3 to border 4. The result, printed by policy/format, is a file
 * that people read and edit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_LOWER_H
#define LOWER_LOWER_H

#include "compiler/lower/config.h"
#include "compiler/lower/select.h"
#include "compiler/openapi/model.h"
#include "compiler/policy/ast.h"

/* `output none` or `output validated` for each tool with a schema of its result. */
enum lower_output { LOWER_OUTPUT_LISTED, LOWER_OUTPUT_NONE, LOWER_OUTPUT_VALIDATED };

struct lower_options {
    struct str api_name;             /* as written in the api statement */
    struct str server_name;          /* as MCP clients see it; empty: from the title */
    struct str backend;              /* base URL instead of the document's; empty: the document's */
    bool validate_tokens;            /* write `validate tokens` */
    const struct str *overlay_names; /* as written in overlay statements */
    uint32_t overlay_count;
    struct selection selection;
    const struct config *config; /* NULL: none */
    uint32_t max_name;           /* bytes of a tool's name; 0: TOOL_NAME_MAX */
    uint32_t max_description;    /* characters of a tool's description; 0: as many as it has */
    bool has_resources;          /* GET operations are resources too */
    struct str resource_base;    /* where their URIs begin; empty: "mcpp://NAME" */
    enum lower_output output;    /* what is written about results */
};

/* False when there was an error. What cannot be expressed becomes an `omit` and a warning. */
bool lower_api(const struct api *api, const struct lower_options *options, struct arena *arena,
               struct diag_list *diags, struct policy_ast *out);

#endif

/*
 * What the parts of lower/ share while a policy is made. Not for other stages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_LOWERING_H
#define LOWER_LOWERING_H

#include "compiler/lower/lower.h"

struct lowering {
    const struct api *api;
    struct arena *arena;
    struct diag_list *diags;
    struct str server_name, backend; /* backend: a good URL, or empty */
    const struct str *names;         /* of the tools, by operation */
    const struct str *left_out;      /* by operation: why it is not selected, or empty */
    bool has_one_backend;            /* servers of single operations are not used */
    const struct config *config;     /* NULL: none */
    uint32_t max_description;        /* characters; 0: any number */
    struct str resource_base;        /* of GET operations; empty: they are no resources */
    enum lower_output output;
    const bool *is_tool; /* by operation: false where it became an omit */
    LIST(struct statement) statements;
    struct str_builder comments; /* for the next statement */
};

/* A new statement at the end; it takes the comments that were written before. */
struct statement *lowering_add(struct lowering *lowering, enum statement_kind kind,
                               struct span span);

/* A blank line before the next statement. */
void lowering_gap(struct lowering *lowering);

/* A comment before the next statement, wrapped; whatever the text holds stays in the comment. */
void lowering_comment(struct lowering *lowering, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A text as it may stand in a comment's line. */
struct str lowering_clean(struct arena *arena, struct str text);

struct word lowering_name(struct str text, struct span span);
struct word lowering_string(struct str text, struct span span);

/* A name as an environment variable: upper case, '_' for the rest, never beginning with a digit. */
struct str lowering_variable(struct arena *arena, struct str name);

#endif

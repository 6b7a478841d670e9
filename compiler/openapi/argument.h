/*
 * One flat object of arguments out of parameters and the body. Names:
 *
 *   - what MCP clients take: A-Z a-z 0-9 _ . - and at most 64 characters; other characters become
 *     '_', and a name that is too long is cut and gets a hash of the whole;
 *   - path parameters keep their names, then the others in the order of the document;
 *   - a header of a part is called after the part too: `photo_X-Size`;
 *   - a name that is taken gets its place behind it (`id_query`, `id_header`, `id_cookie`,
 *     `id_body`), and then a number from 2.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_ARGUMENT_H
#define OPENAPI_ARGUMENT_H

#include "compiler/openapi/schema.h"

enum draft_form {
    DRAFT_SCHEMA,
    DRAFT_STRING, /* text, whatever the document says */
    DRAFT_BYTES,  /* a Base64 string */
    DRAFT_BYTES_LIST,
};

/* An argument before it has its name. */
struct draft {
    struct argument argument;
    enum draft_form form;
    const struct node *schema; /* DRAFT_SCHEMA; NULL: any value */
    struct str media_type;     /* of the bytes; empty: not known */
    struct schema_notes notes;
    const struct node *owner; /* the parameter, which may have extensions; NULL: none */
};

struct draft_list {
    LIST(struct draft) items;
};

/* Names the drafts and makes operation->arguments and operation->input_schema of them. */
void argument_build(struct build *build, struct draft_list *drafts, struct operation *operation);

#endif

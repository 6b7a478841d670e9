/*
 * The properties of an object schema, through references and allOf, for spreading them out as
 * arguments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_OBJECT_H
#define OPENAPI_OBJECT_H

#include "compiler/openapi/schema.h"

struct property {
    struct str name;
    const struct node *schema;
    bool is_required;
    struct span span;
};

struct object {
    LIST(struct property) properties; /* in the document's order, without readOnly ones */
    bool is_plain;                    /* they are all that the schema says */
    bool has_required;
};

/* Properties of alternatives (oneOf, anyOf) are among them, none of those required. */
struct object object_read(struct build *build, const struct node *schema);

#endif

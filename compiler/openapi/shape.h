/*
 * Building a mapping or sequence member by member, for transforms of documents. New nodes take the
 * span of the node they come from, so that messages still point into the text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_SHAPE_H
#define OPENAPI_SHAPE_H

#include "compiler/openapi/document.h"

/* Starts as {.arena = arena, .diags = diags, .span = span}. */
struct shape {
    struct arena *arena;
    struct diag_list *diags;
    struct span span;
    LIST(struct member) members; /* of a sequence: without names */
};

void shape_add(struct shape *shape, const struct node *item);
void shape_keep(struct shape *shape, const struct member *member); /* as it is */

/* The name's span is that of the value. A NULL value adds nothing. */
void shape_put(struct shape *shape, struct str name, const struct node *value);
void shape_put_text(struct shape *shape, const char *name, struct str text, struct span span);
void shape_put_boolean(struct shape *shape, const char *name, bool is_true, struct span span);

bool shape_has(const struct shape *shape, struct str name);

const struct node *shape_mapping(struct shape *shape);
const struct node *shape_sequence(struct shape *shape);

#endif

/*
 * What the parts of the Swagger 2.0 transform share: the document that is converted and its
 * document-wide settings. For swagger2*.c only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_SWAGGER2_VIEW_H
#define OPENAPI_SWAGGER2_VIEW_H

#include "compiler/openapi/reference.h"
#include "compiler/openapi/shape.h"

struct swagger2 {
    const struct node *root;
    struct arena *arena;
    struct diag_list *diags;
    struct references *references;
    struct map *reported; /* foreign members of parameters, by node: references lead there often */
    const struct node *host, *base_path, *schemes, *consumes,
        *produces; /* the root's; NULL: none */
};

static inline struct shape shape_at(const struct swagger2 *view, const struct node *node)
{
    return (struct shape){.arena = view->arena, .diags = view->diags, .span = node->span};
}

/* The member when it is of this kind; reported and NULL when it is of another one. */
const struct node *swagger2_get(const struct swagger2 *view, const struct node *mapping,
                                const char *name, enum node_kind kind);

/* `servers` for a list of schemes, or the root's when that is NULL. */
const struct node *swagger2_servers(const struct swagger2 *view, const struct node *schemes);

/* swagger2_operation.c */
const struct node *swagger2_path_item(const struct swagger2 *view, const struct node *item);
const struct node *swagger2_parameter(const struct swagger2 *view, const struct node *parameter);

/* swagger2_body.c: `consumes` and `produces` may be NULL; `parameters` are a body parameter or form
 * parameters, at least one. */
const struct node *swagger2_request_body(const struct swagger2 *view, const struct node *consumes,
                                         const struct node *const *parameters, size_t count);
const struct node *swagger2_responses(const struct swagger2 *view, const struct node *produces,
                                      const struct node *responses);

/* swagger2_schema.c: `schema` made of a parameter's, header's or response's own keywords */
const struct node *swagger2_schema(const struct swagger2 *view, const struct node *holder);
bool swagger2_is_schema_keyword(struct str name);

/* That of a parameter that is no body. A schema in the place of its keywords, which many documents
 * have, is taken for them. */
const struct node *swagger2_parameter_schema(const struct swagger2 *view,
                                             const struct node *parameter);

/* Whether OpenAPI 3 gives a parameter this member and Swagger 2.0 does not; reports it. */
bool swagger2_is_foreign(const struct swagger2 *view, const struct member *member);

/* A schema with `type: file` as a binary string; any other one as it is. */
const struct node *swagger2_plain_schema(const struct swagger2 *view, const struct node *schema);

/* Puts `style` and `explode` for an array by its collectionFormat. `is_query`: or a form. */
void swagger2_put_style(const struct swagger2 *view, const struct node *parameter, bool is_query,
                        struct shape *out);

#endif

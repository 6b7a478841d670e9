/*
 * Border 2: a YAML or JSON text as one tree. Made by yaml.c and json.c; knows nothing of OpenAPI.
 * Nodes are immutable once made. YAML aliases are shared nodes, so the tree may be a graph without
 * cycles. Mapping keys are their source text ("200", "on", "no").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_DOCUMENT_H
#define OPENAPI_DOCUMENT_H

#include "compiler/base/diag.h"
#include "compiler/base/map.h"

enum node_kind {
    NODE_NULL,
    NODE_BOOLEAN,
    NODE_NUMBER,
    NODE_STRING,
    NODE_SEQUENCE,
    NODE_MAPPING,
};

struct node;

struct member {
    struct str name;
    struct span name_span;
    const struct node *value;
};

struct node {
    enum node_kind kind;
    bool is_true; /* NODE_BOOLEAN */
    struct span span;
    /* NODE_STRING: its characters, UTF-8, possibly with NUL; NODE_NUMBER: a valid JSON number, its
     * digits as they were written */
    struct str text;
    uint32_t count;                  /* items or members */
    const struct node *const *items; /* NODE_SEQUENCE */
    const struct member *members;    /* NODE_MAPPING, in source order, names unique */
    const struct map *index;         /* name -> struct member, for mappings with many members */
};

struct document {
    struct source *source;
    const struct node *root; /* NULL when the text could not be read */
    /* Of a document that swagger2.c converted, else NULL: the root as it was written, whose places
     * a $ref may still name, and the references followed on the way. */
    const struct node *original;
    struct references *references;
    struct fetcher *fetcher;              /* for remote references; NULL: they are not followed */
    const struct source *const *overlays; /* that were applied, in order */
    uint32_t overlay_count;
};

/* By what the text begins with: JSON when its first character is { or [, else YAML. Errors go to
 * `diags`; the result has no root then. */
bool document_read(struct source *source, struct arena *arena, struct diag_list *diags,
                   struct document *out);

/* The member's value, or NULL; NULL too when `mapping` is NULL or no mapping. */
const struct node *node_get(const struct node *mapping, const char *name);
const struct member *node_member(const struct node *mapping, struct str name);

/* The characters when it is a string, else an empty slice. NULL is allowed. */
struct str node_string(const struct node *node);

/* The value when it is a boolean, else `otherwise`. NULL is allowed. */
bool node_boolean(const struct node *node, bool otherwise);

const char *node_kind_name(enum node_kind kind); /* "a string", "a mapping" */

#endif

/*
 * Names that schemas give themselves: `$id`, `$anchor` and `$dynamicAnchor` (JSON Schema 2020-12,
 * section 8.2). Looks at one document; knows no files and reports nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_ANCHOR_H
#define OPENAPI_ANCHOR_H

#include "compiler/openapi/document.h"

/* A document, or a schema in it with an `$id`: what "#" means inside of it. */
struct resource {
    struct str uri; /* against which references in it are resolved */
    const struct node *root;
    struct map anchors; /* name -> struct node */
};

struct anchors;

/* `uri` is the document's own: a URL, or a file name. Cheap for a document without `$id`. */
const struct anchors *anchors_read(struct arena *arena, const struct source *source,
                                   const struct node *root, struct str uri);

/* The innermost resource that the `$ref` with this text stands in. */
const struct resource *anchors_around(const struct anchors *anchors, const struct node *text);

/* The schema in the document whose `$id` is this URI, or NULL. */
const struct resource *anchors_named(const struct anchors *anchors, struct str uri);

/* A URL, or a file name, as it is meant in a text called `base`. */
struct str anchor_resolve(struct arena *arena, struct str base, struct str reference);

#endif

/*
 * Follows $ref (RFC 6901 JSON Pointer in a URI fragment, RFC 3986 relative references) through this
 * document and other files. Files are read once, relative to the file that names them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_REFERENCE_H
#define OPENAPI_REFERENCE_H

#include "compiler/openapi/document.h"

struct references;

/* For a converted document this goes on with the references that its conversion opened. */
struct references *references_open(const struct document *document, struct arena *arena,
                                   struct diag_list *diags);

/* The node itself when it has no $ref, else the node that it leads to through any number of steps.
 * NULL when it leads nowhere, in a circle or out of reach; that was reported, once per $ref. */
const struct node *reference_follow(struct references *references, const struct node *node);

/* One step only: the target of a mapping's $ref, or NULL (reported). For schemas, which keep their
 * references. The same target is the same pointer, so it can be a key. */
const struct node *reference_target(struct references *references, const struct node *node);

/* All texts read so far, the document first. */
const struct source *const *references_sources(const struct references *references,
                                               uint32_t *count);

#endif

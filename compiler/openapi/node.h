/*
 * Making nodes of a document: for its readers and for transforms of documents. Who only reads a
 * document needs document.h alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_NODE_H
#define OPENAPI_NODE_H

#include "compiler/openapi/document.h"

enum {
    DOCUMENT_DEPTH_MAX = 100,     /* sequences and mappings inside each other */
    DOCUMENT_NODE_MAX = 10000000, /* values, those seen through aliases as often as seen */
};

struct node *node_new(struct arena *arena, enum node_kind kind, struct span span);
const struct node *node_new_string(struct arena *arena, struct str text, struct span span);
const struct node *node_new_boolean(struct arena *arena, bool is_true, struct span span);

/* Items and members are copied. A member whose name was there before is reported and left out. */
void node_set_items(struct arena *arena, struct node *sequence, const struct member *items,
                    size_t count);
void node_set_members(struct arena *arena, struct diag_list *diags, struct node *mapping,
                      const struct member *members, size_t count);

void node_report_duplicate(struct diag_list *diags, const struct member *second, struct span first);

#endif

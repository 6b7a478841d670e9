/*
 * Overlay 1.0: changes to a document that are kept in a file of their own. Takes a document and an
 * overlay, gives another document; nodes that no action touches are shared. What an overlay brings
 * keeps its span, so messages about it point into the overlay. A $ref in it is read as if it stood
 * in the document.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_OVERLAY_H
#define OPENAPI_OVERLAY_H

#include "compiler/openapi/document.h"

/* False when there was an error; it was reported, and *document is as it was. */
bool overlay_apply(struct document *document, const struct document *overlay, struct arena *arena,
                   struct diag_list *diags);

#endif

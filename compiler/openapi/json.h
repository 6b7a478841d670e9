/*
 * A JSON text as a document: the scanner's tape becomes nodes with spans. Texts without escapes are
 * borrowed from the source. Knows nothing of OpenAPI.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_JSON_H
#define OPENAPI_JSON_H

#include "compiler/openapi/document.h"

/* The root; NULL when the text is no strict JSON, which was reported. */
const struct node *json_read(struct source *source, struct arena *arena, struct diag_list *diags);

#endif

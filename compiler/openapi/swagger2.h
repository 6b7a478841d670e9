/*
 * Swagger 2.0 in the shape of OpenAPI 3.0, so that the model needs to know one shape. Takes a
 * document, gives another one; nodes that need no change are shared, new ones carry the span of
 * what they were made from. Shared parameters and responses are put in where they are used.
 *
 * References need no rewriting: the result remembers the root as it was written, and a $ref that
 * names a place there ("#/definitions/Pet") still leads to it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_SWAGGER2_H
#define OPENAPI_SWAGGER2_H

#include "compiler/openapi/document.h"

/* False when there was an error; it was reported. */
bool swagger2_convert(const struct document *in, struct arena *arena, struct diag_list *diags,
                      struct document *out);

#endif

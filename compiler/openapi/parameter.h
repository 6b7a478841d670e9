/*
 * Parameter Objects (OpenAPI 3.2, section 4.12): of the path item and of the operation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_PARAMETER_H
#define OPENAPI_PARAMETER_H

#include "compiler/openapi/argument.h"

/* Adds what the operation takes outside of its body. `path_item` and `node` are mappings.
 * Parameters of the operation take the place of the path item's with the same name and place. */
void parameter_read_all(struct build *build, const struct node *path_item, const struct node *node,
                        const struct operation *operation, struct draft_list *drafts);

/* A Header Object (section 4.21) of a part of a body; false when it is none. Its `part` is for the
 * caller to set. */
bool parameter_read_header(struct build *build, const struct member *header, struct draft *out);

#endif

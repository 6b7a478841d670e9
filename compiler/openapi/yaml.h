/*
 * A YAML text as a document: libyaml's events become nodes with spans. Strict where OpenAPI needs
 * no more: one document, scalar keys, unique keys, tags of the core schema only; `<<` merges.
 * Knows nothing of OpenAPI.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_YAML_H
#define OPENAPI_YAML_H

#include "compiler/openapi/document.h"

/* The root; what is wrong was reported, and then it may be NULL. */
const struct node *yaml_read(struct source *source, struct arena *arena, struct diag_list *diags);

#endif

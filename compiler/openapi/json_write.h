/*
 * Nodes as compact JSON text. Numbers keep their digits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_JSON_WRITE_H
#define OPENAPI_JSON_WRITE_H

#include "compiler/openapi/document.h"

/* In quotes, with what JSON and terminals cannot take as escapes. */
void json_write_string(struct str_builder *out, struct str text);

/* The whole value. Stops in the middle once `out` is longer than `limit`: shared nodes (YAML
 * aliases) can make a small document a large text. */
void json_write_value(struct str_builder *out, const struct node *node, size_t limit);

#endif

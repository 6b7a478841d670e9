/*
 * How a parameter's value becomes text: `style`, `explode`, `allowReserved` (OpenAPI 3.2, section
 * 4.12.2.2). The same keywords stand in Encoding Objects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_PARAMETER_STYLE_H
#define OPENAPI_PARAMETER_STYLE_H

#include "compiler/openapi/build.h"

/* Sets style, explode and allow_reserved by argument->place; a body's property is like a query
 * parameter. */
void parameter_style_read(struct build *build, const struct node *node, struct argument *argument);

#endif

/*
 * Path items and their operations (OpenAPI 3.2, sections 4.9 and 4.10).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_OPERATION_H
#define OPENAPI_OPERATION_H

#include "compiler/openapi/build.h"

/* Sets the operations of build->api, in source order. */
void operation_read_all(struct build *build, const struct node *paths);

#endif

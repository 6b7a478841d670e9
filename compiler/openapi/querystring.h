/*
 * A parameter that is the whole query string (OpenAPI 3.2, `in: querystring`).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_QUERYSTRING_H
#define OPENAPI_QUERYSTRING_H

#include "compiler/openapi/argument.h"

/* Adds what the parameter is on the wire: query parameters. */
void querystring_add(struct build *build, const struct draft *parameter, struct draft_list *drafts);

#endif

/*
 * Request bodies (OpenAPI 3.2, sections 4.13 to 4.15): one media type is chosen; an object's
 * properties become arguments when nothing is lost by it, else the whole body is one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_BODY_H
#define OPENAPI_BODY_H

#include "compiler/openapi/argument.h"

/* Sets operation->body and content_type, and adds the body's drafts to those of the parameters. */
void body_read(struct build *build, const struct node *node, struct operation *operation,
               struct draft_list *drafts);

#endif

/*
 * What an operation answers: the media types to ask for, and the schema of structured results.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_RESPONSE_H
#define OPENAPI_RESPONSE_H

#include "compiler/openapi/build.h"

/* Sets operation->accept and operation->output_schema from the 2xx responses. */
void response_read(struct build *build, const struct node *node, struct operation *operation);

#endif

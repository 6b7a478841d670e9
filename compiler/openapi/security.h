/*
 * Security schemes and requirements (OpenAPI 3.2, sections 4.27 to 4.30). What cannot be expressed
 * never opens an operation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_SECURITY_H
#define OPENAPI_SECURITY_H

#include "compiler/openapi/build.h"

/* Reads components.securitySchemes into build->api, then the document's own requirements. */
void security_read_schemes(struct build *build);

/* What holds for the operation: its own `security`, else the document's. */
void security_read_operation(struct build *build, const struct node *node,
                             struct operation *operation);

/* Whether an API key travels there: then it is a credential and no argument. */
bool security_is_credential(const struct build *build, enum parameter_place place, struct str name);

#endif

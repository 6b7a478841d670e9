/*
 * What a caller needs for an operation, from the document's `security`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_NEEDS_H
#define LOWER_NEEDS_H

#include "compiler/openapi/model.h"
#include "compiler/policy/ast.h"

struct lowered_needs {
    const struct condition *condition; /* NULL: cannot be expressed, then `problem` says why */
    const char *problem;
    struct str ignored;     /* the schemes of alternatives without scopes, left out; or empty */
    struct str role_scheme; /* a scheme without scopes that names roles (OpenAPI 3.1); or empty */
};

struct lowered_needs needs_lower(const struct operation *operation, struct arena *arena);

/* Whether a token's scopes are what this scheme asks for. */
bool needs_has_scopes(const struct security_scheme *scheme);

#endif

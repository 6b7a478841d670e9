/*
 * A security scheme as a credential: what is sent to the backend for it, and where its secrets come
 * from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_SCHEME_H
#define LOWER_SCHEME_H

#include "compiler/lower/lowering.h"

/* Whether the scheme's secret is a token in the Authorization header, so that BACKEND_API_TOKEN can
 * stand in for it. */
bool scheme_is_token(const struct security_scheme *scheme);

/* Whether something can be sent for the scheme. */
bool scheme_is_sendable(const struct lowering *lowering, const struct security_scheme *scheme);

/* Adds the `credential` statement of a sendable scheme, or says in a comment why there is none. */
void scheme_lower(struct lowering *lowering, const struct security_scheme *scheme);

#endif

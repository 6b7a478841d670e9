/*
 * The environment variables of a security scheme: PETSTORE_AUTH_CLIENT_ID for `petstore-auth`,
 * whatever characters its name has. Two schemes never share one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_SECRET_NAME_H
#define LOWER_SECRET_NAME_H

#include "compiler/lower/lowering.h"

/* The scheme's variable that ends so ("_CLIENT_ID"). */
struct str secret_name(const struct lowering *lowering, const struct security_scheme *scheme,
                       const char *end);

/* Of an API key ("_KEY") or a token ("_TOKEN"): without the end where the name says it already. */
struct str secret_name_short(const struct lowering *lowering, const struct security_scheme *scheme,
                             const char *end);

#endif

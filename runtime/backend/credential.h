/*
 * The secrets of `send` statements, ready to be put into a request. Each text stands in locked
 * memory that stays out of core dumps and is wiped; nothing here is ever logged.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_CREDENTIAL_H
#define BACKEND_CREDENTIAL_H

#include <mcpp/policy.h>

struct credentials;

/* What the credential puts into a request: "Name: value" of a header, "name=value" of a query or a
 * cookie. NULL when its environment variable is not set. */
const char *credential_text(const struct credentials *credentials, uint32_t index);

#endif

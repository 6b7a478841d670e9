/*
 * multipart bodies (RFC 7578) from matched arguments: which parts a value becomes, their headers,
 * and a boundary that is in none of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_MULTIPART_H
#define BACKEND_MULTIPART_H

#include "runtime/backend/body.h"

/* `type` without a boundary. NULL when `out` is filled, else the text for the model. */
const char *multipart_build(const struct matched *matched, const char *type, struct body *out);

#endif

/*
 * Redirects of a backend that stay with the operation: from the same origin to a path that the
 * tool's own template stands for. Anything else could be another operation, or another host that
 * would see the credentials.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_REDIRECT_H
#define BACKEND_REDIRECT_H

#include "runtime/backend/request.h"

enum { REDIRECTS_MAX = 3 };

/* The URL to go on with, in the source's pool; NULL: the redirect is not followed. */
const char *redirect_follow(const struct request_source *source, const struct request *request,
                            const struct upstream_response *response);

#endif

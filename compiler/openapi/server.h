/*
 * Server Objects: a list of them becomes one base URL (OpenAPI 3.2, sections 4.6 and 4.7).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_SERVER_H
#define OPENAPI_SERVER_H

#include "compiler/openapi/build.h"

struct server {
    struct str url;  /* absolute http(s) without a trailing '/', variables replaced; or empty */
    struct str text; /* what the document says, variables replaced; empty: nothing */
    bool is_relative;
};

/* Of the `servers` in `owner`: the first one. */
struct server server_read(struct build *build, const struct node *owner);

#endif

/*
 * A tool's tables and a call's arguments become a request: method, URL, headers, body, credentials.
 * Whatever the arguments are, the request goes to the operation's own path.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_REQUEST_H
#define BACKEND_REQUEST_H

#include "runtime/backend/call.h"
#include "runtime/backend/sending.h"
#include "runtime/upstream/upstream.h"

struct request_source {
    const struct mcpp_server *server;
    const struct call_request *call;
    const struct sending *sending; /* the credentials, filled in */
    struct pool *pool;             /* the request lives here */
};

struct request {
    struct upstream_request upstream;
    struct slice base;  /* URL of the backend, without a slash at the end */
    struct slice host;  /* for texts that people and models read: no path, no secrets */
    struct text url;    /* its bytes hold a secret when a credential goes into the query */
    struct text cookie; /* the header; likewise */
};

/* NULL when `out` is filled, else the text for the model. */
const char *request_build(const struct request_source *source, struct request *out);

/* Wipes the copies of secrets; the request cannot be sent any more. */
void request_wipe(struct request *request);

#endif

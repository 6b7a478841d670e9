/*
 * Whether a browser page, or a host name that a page made point here (DNS rebinding), may call
 * this server (MCP 2026-07-28, "Security & Endpoint").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_ORIGIN_H
#define PROTOCOL_ORIGIN_H

#include "grammar/http.h"
#include "runtime/memory/pool.h"
#include "runtime/options.h"

/* NULL: it may. Else a fixed text. *origin is the page's origin, empty for no browser. */
const char *origin_fault(const struct options *options, const struct http_request *http,
                         struct slice *origin);

/* Headers that let the page read the answer (CORS); nothing for an empty origin. */
void origin_add_headers(struct slice origin, struct text *out);
/* ... and those that answer its preflight. A DELETE is let through to get its 405. */
void origin_add_preflight(const struct http_request *http, struct text *out);

#endif

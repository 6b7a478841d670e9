/*
 * Which part of the server an HTTP request is for. protocol_handle (exchange.h) starts here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_ROUTE_H
#define PROTOCOL_ROUTE_H

#include "runtime/memory/slice.h"

/* Whether the value of an Accept header allows a media type (RFC 9110, section 12.5.1): `type`, or
 * everything of its kind, `all`. */
bool route_accepts(struct slice accept, const char *type, const char *all);
bool route_accepts_json(struct slice accept);
bool route_accepts_gzip(struct slice accept_encoding); /* by name; "*" is not enough */

/* Whether the value of a Content-Type header is application/json, whatever its parameters. */
bool route_is_json(struct slice content_type);

#endif

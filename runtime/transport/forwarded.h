/*
 * Proxies that are believed: what they say about the caller in X-Forwarded-For, -Proto and -Host.
 * From anybody else these headers are text like any other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRANSPORT_FORWARDED_H
#define TRANSPORT_FORWARDED_H

#include <sys/socket.h>

#include "grammar/http.h"

/* "10.0.0.0/8", "::1", "192.0.2.7". */
bool forwarded_is_network(const char *text);

/* Whether the address is in one of the networks (a NULL-terminated list; NULL: none). */
bool forwarded_is_trusted(const char *const *networks, const struct sockaddr *address);

/* Sets the request's forwarded_proto and forwarded_host, and gives the caller's address: the last
 * of the list that is no trusted proxy's. Empty when the proxy says none, or nonsense. */
struct slice forwarded_read(const char *const *networks, struct http_request *request);

#endif

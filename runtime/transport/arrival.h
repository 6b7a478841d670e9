/*
 * Connections behind a proxy for TCP that have not yet said from whom they come (--proxy-protocol).
 * Exactly the header's bytes are taken from the socket, so that TLS or HTTP begins at its first
 * byte. Who is no trusted proxy, or sends something else, is closed with a log line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRANSPORT_ARRIVAL_H
#define TRANSPORT_ARRIVAL_H

#include <sys/socket.h>

struct http;
struct arrival;

/* Takes the socket; hands it to connection_accept when the header is there. */
void arrival_accept(struct http *http, int fd, const struct sockaddr *peer);
void arrival_close_all(struct http *http);

#endif

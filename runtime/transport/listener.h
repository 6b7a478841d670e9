/*
 * The sockets that are listened on: bound here, or handed over by systemd.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRANSPORT_LISTENER_H
#define TRANSPORT_LISTENER_H

#include "runtime/options.h"

/* A socket that is bound to the options' host and this port, or -1 and a logged reason.
 * `is_shared`: others are bound to the same (SO_REUSEPORT), so that the kernel spreads connections
 * over them. */
int listener_bind(const struct options *options, uint16_t port, bool is_shared);

/* The same for an address where nothing is done but metrics told. */
int listener_bind_internal(const char *host, uint16_t port);

/* "HOST:PORT" or "[ADDRESS]:PORT" in its parts. */
enum { LISTENER_HOST_SIZE = 256 };
bool listener_split(const char *text, char host[static LISTENER_HOST_SIZE], uint16_t *port);

/* Whether the options allow to listen on this socket; else a logged reason. */
bool listener_is_allowed(const struct options *options, int fd);

uint16_t listener_port(int fd); /* 0: it has none */

#endif

/*
 * Addresses that requests to names given by others must not reach.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UPSTREAM_PEER_H
#define UPSTREAM_PEER_H

#include <stdbool.h>
#include <sys/socket.h>

/* Whether the address is of the public internet by the registries of special-purpose addresses
 * (RFC 6890): not private, not link-local, not of this machine, no multicast, and no IPv6 form of
 * such an IPv4 address. */
bool peer_is_public(const struct sockaddr *address);

/* 127.0.0.0/8, ::1 */
bool peer_is_loopback(const struct sockaddr *address);

/* The address that a text stands for; false: none. */
bool peer_parse(const char *text, struct sockaddr_storage *out);

#endif

/*
 * Addresses to listen on, and how a peer's address is written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRANSPORT_ADDRESS_H
#define TRANSPORT_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Whether only this machine can reach it: 127.0.0.0/8, ::1, also as ::ffff:127.x.y.z. */
bool address_is_loopback(const struct sockaddr *address);

/* Finds the first address of a host name or address text. False: *reason is a fixed text. */
bool address_resolve(const char *host, uint16_t port, struct sockaddr_storage *out, socklen_t *size,
                     const char **reason);

uint16_t address_port(const struct sockaddr *address);

enum { ADDRESS_TEXT_SIZE = 64 };

/* "127.0.0.1:8000", "[::1]:8000"; always NUL-terminated. */
const char *address_text(const struct sockaddr *address, char out[static ADDRESS_TEXT_SIZE]);

#endif

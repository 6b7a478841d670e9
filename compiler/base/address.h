/*
 * What kind of network an address belongs to (the special-purpose registries of RFC 6890): whether
 * a text from elsewhere may send the compiler there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <sys/socket.h>

enum address_kind {
    ADDRESS_PUBLIC,
    ADDRESS_LOOPBACK,
    ADDRESS_PRIVATE,    /* a site's own: RFC 1918, RFC 4193, RFC 6598 */
    ADDRESS_LINK_LOCAL, /* and the addresses of clouds' metadata services */
    ADDRESS_SPECIAL,    /* multicast, reserved, no internet address */
};

/* An IPv6 address that carries an IPv4 one is of that one's kind. */
enum address_kind address_kind(const struct sockaddr *address);

/* Of an address as text: "127.0.0.1", "fe80::1". */
enum address_kind address_kind_of_text(const char *text);

const char *address_kind_name(enum address_kind kind); /* "a loopback address" */

#endif

/*
 * The header of the PROXY protocol, versions 1 and 2, that a proxy for TCP puts before everything
 * else on a connection: from whom it has that connection. Strict; whoever says nonsense is not the
 * proxy that was expected. Knows nothing of whom to believe.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef GRAMMAR_PROXY_H
#define GRAMMAR_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { PROXY_HEADER_MAX = 2048 /* bytes; addresses and what proxies add today need a tenth */ };

enum proxy_scanned {
    PROXY_WHOLE,
    PROXY_MORE, /* what is there may begin a header, and all of it would be part of that */
    PROXY_BAD,
};

struct proxy_header {
    size_t size;                    /* bytes, with everything that belongs to it */
    bool is_local;                  /* the proxy itself opened the connection: version 2's LOCAL */
    bool has_source;                /* false too for families that have no address here */
    struct sockaddr_storage source; /* of IPv4 or IPv6 */
};

/* Looks at the first bytes of a connection. `out` is set when the header is whole. */
enum proxy_scanned proxy_scan(const unsigned char *bytes, size_t size, struct proxy_header *out);

#endif

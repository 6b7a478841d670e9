/*
 * The end of a browser's way on this machine (RFC 8252, section 7.3): a listener on loopback for
 * one answer of an authorization server. Blocks; only for `login`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_LOOPBACK_H
#define OAUTH2_LOOPBACK_H

#include <stdint.h>

#include "runtime/memory/secret_text.h"

struct loopback {
    int listener;
    uint16_t port;
};

/* `port` 0: any free one. False with errno. */
bool loopback_open(uint16_t port, struct loopback *out);
void loopback_close(struct loopback *loopback);

/* Waits for the query of a request for /callback, or for the fragment that a page there hands over
 * when `is_fragment`. What else is asked for gets 404. False after `timeout_s`. */
bool loopback_wait(const struct loopback *loopback, bool is_fragment, unsigned timeout_s,
                   struct secret_text *out);

#endif

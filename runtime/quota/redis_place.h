/*
 * Where a Redis is: "HOST:PORT", "redis://[USER@]HOST:PORT", or the same with rediss for TLS.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef QUOTA_REDIS_PLACE_H
#define QUOTA_REDIS_PLACE_H

#include <stdbool.h>
#include <stdint.h>

enum { REDIS_HOST_SIZE = 256, REDIS_USER_SIZE = 128 };

struct redis_place {
    bool is_secure;
    char user[REDIS_USER_SIZE]; /* empty: the default one */
    char host[REDIS_HOST_SIZE]; /* without brackets */
    uint16_t port;
};

/* NULL, or what is wrong with the text. A password in it is refused: every process could read it.
 */
const char *redis_place_read(const char *text, struct redis_place *out);

#endif

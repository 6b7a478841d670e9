/*
 * Sealed texts: bytes that only this server can read and make, as base64url. For what a client
 * carries for us, so that nothing is stored.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_SEAL_H
#define PROTOCOL_SEAL_H

#include <stdint.h>

#include "runtime/memory/slice.h"

enum {
    SEAL_KEY = 64, /* random bytes: half to encrypt, half to make nonces */
    SEAL_NONCE = 12,
    SEAL_TAG = 16,
    SEAL_PLAIN_MAX = 64,
    /* without padding, and a NUL */
    SEAL_TEXT_MAX = (SEAL_NONCE + SEAL_PLAIN_MAX + SEAL_TAG + 2) / 3 * 4 + 1,
};

/* Seals `size` bytes, at most SEAL_PLAIN_MAX, for one purpose ("cursor"): a text of one purpose
 * does not open for another. The same bytes give the same text. False when OpenSSL is out of
 * memory. `out` is NUL-terminated. */
bool seal_text(const uint8_t key[static SEAL_KEY], const char *purpose, const void *plain,
               size_t size, char out[static SEAL_TEXT_MAX]);

/* The bytes of a sealed text, exactly `size` of them. False for any other text. */
bool seal_open(const uint8_t key[static SEAL_KEY], const char *purpose, struct slice text,
               void *plain, size_t size);

#endif

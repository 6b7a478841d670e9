/*
 * Base64 with the standard alphabet and padding (RFC 4648, section 4).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MEMORY_BASE64_H
#define MEMORY_BASE64_H

#include "runtime/memory/pool.h"

void base64_encode(struct text *out, struct slice bytes);

/* Strict: padded, no white space, no stray bits. False: the text is not so, and `out` may hold a
 * part of it. */
bool base64_decode(struct text *out, struct slice base64);

#endif

/*
 * Base64url without padding (RFC 7515, section 2; RFC 4648, section 5), read strictly: each byte
 * sequence has exactly one text, so that a token cannot be written in a second way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_BASE64URL_H
#define IDENTITY_BASE64URL_H

#include "runtime/memory/slice.h"

/* Bytes that decoding a text of this length may write. */
#define BASE64URL_ROOM(text_len) ((text_len) / 4 * 3 + 3)

/* Decodes to `out`, which has BASE64URL_ROOM bytes. False for anything but the canonical form:
 * padding, white space, other alphabets, bits set beyond the last byte. */
bool base64url_decode(struct slice text, unsigned char *out, size_t *size);

#endif

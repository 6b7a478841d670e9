/*
 * How bytes are written in the places of a request: percent-encoding (RFC 3986), form encoding
 * (WHATWG URL), header values (RFC 9110) and Base64 (RFC 4648). Knows no tables and no JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UPSTREAM_ENCODE_H
#define UPSTREAM_ENCODE_H

#include "runtime/memory/pool.h"

enum encode_set {
    ENCODE_URI,      /* everything but RFC 3986 unreserved becomes %XX: path segments, queries */
    ENCODE_RESERVED, /* reserved characters and %XX stay, save those that would end the value */
    ENCODE_FORM,     /* application/x-www-form-urlencoded: a space becomes '+' */
    ENCODE_NONE,     /* header values: as they are */
};

void encode_add(struct text *out, struct slice bytes, enum encode_set set);

/* The byte that %XX at offset `i` stands for, or -1 when no such triple is there. */
int encode_triple_at(struct slice bytes, size_t i);

/* ENCODE_URI into memory of the caller, for secrets that must not enter a pool: at most 3 bytes for
 * each one. Gives the count. */
size_t encode_uri_into(char *out, struct slice bytes);

/* The literal part of a path template: what a path cannot hold is encoded, '/' and %XX stay. */
void encode_add_path_literal(struct text *out, struct slice bytes);

/* Whether a path, decoded as often as anybody might decode it, has no segment `.` or `..` and no
 * NUL. '\' counts as '/', and a segment ends at ';' too, as some servers see it. */
bool encode_path_is_safe(struct slice path, struct pool *pool);

/* Whether this may be a header value: no control characters save the tab (RFC 9110, 5.5). */
bool encode_is_header_value(struct slice value);

/* Whether this may be a header or cookie name (RFC 9110, 5.6.2 token). */
bool encode_is_token(struct slice name);

#endif

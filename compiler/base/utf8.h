/*
 * Characters of UTF-8 texts, and those that a reader cannot see or that change what is seen.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "compiler/base/str.h"

/* Decodes one character (RFC 3629) and gives its size, or 0 when it is ill-formed. */
size_t utf8_decode(struct str text, size_t at, uint32_t *point);

/* A byte of a character that is not its first. */
static inline bool utf8_is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

bool utf8_is_control(uint32_t point);   /* C0, DEL, C1, line and paragraph separators */
bool utf8_is_direction(uint32_t point); /* changes how a line looks (CVE-2021-42574) */

#endif

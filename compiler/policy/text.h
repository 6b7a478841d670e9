/*
 * Characters of policy texts: which may stand as they are, which must be escaped, and how strings
 * are quoted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

#include "compiler/base/str.h"

/* Decodes one UTF-8 character (RFC 3629) and gives its size, or 0 when it is ill-formed. */
size_t text_decode(struct str text, size_t at, uint32_t *point);

bool text_is_control(uint32_t point);   /* C0, DEL, C1, line and paragraph separators */
bool text_is_direction(uint32_t point); /* changes how a line looks (CVE-2021-42574) */

/* Whether the text holds no control characters and is well-formed. */
bool text_is_printable(struct str text);

/* In quotes; what may not stand as it is becomes an escape. */
void text_quote(struct str text, struct str_builder *out);

/* Whether the scanner reads it as one word, or as one path. */
bool text_is_word(struct str text);
bool text_is_path(struct str text);

/* Characters that it takes on a screen, roughly: its code points. */
size_t text_width(struct str text);

#endif

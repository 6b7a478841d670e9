/*
 * Characters of policy texts: which may stand as they are, which must be escaped, and how strings
 * are quoted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

#include "compiler/base/utf8.h"

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

/*
 * Patterns for names and paths, as in `path:/pets/ **` (without the space). Time is linear in the
 * text for each character of the pattern: no pattern is slow.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include "compiler/base/str.h"

enum { GLOB_PATTERN_MAX = 1000 };

/* `*` is any characters, `?` any one character; every other character is itself. In paths `*` and
 * `?` do not go over a '/', `**` does, and a slash followed by `**` at the end also matches
 * nothing, so that "/pets" itself belongs to what is below it. A pattern over GLOB_PATTERN_MAX
 * bytes matches nothing. */
bool glob_matches(struct str pattern, struct str text, bool is_path);

#endif

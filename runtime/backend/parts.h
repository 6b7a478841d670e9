/*
 * An answer of several parts (multipart, RFC 2046 section 5.1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_PARTS_H
#define BACKEND_PARTS_H

#include "runtime/backend/content.h"

enum { PARTS_MAX = 64 };

/* Fills `out`; how many parts there are. 0: the bytes are no such answer, or have too many. All of
 * it borrows from the arguments. */
size_t parts_read(struct slice content_type, struct slice body,
                  struct content out[static PARTS_MAX]);

#endif

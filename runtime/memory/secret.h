/*
 * Memory that holds a secret: wiped before it is freed, compared in constant time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MEMORY_SECRET_H
#define MEMORY_SECRET_H

#include "runtime/memory/slice.h"

/* Overwrites the bytes in a way that the compiler does not remove. */
void secret_wipe(void *bytes, size_t size);

/* A copy on the heap, NUL-terminated; secret_free gives it back. NULL when out of memory. */
char *secret_copy(struct slice secret);
void secret_free(char *secret, size_t size); /* wipes `size` bytes and the NUL; NULL is fine */

/* Takes the same time wherever the difference is; the length is no secret. */
bool secret_equal(struct slice a, struct slice b);

#endif

/*
 * Memory that is freed as a whole. A stage allocates from one arena and never frees single pieces.
 * Running out of memory prints one line and exits with status 3 here, so no caller checks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks;
    size_t used, size; /* of the newest block, bytes */
};

/* An arena starts as {0}. */
void arena_free(struct arena *arena);

/* Zeroed and aligned for any type; never NULL. Lives until arena_free. */
void *arena_alloc(struct arena *arena, size_t size);

/* The same for `count` things of `size` bytes; a product that overflows counts as out of memory. */
void *arena_array(struct arena *arena, size_t count, size_t size);

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

/* Prints "mcpc: out of memory" and exits with status 3. */
_Noreturn void arena_exhausted(void);

#endif

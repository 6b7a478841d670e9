/*
 * A chain of blocks, each at least twice the size of the one before it up to 4 MiB; large requests
 * get a block of their own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct arena_block {
    struct arena_block *previous;
    max_align_t bytes[];
};

enum { FIRST_BLOCK = 16 * 1024, LARGEST_BLOCK = 4 * 1024 * 1024 };

_Noreturn void arena_exhausted(void)
{
    fputs("mcpc: out of memory\n", stderr);
    exit(3);
}

static void add_block(struct arena *arena, size_t at_least)
{
    size_t size = arena->size == 0 ? FIRST_BLOCK : arena->size * 2;
    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    if (size < at_least)
        size = at_least;
    /* calloc, so that big blocks come from the kernel already zeroed */
    struct arena_block *block = calloc(1, sizeof *block + size);
    if (!block)
        arena_exhausted();
    block->previous = arena->blocks;
    arena->blocks = block;
    arena->size = size;
    arena->used = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = sizeof(max_align_t);
    if (size > SIZE_MAX / 2)
        arena_exhausted();
    /* nothing still gets an address of its own */
    size = size ? (size + align - 1) / align * align : align;
    if (size > arena->size - arena->used)
        add_block(arena, size);
    void *at = (char *)arena->blocks->bytes + arena->used;
    arena->used += size;
    return at;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        arena_exhausted();
    return arena_alloc(arena, count * size);
}

void arena_free(struct arena *arena)
{
    for (struct arena_block *block = arena->blocks; block;) {
        struct arena_block *previous = block->previous;
        free(block);
        block = previous;
    }
    *arena = (struct arena){0};
}

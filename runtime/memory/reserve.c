/*
 * The reserve: blocks of one size, which take no memory before they are used.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/memory/reserve.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 1024, BLOCK_COUNT = 1024 };

static alignas(max_align_t) char blocks[BLOCK_COUNT][BLOCK_SIZE];
static atomic_bool is_taken[BLOCK_COUNT];

static bool is_ours(const void *piece)
{
    uintptr_t at = (uintptr_t)piece, first = (uintptr_t)blocks;
    return at >= first && at < first + sizeof blocks;
}

static void *take_block(size_t size)
{
    for (size_t i = 0; size <= BLOCK_SIZE && i < BLOCK_COUNT; i++)
        if (!atomic_load_explicit(&is_taken[i], memory_order_relaxed) &&
            !atomic_exchange(&is_taken[i], true))
            return blocks[i];
    return NULL;
}

void *reserve_malloc(size_t size)
{
    void *piece = malloc(size ? size : 1);
    /* cppcheck-suppress memleak ; it is what is given */
    return piece ? piece : take_block(size);
}

void *reserve_calloc(size_t count, size_t size)
{
    void *piece = calloc(count, size ? size : 1);
    if (piece || (count && size > BLOCK_SIZE / count))
        return piece;
    piece = take_block(count * size);
    return piece ? memset(piece, 0, count * size) : NULL;
}

void *reserve_realloc(void *old, size_t size)
{
    if (!old)
        return reserve_malloc(size);
    if (is_ours(old)) {
        if (size <= BLOCK_SIZE)
            return old;
        void *moved = malloc(size);
        if (moved) {
            memcpy(moved, old, BLOCK_SIZE);
            reserve_free(old);
        }
        return moved;
    }
    /* one that is there may not move into the reserve: nobody knows how large it is */
    return realloc(old, size ? size : 1);
}

char *reserve_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = reserve_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

void reserve_free(void *piece)
{
    if (!is_ours(piece)) {
        free(piece);
        return;
    }
    size_t index = ((uintptr_t)piece - (uintptr_t)blocks) / BLOCK_SIZE;
    explicit_bzero(blocks[index], BLOCK_SIZE);
    atomic_store(&is_taken[index], false);
}

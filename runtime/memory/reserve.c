/*
 * The reserve: blocks of one size, which take no memory before they are used. Around it, the
 * system's memory, wiped when it is given back: the libraries' buffers hold requests and answers
 * with secrets in them, and we cannot reach those.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/memory/reserve.h"

#include <malloc.h>
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

/* By hand: realloc would leave the old copy behind, unwiped. */
void *reserve_realloc(void *old, size_t size)
{
    if (!old)
        return reserve_malloc(size);
    size_t room = is_ours(old) ? BLOCK_SIZE : malloc_usable_size(old);
    if (size <= room && size >= room / 2)
        return old;
    void *moved = reserve_malloc(size);
    if (!moved)
        return NULL;
    memcpy(moved, old, size < room ? size : room);
    reserve_free(old);
    return moved;
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
        if (piece)
            explicit_bzero(piece, malloc_usable_size(piece));
        free(piece);
        return;
    }
    size_t index = ((uintptr_t)piece - (uintptr_t)blocks) / BLOCK_SIZE;
    explicit_bzero(blocks[index], BLOCK_SIZE);
    atomic_store(&is_taken[index], false);
}

/*
 * Pools are lists of blocks. Small pieces share a block; a large one has its own, so that a growing
 * text can be grown in place by the allocator instead of leaving its copies behind.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/memory/pool.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/memory/budget.h"

enum {
    FIRST_BLOCK =
        8 * 1024, /* with the heads and answers of ordinary requests nothing more is needed */
    LARGE_PIECE = 4 * 1024, /* from here on a piece has its own block */
    TEXT_START = 256,
};

struct block {
    struct block *next, *previous;
    size_t size, used; /* of data */
    alignas(max_align_t) char data[];
};

struct pool {
    struct budget *budget;
    size_t limit, total;  /* bytes of data in all blocks */
    struct block *blocks; /* the newest shared block is the head; the last is the first one */
    struct block *large;
};

static struct block *open_block(struct pool *pool, size_t size)
{
    if (size > pool->limit - pool->total || size > SIZE_MAX - sizeof(struct block))
        return NULL;
    if (!budget_take(pool->budget, size))
        return NULL;
    struct block *block = malloc(sizeof *block + size);
    if (!block) {
        budget_give(pool->budget, size);
        return NULL;
    }
    *block = (struct block){.size = size};
    pool->total += size;
    return block;
}

static void push_block(struct block **list, struct block *block)
{
    block->next = *list;
    block->previous = NULL;
    if (*list)
        (*list)->previous = block;
    *list = block;
}

struct pool *pool_open_within(size_t limit, struct budget *budget)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->limit = limit;
    pool->budget = budget;
    return pool;
}

struct pool *pool_open(size_t limit)
{
    return pool_open_within(limit, NULL);
}

static void free_blocks(struct pool *pool, struct block *list, const struct block *keep)
{
    while (list && list != keep) {
        struct block *next = list->next;
        pool->total -= list->size;
        budget_give(pool->budget, list->size);
        free(list);
        list = next;
    }
}

void pool_close(struct pool *pool)
{
    if (!pool)
        return;
    free_blocks(pool, pool->large, NULL);
    free_blocks(pool, pool->blocks, NULL);
    free(pool);
}

void pool_reset(struct pool *pool)
{
    free_blocks(pool, pool->large, NULL);
    pool->large = NULL;
    struct block *first = pool->blocks;
    while (first && first->next)
        first = first->next;
    free_blocks(pool, pool->blocks, first);
    pool->blocks = first;
    if (first) {
        first->used = 0;
        first->previous = NULL;
    }
}

static void *alloc_large(struct pool *pool, size_t size)
{
    struct block *block = open_block(pool, size);
    if (!block)
        return NULL;
    block->used = size;
    push_block(&pool->large, block);
    return block->data;
}

void *pool_alloc(struct pool *pool, size_t size)
{
    if (size >= LARGE_PIECE)
        return alloc_large(pool, size);
    size = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    struct block *block = pool->blocks;
    if (!block || block->size - block->used < size) {
        size_t left = pool->limit - pool->total;
        block = open_block(pool, left < FIRST_BLOCK && left >= size ? left : FIRST_BLOCK);
        if (!block)
            return NULL;
        push_block(&pool->blocks, block);
    }
    void *piece = block->data + block->used;
    block->used += size;
    return piece;
}

void *pool_zero(struct pool *pool, size_t size)
{
    void *piece = pool_alloc(pool, size);
    return piece ? memset(piece, 0, size) : NULL;
}

char *pool_text(struct pool *pool, struct slice text)
{
    char *copy = text.len < SIZE_MAX ? pool_alloc(pool, text.len + 1) : NULL;
    if (!copy)
        return NULL;
    if (text.len)
        memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    return copy;
}

/* A large piece grows where it is, or moves as a whole. */
static char *grow_large(struct pool *pool, char *piece, size_t size)
{
    struct block *block = (struct block *)(void *)(piece - offsetof(struct block, data));
    size_t more = size - block->size;
    if (more > pool->limit - pool->total)
        return NULL;
    if (!budget_take(pool->budget, more))
        return NULL;
    struct block *moved = realloc(block, sizeof *block + size);
    if (!moved) {
        budget_give(pool->budget, more);
        return NULL;
    }
    pool->total += more;
    moved->size = moved->used = size;
    if (moved->previous)
        moved->previous->next = moved;
    else
        pool->large = moved;
    if (moved->next)
        moved->next->previous = moved;
    return moved->data;
}

static char *grow_piece(struct text *out, size_t size)
{
    if (out->capacity >= LARGE_PIECE)
        return grow_large(out->pool, out->at, size);
    char *piece = pool_alloc(out->pool, size);
    if (piece && out->len)
        memcpy(piece, out->at, out->len);
    return piece;
}

/* Room for `more` bytes, or false and `failed`. Doubles; near the pool's limit takes what is
 * needed. */
static bool make_room(struct text *out, size_t more)
{
    if (out->failed)
        return false;
    if (more <= out->capacity - out->len)
        return true;
    size_t needed = out->len + more;
    size_t wanted = out->capacity ? out->capacity : TEXT_START;
    while (wanted < needed && wanted <= SIZE_MAX / 2)
        wanted *= 2;
    char *grown = needed < more ? NULL : grow_piece(out, wanted < needed ? needed : wanted);
    if (!grown && needed >= more && wanted > needed)
        grown = grow_piece(out, wanted = needed);
    if (!grown) {
        out->failed = true;
        return false;
    }
    out->at = grown;
    out->capacity = wanted < needed ? needed : wanted;
    return true;
}

void text_add(struct text *out, struct slice text)
{
    if (text.len == 0 || !make_room(out, text.len))
        return;
    memcpy(out->at + out->len, text.at, text.len);
    out->len += text.len;
}

void text_add_literal(struct text *out, const char *text)
{
    text_add(out, slice_of(text));
}

void text_add_byte(struct text *out, char byte)
{
    if (make_room(out, 1))
        out->at[out->len++] = byte;
}

void text_add_number(struct text *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    text_add(out, (struct slice){digits + at, sizeof digits - at});
}

void text_add_format(struct text *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    if (size < 0)
        out->failed = true;
    else if (make_room(out, (size_t)size + 1)) {
        vsnprintf(out->at + out->len, (size_t)size + 1, format, again);
        out->len += (size_t)size;
    }
    va_end(again);
    va_end(arguments);
}

/* The length of the well-formed UTF-8 sequence at the start (RFC 3629, section 4), or 0. */
static size_t utf8_length(const unsigned char *at, size_t left)
{
    if (at[0] < 0x80)
        return 1;
    size_t length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc2 || at[0] > 0xf4 || left < length)
        return 0;
    /* the second byte rules out overlong forms, surrogates and what is beyond U+10FFFF */
    unsigned char low = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (at[i] < 0x80 || at[i] > 0xbf)
            return 0;
    return length;
}

static void add_escape(struct text *out, unsigned char byte)
{
    static const char names[] = "btn\0fr", digits[] = "0123456789abcdef";
    text_add_byte(out, '\\');
    if (byte >= '\b' && byte <= '\r' && byte != '\v')
        text_add_byte(out, names[byte - '\b']);
    else if (byte == '"' || byte == '\\')
        text_add_byte(out, (char)byte);
    else
        text_add(out,
                 (struct slice){(char[]){'u', '0', '0', digits[byte >> 4], digits[byte & 15]}, 5});
}

void text_add_json(struct text *out, struct slice characters)
{
    const unsigned char *at = (const unsigned char *)characters.at;
    size_t plain = 0, end = characters.len; /* bytes from `plain` on go out as they are */
    text_add_byte(out, '"');
    for (size_t i = 0; i < end;) {
        size_t length = utf8_length(at + i, end - i);
        if (length && at[i] >= 0x20 && at[i] != '"' && at[i] != '\\' && at[i] != 0x7f) {
            i += length;
            continue;
        }
        text_add(out, (struct slice){characters.at + plain, i - plain});
        if (length)
            add_escape(out, at[i]);
        else
            text_add_literal(out, "\xef\xbf\xbd");
        plain = ++i;
    }
    if (end > plain)
        text_add(out, (struct slice){characters.at + plain, end - plain});
    text_add_byte(out, '"');
}

struct slice text_slice(const struct text *out)
{
    return (struct slice){out->at, out->len};
}

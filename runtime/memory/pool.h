/*
 * Memory of one request: allocated piece by piece, freed as a whole when the answer is out.
 * Running out of memory or over the pool's limit gives NULL; callers answer politely.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MEMORY_POOL_H
#define MEMORY_POOL_H

#include <stdarg.h>
#include <stdint.h>

#include "runtime/memory/slice.h"

struct budget;
struct pool;

/* A pool that refuses to grow past `limit` bytes. NULL when out of memory. */
struct pool *pool_open(size_t limit);
/* The same, and all its memory is taken from `budget` (which stays; NULL: from none). */
struct pool *pool_open_within(size_t limit, struct budget *budget);
void pool_close(struct pool *pool);
void pool_reset(struct pool *pool); /* frees all pieces, keeps the first block for the next */

void *pool_alloc(struct pool *pool, size_t size); /* aligned for any type, not zeroed */
void *pool_zero(struct pool *pool, size_t size);
char *pool_text(struct pool *pool, struct slice text); /* copied, NUL-terminated */

/* A growing text. When memory runs out `failed` is set and further additions are ignored: check it
 * once, at the end. Starts as {.pool = pool}. */
struct text {
    struct pool *pool;
    char *at;
    size_t len, capacity;
    bool failed;
};

void text_add(struct text *out, struct slice text);
void text_add_literal(struct text *out, const char *text);
void text_add_byte(struct text *out, char byte);
void text_add_number(struct text *out, uint64_t number);
void text_add_format(struct text *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The characters as a JSON string with its quotes. Ill-formed UTF-8 becomes U+FFFD. */
void text_add_json(struct text *out, struct slice characters);
struct slice text_slice(const struct text *out);

#endif

/*
 * A borrowed piece of text: bytes and a length, not NUL-terminated.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MEMORY_SLICE_H
#define MEMORY_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
    const char *at; /* may be NULL when len is 0 */
    size_t len;     /* bytes */
};

#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})
#define SLICE_ARG(slice) (int)(slice).len, (slice).len ? (slice).at : ""

static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool slice_is(struct slice a, const char *text)
{
    return slice_equal(a, slice_of(text));
}

#endif

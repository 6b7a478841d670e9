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
#include <strings.h>

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

/* For names of headers, parameters and media types: letters of ASCII in either case are one. */
static inline bool slice_is_ignoring_case(struct slice a, const char *text)
{
    return a.len == strlen(text) && (a.len == 0 || strncasecmp(a.at, text, a.len) == 0);
}

/* Cuts up to `separator` off *rest, which becomes empty when there is none. */
static inline struct slice slice_cut(struct slice *rest, char separator)
{
    const char *found = rest->len ? (const char *)memchr(rest->at, separator, rest->len) : NULL;
    struct slice cut = {rest->at, found ? (size_t)(found - rest->at) : rest->len};
    size_t used = cut.len + (found ? 1 : 0);
    *rest = (struct slice){used ? rest->at + used : rest->at, rest->len - used};
    return cut;
}

/* Without the spaces and tabs around it (RFC 9110, section 5.6.3). */
static inline struct slice slice_trimmed(struct slice text)
{
    while (text.len && (text.at[0] == ' ' || text.at[0] == '\t'))
        text = (struct slice){text.at + 1, text.len - 1};
    while (text.len && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

#endif

/*
 * A slice of text: bytes and a length, borrowed, not NUL-terminated; and a builder that makes one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"

struct str {
    const char *at; /* may be NULL when len is 0 */
    size_t len;     /* bytes */
};

/* A slice of a string literal; the second form is for static initialisers. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_INIT(literal) {"" literal, sizeof(literal) - 1}

/* For printf: printf("%.*s", STR_ARG(name)). */
#define STR_ARG(str) (int)(str).len, (str).len ? (str).at : ""

struct str str_of(const char *text);                        /* of a NUL-terminated string */
struct str str_copy(struct arena *arena, struct str text);  /* copied, and NUL-terminated */
const char *str_text(struct arena *arena, struct str text); /* copied to a C string */
bool str_equal(struct str a, struct str b);
bool str_is(struct str a, const char *text);
int str_compare(struct str a, struct str b); /* by bytes: < 0, 0, > 0 */
bool str_starts(struct str text, const char *prefix);
bool str_ends(struct str text, const char *suffix);
size_t str_find(struct str text, char byte); /* its offset, or text.len */
struct str str_from(struct str text, size_t start);
struct str str_part(struct str text, size_t start, size_t end);
struct str str_trimmed(struct str text, const char *set); /* without these at both ends */
uint64_t str_hash(struct str text);

/* Edit distance (insert, delete, replace, swap of neighbours), for "there is a … with a similar
 * name": the candidate at distance <= 2 and <= a third of the length, or an empty slice. */
struct str str_nearest(struct str wanted, const struct str *candidates, size_t count);

struct str str_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct str str_vformat(struct arena *arena, const char *format, va_list arguments);

/* Grows at the end; starts as {.arena = arena}. The text is always NUL-terminated past its end. */
struct str_builder {
    struct arena *arena;
    char *at;
    size_t len, capacity;
};

void str_add(struct str_builder *out, struct str text);
void str_add_text(struct str_builder *out, const char *text);
void str_add_byte(struct str_builder *out, char byte);
void str_add_format(struct str_builder *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct str str_built(const struct str_builder *out);

#endif

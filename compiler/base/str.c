/*
 * Slices and the string builder.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/str.h"

#include <stdio.h>
#include <string.h>

struct str str_of(const char *text)
{
    return (struct str){text, strlen(text)};
}

struct str str_copy(struct arena *arena, struct str text)
{
    return (struct str){str_text(arena, text), text.len};
}

const char *str_text(struct arena *arena, struct str text)
{
    char *copy = arena_alloc(arena, text.len + 1);
    if (text.len)
        memcpy(copy, text.at, text.len);
    return copy;
}

bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool str_is(struct str a, const char *text)
{
    return str_equal(a, str_of(text));
}

int str_compare(struct str a, struct str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.at, b.at, len) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len >= len && memcmp(text.at, prefix, len) == 0;
}

bool str_ends(struct str text, const char *suffix)
{
    size_t len = strlen(suffix);
    return text.len >= len && memcmp(text.at + text.len - len, suffix, len) == 0;
}

size_t str_find(struct str text, char byte)
{
    const char *found = text.len ? memchr(text.at, byte, text.len) : NULL;
    return found ? (size_t)(found - text.at) : text.len;
}

struct str str_from(struct str text, size_t start)
{
    return str_part(text, start, text.len);
}

struct str str_part(struct str text, size_t start, size_t end)
{
    if (end > text.len)
        end = text.len;
    if (start > end)
        start = end;
    return (struct str){text.at ? text.at + start : NULL, end - start};
}

static bool is_one_of(char byte, const char *set)
{
    return byte && strchr(set, byte);
}

struct str str_trimmed(struct str text, const char *set)
{
    while (text.len && is_one_of(text.at[0], set))
        text = str_from(text, 1);
    while (text.len && is_one_of(text.at[text.len - 1], set))
        text.len--;
    return text;
}

uint64_t str_hash(struct str text)
{
    /* FNV-1a with a final mix: names are short, and no attacker gains from a slow compile */
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < text.len; i++) {
        hash ^= (unsigned char)text.at[i];
        hash *= UINT64_C(0x100000001b3);
    }
    hash ^= hash >> 32;
    return hash * UINT64_C(0x9e3779b97f4a7c15);
}

enum { NEAREST_MAX = 64 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance of two texts of at most NEAREST_MAX bytes. */
static size_t edit_distance(struct str a, struct str b)
{
    size_t rows[3][NEAREST_MAX + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t cost = above[j - 1] + (a.at[i - 1] != b.at[j - 1]);
            cost = smaller(cost, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
                cost = smaller(cost, two_above[j - 2] + 1);
            row[j] = cost;
        }
    }
    return rows[a.len % 3][b.len];
}

struct str str_nearest(struct str wanted, const struct str *candidates, size_t count)
{
    struct str best = {0};
    size_t best_distance = smaller(2, wanted.len / 3) + 1;
    if (wanted.len > NEAREST_MAX)
        return best;
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].len == 0 || candidates[i].len > NEAREST_MAX)
            continue;
        size_t distance = edit_distance(wanted, candidates[i]);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidates[i];
        }
    }
    return best;
}

struct str str_vformat(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    if (len < 0)
        arena_exhausted();
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return (struct str){text, (size_t)len};
}

struct str str_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str text = str_vformat(arena, format, arguments);
    va_end(arguments);
    return text;
}

static void reserve(struct str_builder *out, size_t more)
{
    if (more < out->capacity - out->len)
        return;
    size_t capacity = out->capacity ? out->capacity * 2 : 64;
    while (capacity - out->len <= more)
        capacity *= 2;
    char *at = arena_alloc(out->arena, capacity);
    if (out->len)
        memcpy(at, out->at, out->len);
    out->at = at;
    out->capacity = capacity;
}

void str_add(struct str_builder *out, struct str text)
{
    reserve(out, text.len);
    if (text.len)
        memcpy(out->at + out->len, text.at, text.len);
    out->len += text.len;
    out->at[out->len] = '\0';
}

void str_add_text(struct str_builder *out, const char *text)
{
    str_add(out, str_of(text));
}

void str_add_byte(struct str_builder *out, char byte)
{
    reserve(out, 1);
    out->at[out->len++] = byte;
    out->at[out->len] = '\0';
}

void str_add_format(struct str_builder *out, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len < 0)
        arena_exhausted();
    reserve(out, (size_t)len);
    vsnprintf(out->at + out->len, (size_t)len + 1, format, again);
    va_end(again);
    out->len += (size_t)len;
}

struct str str_built(const struct str_builder *out)
{
    return (struct str){out->at, out->len};
}

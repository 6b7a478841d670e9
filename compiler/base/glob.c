/*
 * Matching patterns: the set of places in the pattern that the text so far may have led to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/glob.h"

#include "compiler/base/utf8.h"

struct places {
    bool at[GLOB_PATTERN_MAX + 1];
};

static bool is_star(struct str pattern, size_t at)
{
    return at < pattern.len && pattern.at[at] == '*';
}

/* Adds what is reached without a character: past stars, and past a slash and two stars at the end.
 */
static void close_places(struct str pattern, struct places *places, bool is_path)
{
    for (size_t i = 0; i < pattern.len; i++)
        if (places->at[i] && is_star(pattern, i))
            places->at[i + 1] = true;
    size_t tail = pattern.len >= 3 ? pattern.len - 3 : pattern.len;
    if (is_path && tail < pattern.len && places->at[tail] && pattern.at[tail] == '/' &&
        is_star(pattern, tail + 1) && is_star(pattern, tail + 2))
        places->at[pattern.len] = true;
}

/* Whether the star there is one of two that stand together. */
static bool is_double(struct str pattern, size_t at)
{
    return is_star(pattern, at + 1) || (at > 0 && is_star(pattern, at - 1));
}

/* The places after one more character, of which `byte` is the first byte or a later one. */
static void advance(struct str pattern, const struct places *from, char byte, bool is_path,
                    struct places *to)
{
    bool is_slash = is_path && byte == '/';
    *to = (struct places){0};
    for (size_t i = 0; i < pattern.len; i++) {
        if (!from->at[i])
            continue;
        if (is_star(pattern, i))
            to->at[i] = !is_slash || is_double(pattern, i) || to->at[i];
        else if (pattern.at[i] == byte || (pattern.at[i] == '?' && !is_slash))
            to->at[i + 1] = true;
    }
    /* the rest of a character that a `?` stands for */
    if (utf8_is_continuation(byte))
        for (size_t i = 1; i <= pattern.len; i++)
            to->at[i] = to->at[i] || (from->at[i] && pattern.at[i - 1] == '?');
}

bool glob_matches(struct str pattern, struct str text, bool is_path)
{
    if (pattern.len > GLOB_PATTERN_MAX)
        return false;
    struct places here = {.at = {true}}, next;
    close_places(pattern, &here, is_path);
    for (size_t i = 0; i < text.len; i++) {
        advance(pattern, &here, text.at[i], is_path, &next);
        here = next;
        close_places(pattern, &here, is_path);
    }
    return here.at[pattern.len];
}

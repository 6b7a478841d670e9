/*
 * Compares a path with templates, segment by segment.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/sibling.h"

#include <ctype.h>

#include "runtime/upstream/encode.h"

/* The character at the start of *rest, decoded and in lower case; moves behind it. */
static int next_character(struct slice *rest)
{
    int decoded = encode_triple_at(*rest, 0);
    int character = decoded < 0 ? (unsigned char)rest->at[0] : decoded;
    size_t used = decoded < 0 ? 1 : 3;
    *rest = (struct slice){rest->at + used, rest->len - used};
    return tolower(character);
}

/* Moves *pattern behind a `{name}` that it begins with. */
static bool skip_variable(struct slice *pattern)
{
    const char *end =
        pattern->len && pattern->at[0] == '{' ? memchr(pattern->at, '}', pattern->len) : NULL;
    if (!end)
        return false;
    size_t used = (size_t)(end - pattern->at) + 1;
    *pattern = (struct slice){pattern->at + used, pattern->len - used};
    return true;
}

/* A variable takes any characters. On a mismatch only the newest variable takes one more: enough,
 * because an earlier one could not do better. */
static bool segment_matches(struct slice pattern, struct slice text)
{
    struct slice after_variable = {0}, retry = {0};
    bool has_variable = false;
    for (;;) {
        if (skip_variable(&pattern)) {
            has_variable = true;
            after_variable = pattern;
            retry = text;
            continue;
        }
        if (pattern.len == 0 && text.len == 0)
            return true;
        struct slice pattern_rest = pattern, text_rest = text;
        if (pattern.len && text.len &&
            next_character(&pattern_rest) == next_character(&text_rest)) {
            pattern = pattern_rest;
            text = text_rest;
            continue;
        }
        if (!has_variable || retry.len == 0)
            return false;
        next_character(&retry);
        pattern = after_variable;
        text = retry;
    }
}

static struct slice take_segment(struct slice *path)
{
    *path = (struct slice){path->at + 1, path->len - 1}; /* the slash */
    const char *slash = memchr(path->at, '/', path->len);
    struct slice segment = {path->at, slash ? (size_t)(slash - path->at) : path->len};
    *path = (struct slice){path->at + segment.len, path->len - segment.len};
    return segment;
}

bool sibling_matches(struct slice template, struct slice path)
{
    while (template.len && path.len)
        if (!segment_matches(take_segment(&template), take_segment(&path)))
            return false;
    return template.len == 0 && path.len == 0;
}

const char *sibling_named(const struct mcpp_tool *tool, struct slice path)
{
    for (uint32_t i = 0; i < tool->sibling_count; i++)
        if (sibling_matches(slice_of(tool->siblings[i]), path))
            return tool->siblings[i];
    return NULL;
}

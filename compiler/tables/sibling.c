/*
 * A trie of path segments for each method. A template walks down it: a literal segment takes one
 * way and those of variables, a variable takes every way that it can be. What is reached over a
 * segment that says more than the template's own is a sibling.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/sibling.h"

#include <stdlib.h>

#include "compiler/base/glob.h"
#include "compiler/base/list.h"

struct segment_node {
    struct str segment; /* in lower case, `*` for what is between braces */
    struct map index;   /* segment -> child */
    LIST(struct segment_node *) children;
    LIST(struct segment_node *) patterns; /* those children that have a variable */
    LIST(uint32_t) operations;            /* that end here, indices */
};

struct sibling_index {
    const struct api *api;
    struct arena *arena;
    struct map methods; /* method -> struct segment_node */
};

static bool has_variable(struct str segment)
{
    return str_find(segment, '*') < segment.len;
}

static bool is_variable(struct str segment)
{
    return str_is(segment, "*");
}

static char lower_case(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/* Backends may not tell upper from lower case: what differs only there counts as the same. */
static struct str pattern_of(struct arena *arena, struct str segment)
{
    struct str_builder out = {.arena = arena};
    for (size_t i = 0; i < segment.len; i++) {
        size_t end = i + str_find(str_from(segment, i), '}');
        if (segment.at[i] == '{' && end < segment.len) {
            str_add_byte(&out, '*');
            i = end;
        } else {
            str_add_byte(&out, lower_case(segment.at[i]));
        }
    }
    return str_built(&out);
}

static struct str bare_path(struct str path)
{
    path = str_part(path, 0, str_find(path, '#'));
    return str_part(path, 0, str_find(path, '?'));
}

/* Cuts the segment before the next slash off *rest; false behind the last. */
static bool next_segment(struct arena *arena, struct str *rest, struct str *segment)
{
    if (rest->len == 0)
        return false;
    struct str after = str_from(*rest, 1); /* every path begins with a slash */
    size_t end = str_find(after, '/');
    *segment = pattern_of(arena, str_part(after, 0, end));
    *rest = str_from(after, end);
    return true;
}

static struct segment_node *child_of(struct arena *arena, struct segment_node *node,
                                     struct str segment)
{
    struct segment_node *child = map_get(&node->index, segment);
    if (child)
        return child;
    child = arena_new(arena, struct segment_node);
    child->segment = segment;
    child->index.arena = arena;
    map_add(&node->index, segment, child);
    *list_add(arena, &node->children) = child;
    if (has_variable(segment))
        *list_add(arena, &node->patterns) = child;
    return child;
}

struct sibling_index *sibling_index_build(const struct api *api, struct arena *arena)
{
    struct sibling_index *index = arena_new(arena, struct sibling_index);
    *index = (struct sibling_index){api, arena, {.arena = arena}};
    for (uint32_t i = 0; i < api->operation_count; i++) {
        const struct operation *operation = &api->operations[i];
        struct segment_node *node = map_get(&index->methods, operation->method);
        if (!node) {
            node = arena_new(arena, struct segment_node);
            node->index.arena = arena;
            map_add(&index->methods, operation->method, node);
        }
        struct str rest = bare_path(operation->path), segment;
        while (next_segment(arena, &rest, &segment))
            node = child_of(arena, node, segment);
        *list_add(arena, &node->operations) = i;
    }
    return index;
}

struct walk {
    const struct sibling_index *index;
    LIST(uint32_t) found;
};

static void take(struct walk *walk, const struct segment_node *node)
{
    for (size_t i = 0; i < node->operations.count; i++)
        *list_add(walk->index->arena, &walk->found) = node->operations.at[i];
}

/* Whether some text can be both. */
static bool can_meet(struct str own, struct str other)
{
    if (has_variable(own) && has_variable(other))
        return true; /* two patterns: taken to meet */
    return has_variable(own) ? glob_matches(own, other, false) : glob_matches(other, own, false);
}

static void descend(struct walk *walk, const struct segment_node *node, struct str rest,
                    bool is_narrower)
{
    struct str own;
    if (!next_segment(walk->index->arena, &rest, &own)) {
        if (is_narrower)
            take(walk, node);
        return;
    }
    /* a literal meets itself and patterns: the other literals, which may be many, are passed over
     */
    const struct segment_node *same = map_get(&node->index, own);
    if (same)
        descend(walk, same, rest, is_narrower);
    bool is_pattern = has_variable(own);
    size_t count = is_pattern ? node->children.count : node->patterns.count;
    for (size_t i = 0; i < count; i++) {
        const struct segment_node *child = is_pattern ? node->children.at[i] : node->patterns.at[i];
        if (child != same && can_meet(own, child->segment))
            descend(walk, child, rest, is_narrower || (is_pattern && !is_variable(child->segment)));
    }
}

static int by_number(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

struct siblings siblings_of(const struct sibling_index *index, const struct operation *operation)
{
    struct walk walk = {.index = index};
    struct str path = bare_path(operation->path);
    const struct segment_node *root = map_get(&index->methods, operation->method);
    if (root && str_find(path, '{') < path.len)
        descend(&walk, root, path, false);
    if (walk.found.count == 0)
        return (struct siblings){0};
    qsort(walk.found.at, walk.found.count, sizeof *walk.found.at, by_number);
    struct str *paths = arena_array(index->arena, walk.found.count, sizeof *paths);
    struct siblings out = {paths, 0};
    for (size_t i = 0; i < walk.found.count; i++) {
        struct str other = bare_path(index->api->operations[walk.found.at[i]].path);
        bool is_known = out.count && str_equal(paths[out.count - 1], other);
        if (!is_known && !str_equal(other, path))
            paths[out.count++] = other;
    }
    return out;
}

/*
 * Making nodes. Mappings with many members get an index, which finds duplicates too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/node.h"

enum { UNINDEXED_MAX = 12 };

struct node *node_new(struct arena *arena, enum node_kind kind, struct span span)
{
    struct node *node = arena_new(arena, struct node);
    node->kind = kind;
    node->span = span;
    return node;
}

const struct node *node_new_string(struct arena *arena, struct str text, struct span span)
{
    struct node *node = node_new(arena, NODE_STRING, span);
    node->text = text;
    return node;
}

const struct node *node_new_boolean(struct arena *arena, bool is_true, struct span span)
{
    struct node *node = node_new(arena, NODE_BOOLEAN, span);
    node->is_true = is_true;
    return node;
}

void node_set_items(struct arena *arena, struct node *sequence, const struct member *items,
                    size_t count)
{
    const struct node **copies = arena_array(arena, count, sizeof *copies);
    for (size_t i = 0; i < count; i++)
        copies[i] = items[i].value;
    sequence->items = copies;
    sequence->count = (uint32_t)count;
}

void node_report_duplicate(struct diag_list *diags, const struct member *second, struct span first)
{
    struct diag *diag = diag_error(diags, "duplicate-key", second->name_span,
                                   "duplicate key '%.*s'", STR_ARG(second->name));
    diag_note(diags, diag, first, "first here");
}

static const struct member *find_linear(const struct member *members, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(members[i].name, name))
            return &members[i];
    return NULL;
}

void node_set_members(struct arena *arena, struct diag_list *diags, struct node *mapping,
                      const struct member *members, size_t count)
{
    struct member *copies = arena_array(arena, count, sizeof *copies);
    struct map *index = NULL;
    if (count > UNINDEXED_MAX) {
        index = arena_new(arena, struct map);
        index->arena = arena;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        copies[kept] = members[i];
        const struct member *first = index ? map_add(index, members[i].name, &copies[kept])
                                           : find_linear(copies, kept, members[i].name);
        if (first)
            node_report_duplicate(diags, &members[i], first->name_span);
        else
            kept++;
    }
    mapping->members = copies;
    mapping->count = (uint32_t)kept;
    mapping->index = index;
}

/*
 * Building mappings and sequences.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/shape.h"

#include "compiler/openapi/node.h"

void shape_add(struct shape *shape, const struct node *item)
{
    list_add(shape->arena, &shape->members)->value = item;
}

void shape_keep(struct shape *shape, const struct member *member)
{
    *list_add(shape->arena, &shape->members) = *member;
}

void shape_put(struct shape *shape, struct str name, const struct node *value)
{
    if (value)
        *list_add(shape->arena, &shape->members) =
            (struct member){.name = name, .name_span = value->span, .value = value};
}

void shape_put_text(struct shape *shape, const char *name, struct str text, struct span span)
{
    shape_put(shape, str_of(name), node_new_string(shape->arena, text, span));
}

void shape_put_boolean(struct shape *shape, const char *name, bool is_true, struct span span)
{
    shape_put(shape, str_of(name), node_new_boolean(shape->arena, is_true, span));
}

bool shape_has(const struct shape *shape, struct str name)
{
    for (size_t i = 0; i < shape->members.count; i++)
        if (str_equal(shape->members.at[i].name, name))
            return true;
    return false;
}

const struct node *shape_mapping(struct shape *shape)
{
    struct node *node = node_new(shape->arena, NODE_MAPPING, shape->span);
    node_set_members(shape->arena, shape->diags, node, shape->members.at, shape->members.count);
    return node;
}

const struct node *shape_sequence(struct shape *shape)
{
    struct node *node = node_new(shape->arena, NODE_SEQUENCE, shape->span);
    node_set_items(shape->arena, node, shape->members.at, shape->members.count);
    return node;
}

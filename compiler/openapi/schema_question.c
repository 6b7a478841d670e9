/*
 * What schemas say about the values they describe. Where the answer is not plain it is no.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/schema.h"

enum { DEPTH_MAX = 16 };

static bool lists_type(const struct node *type, const char *wanted)
{
    if (!type || type->kind != NODE_SEQUENCE)
        return str_is(node_string(type), wanted);
    for (uint32_t i = 0; i < type->count; i++)
        if (str_is(node_string(type->items[i]), wanted))
            return true;
    return false;
}

bool schema_has_type(struct build *build, const struct node *schema, const char *type)
{
    const struct node *followed = schema ? reference_follow(build->references, schema) : NULL;
    return lists_type(node_get(followed, "type"), type);
}

static bool is_object(struct build *build, const struct node *schema, unsigned depth);

static bool has_object(struct build *build, const struct node *list, bool wants_all, unsigned depth)
{
    if (!list || list->kind != NODE_SEQUENCE || list->count == 0)
        return false;
    for (uint32_t i = 0; i < list->count; i++)
        if (is_object(build, list->items[i], depth + 1) != wants_all)
            return !wants_all;
    return wants_all;
}

static bool is_object(struct build *build, const struct node *schema, unsigned depth)
{
    const struct node *followed = schema ? reference_follow(build->references, schema) : NULL;
    if (!followed || depth == DEPTH_MAX || schema_is_nullable(schema) ||
        schema_is_nullable(followed))
        return false;
    const struct node *type = node_get(followed, "type");
    if (type)
        return lists_type(type, "object") && (type->kind == NODE_STRING || type->count == 1);
    /* documents often leave the type out beside properties */
    return node_get(followed, "properties") ||
           has_object(build, node_get(followed, "allOf"), false, depth) ||
           has_object(build, node_get(followed, "oneOf"), true, depth) ||
           has_object(build, node_get(followed, "anyOf"), true, depth);
}

bool schema_is_object(struct build *build, const struct node *schema)
{
    return is_object(build, schema, 0);
}

bool schema_is_binary(struct build *build, const struct node *schema)
{
    const struct node *followed = schema ? reference_follow(build->references, schema) : NULL;
    const struct node *type = node_get(followed, "type");
    if (!followed || (type && !lists_type(type, "string")))
        return false;
    if (type && str_is(node_string(node_get(followed, "format")), "binary"))
        return true;
    return node_get(followed, "contentMediaType") && !node_get(followed, "contentEncoding") &&
           !node_get(followed, "contentSchema");
}

bool schema_is_excluded(struct build *build, const struct node *property,
                        enum schema_direction direction)
{
    const char *flag = direction == SCHEMA_INPUT ? "readOnly" : "writeOnly";
    if (node_boolean(node_get(property, flag), false))
        return true;
    return node_get(property, "$ref") &&
           node_boolean(node_get(reference_follow(build->references, property), flag), false);
}

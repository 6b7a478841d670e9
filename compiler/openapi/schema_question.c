/*
 * What schemas say about the values they describe. Where the answer is not plain it is no.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/schema.h"

/* References can make a small document a huge tree: after so many schemas the answer is no. */
enum { DEPTH_MAX = 16, STEPS_MAX = 1000 };

struct question {
    struct build *build;
    unsigned depth, steps;
};

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

static bool is_object(struct question *question, const struct node *schema);

static bool has_object(struct question *question, const struct node *list, bool wants_all)
{
    if (!list || list->kind != NODE_SEQUENCE || list->count == 0)
        return false;
    for (uint32_t i = 0; i < list->count; i++)
        if (is_object(question, list->items[i]) != wants_all)
            return !wants_all;
    return wants_all;
}

static bool is_object(struct question *question, const struct node *schema)
{
    struct references *references = question->build->references;
    const struct node *followed = schema ? reference_follow(references, schema) : NULL;
    if (!followed || question->depth == DEPTH_MAX || ++question->steps > STEPS_MAX ||
        schema_is_nullable(schema) || schema_is_nullable(followed))
        return false;
    const struct node *type = node_get(followed, "type");
    if (type)
        return lists_type(type, "object") && (type->kind == NODE_STRING || type->count == 1);
    /* documents often leave the type out beside properties */
    question->depth++;
    bool result = node_get(followed, "properties") ||
                  has_object(question, node_get(followed, "allOf"), false) ||
                  has_object(question, node_get(followed, "oneOf"), true) ||
                  has_object(question, node_get(followed, "anyOf"), true);
    question->depth--;
    return result;
}

bool schema_is_object(struct build *build, const struct node *schema)
{
    struct question question = {.build = build};
    return is_object(&question, schema);
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

/* ---- properties of the other direction ---- */

struct search {
    struct build *build;
    struct str name;
    enum schema_direction direction;
    unsigned depth, steps;
};

static bool excludes(struct search *search, const struct node *schema)
{
    struct build *build = search->build;
    const struct node *followed = reference_follow(build->references, schema);
    const struct node *map = build_embedded(build, node_get(followed, "properties"));
    const struct member *property = node_member(map, search->name);
    if (property)
        return schema_is_excluded(build, property->value, search->direction);
    const struct node *parts = node_get(followed, "allOf");
    if (!parts || parts->kind != NODE_SEQUENCE || search->depth == DEPTH_MAX)
        return false;
    bool is_found = false;
    search->depth++;
    for (uint32_t i = 0; i < parts->count && !is_found; i++)
        is_found = search->steps++ < STEPS_MAX && excludes(search, parts->items[i]);
    search->depth--;
    return is_found;
}

bool schema_excludes(struct build *build, const struct node *schema, struct str name,
                     enum schema_direction direction)
{
    struct search search = {.build = build, .name = name, .direction = direction};
    return excludes(&search, schema);
}

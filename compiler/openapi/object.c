/*
 * Collecting properties.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/object.h"

#include "compiler/openapi/schema_keyword.h"

/* References can make a small document a huge tree. */
enum { DEPTH_MAX = 16, STEPS_MAX = 5000, PROPERTY_MAX = 2000 };

struct collection {
    struct build *build;
    struct object object;
    struct map index; /* name -> struct collection, when it was seen, excluded or not */
    LIST(struct str) required;
    unsigned depth, alternatives; /* that are around */
    unsigned steps;
};

static void collect(struct collection *collection, const struct node *schema);

static void add_properties(struct collection *collection, const struct node *named)
{
    struct build *build = collection->build;
    const struct node *mapping = build_embedded(build, named);
    bool is_mapping = mapping && mapping->kind == NODE_MAPPING;
    if (!is_mapping)
        collection->object.is_plain = false;
    for (uint32_t i = 0; is_mapping && i < mapping->count; i++) {
        const struct member *member = &mapping->members[i];
        if (map_add(&collection->index, member->name, collection) ||
            collection->object.properties.count == PROPERTY_MAX) {
            collection->object.is_plain = false;
            continue;
        }
        if (!schema_is_excluded(build, member->value, SCHEMA_INPUT))
            *list_add(build->arena, &collection->object.properties) =
                (struct property){member->name, member->value, false, member->name_span};
    }
}

static void add_required(struct collection *collection, const struct node *names)
{
    for (uint32_t i = 0; names->kind == NODE_SEQUENCE && i < names->count; i++)
        if (names->items[i]->kind == NODE_STRING && collection->alternatives == 0)
            *list_add(collection->build->arena, &collection->required) = names->items[i]->text;
}

static void collect_list(struct collection *collection, const struct node *list)
{
    for (uint32_t i = 0; list->kind == NODE_SEQUENCE && i < list->count; i++)
        collect(collection, list->items[i]);
}

static bool is_plain_value(const struct keyword *keyword, const struct node *value)
{
    switch (keyword->kind) {
    case KEYWORD_TYPE:
        return str_is(node_string(value), "object");
    case KEYWORD_REQUIRED:
        return value->kind == NODE_SEQUENCE;
    case KEYWORD_SCHEMA: /* additionalProperties: false, say */
        return value->kind == NODE_BOOLEAN && str_is(str_of(keyword->name), "additionalProperties");
    case KEYWORD_REFERENCE:
        return true;
    case KEYWORD_DROPPED:
        return !str_is(str_of(keyword->name), "nullable") || !node_boolean(value, false);
    default:
        return keyword->is_annotation;
    }
}

static void collect_member(struct collection *collection, const struct member *member)
{
    const struct keyword *keyword = schema_keyword(collection->build, member->name);
    if (str_is(member->name, "properties")) {
        add_properties(collection, member->value);
    } else if (str_is(member->name, "allOf")) {
        collect_list(collection, member->value);
    } else if (str_is(member->name, "oneOf") || str_is(member->name, "anyOf")) {
        collection->object.is_plain = false;
        collection->alternatives++;
        collect_list(collection, member->value);
        collection->alternatives--;
    } else if (keyword && !is_plain_value(keyword, member->value)) {
        collection->object.is_plain = false;
    }
    if (str_is(member->name, "required"))
        add_required(collection, member->value);
}

static void collect(struct collection *collection, const struct node *schema)
{
    struct build *build = collection->build;
    if (!schema) {
        collection->object.is_plain = false;
        return;
    }
    const struct node *followed = reference_follow(build->references, schema);
    bool is_readable = followed && followed->kind == NODE_MAPPING &&
                       collection->depth < DEPTH_MAX && ++collection->steps <= STEPS_MAX;
    bool has_siblings = node_get(schema, "$ref") && schema->count > 1;
    if (!is_readable || (has_siblings && build->version != OPENAPI_3_0))
        collection->object.is_plain = false;
    if (!is_readable)
        return;
    collection->depth++;
    for (uint32_t i = 0; i < followed->count; i++)
        collect_member(collection, &followed->members[i]);
    collection->depth--;
}

static struct property *find(struct object *object, struct str name)
{
    for (size_t i = 0; i < object->properties.count; i++)
        if (str_equal(object->properties.at[i].name, name))
            return &object->properties.at[i];
    return NULL;
}

struct object object_read(struct build *build, const struct node *schema)
{
    struct collection collection = {
        .build = build, .object = {.is_plain = true}, .index = {.arena = build->arena}};
    collect(&collection, schema);
    struct object *object = &collection.object;
    for (size_t i = 0; i < collection.required.count; i++) {
        struct property *property = find(object, collection.required.at[i]);
        if (property)
            property->is_required = object->has_required = true;
        else if (!map_get(&collection.index, collection.required.at[i]))
            object->is_plain = false; /* required, but nowhere described */
    }
    return *object;
}

/*
 * Places in input schemas.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/argument_schema.h"

enum { DEPTH_MAX = 32, SCHEMA_MAX = 64 };

/* The schemas that a value at one place may have to fit. */
struct schemas {
    const struct node *at[SCHEMA_MAX];
    uint32_t count;
};

struct walk {
    const struct node *root;
    struct arena *arena;
    LIST(struct str) known; /* names of properties that were seen */
    bool is_open;           /* other names are expected too */
};

static void add(struct schemas *schemas, const struct node *schema)
{
    for (uint32_t i = 0; i < schemas->count; i++)
        if (schemas->at[i] == schema)
            return;
    if (schemas->count < SCHEMA_MAX)
        schemas->at[schemas->count++] = schema;
}

static const struct node *value_of(const struct node *mapping, struct str name)
{
    const struct member *member = node_member(mapping, name);
    return member ? member->value : NULL;
}

/* ---- references ---- */

/* The model writes references to definitions of the same schema: "#/$defs/Pet". */
static const struct node *follow(const struct walk *walk, const struct node *schema)
{
    const struct node *reference = node_get(schema, "$ref");
    const struct node *definitions = node_get(walk->root, "$defs");
    if (!reference || reference->kind != NODE_STRING || !definitions)
        return NULL;
    struct str text = reference->text;
    if (str_is(text, "#"))
        return walk->root;
    if (!str_starts(text, "#/$defs/"))
        return NULL;
    return value_of(definitions, str_from(text, 8));
}

/* Calls itself for each schema that the value has to fit as well, or instead. */
static void spread(const struct walk *walk, const struct node *schema, uint32_t depth,
                   struct schemas *out)
{
    static const char *const keywords[] = {"allOf", "anyOf", "oneOf"};
    if (!schema || depth > DEPTH_MAX || schema->kind != NODE_MAPPING)
        return;
    add(out, schema);
    spread(walk, follow(walk, schema), depth + 1, out);
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        const struct node *parts = node_get(schema, keywords[i]);
        for (uint32_t at = 0; parts && parts->kind == NODE_SEQUENCE && at < parts->count; at++)
            if (out->count < SCHEMA_MAX)
                spread(walk, parts->items[at], depth + 1, out);
    }
}

/* ---- types ---- */

static uint32_t type_named(struct str name)
{
    static const struct {
        const char *name;
        uint32_t type;
    } types[] = {{"null", TYPE_NULL},      {"boolean", TYPE_BOOLEAN}, {"number", TYPE_NUMBER},
                 {"integer", TYPE_NUMBER}, {"string", TYPE_STRING},   {"array", TYPE_ARRAY},
                 {"object", TYPE_OBJECT}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_is(name, types[i].name))
            return types[i].type;
    return TYPE_ANY;
}

static uint32_t type_of_value(const struct node *value)
{
    static const uint32_t types[] = {
        [NODE_NULL] = TYPE_NULL,     [NODE_BOOLEAN] = TYPE_BOOLEAN, [NODE_NUMBER] = TYPE_NUMBER,
        [NODE_STRING] = TYPE_STRING, [NODE_SEQUENCE] = TYPE_ARRAY,  [NODE_MAPPING] = TYPE_OBJECT};
    return types[value->kind];
}

static uint32_t types_of_list(const struct node *list, bool are_names)
{
    uint32_t types = 0;
    for (uint32_t i = 0; i < list->count; i++)
        types |= are_names ? type_named(list->items[i]->text) : type_of_value(list->items[i]);
    return types;
}

static uint32_t types_of(const struct walk *walk, const struct node *schema, uint32_t depth);

static uint32_t types_of_parts(const struct walk *walk, const struct node *parts, bool are_all,
                               uint32_t depth)
{
    uint32_t types = are_all ? TYPE_ANY : 0;
    if (!parts || parts->kind != NODE_SEQUENCE || parts->count > SCHEMA_MAX)
        return TYPE_ANY;
    for (uint32_t i = 0; i < parts->count; i++) {
        uint32_t part = types_of(walk, parts->items[i], depth);
        types = are_all ? types & part : types | part;
    }
    return types;
}

static uint32_t types_of(const struct walk *walk, const struct node *schema, uint32_t depth)
{
    uint32_t types = TYPE_ANY;
    if (schema->kind != NODE_MAPPING || depth > DEPTH_MAX)
        return TYPE_ANY;
    const struct node *type = node_get(schema, "type");
    const struct node *allowed = node_get(schema, "enum");
    const struct node *constant = node_get(schema, "const");
    const struct node *target = follow(walk, schema);
    if (type)
        types &= type->kind == NODE_SEQUENCE ? types_of_list(type, true) : type_named(type->text);
    if (allowed && allowed->kind == NODE_SEQUENCE)
        types &= types_of_list(allowed, false);
    if (constant)
        types &= type_of_value(constant);
    if (target)
        types &= types_of(walk, target, depth + 1);
    types &= types_of_parts(walk, node_get(schema, "allOf"), true, depth + 8);
    types &= types_of_parts(walk, node_get(schema, "anyOf"), false, depth + 8);
    types &= types_of_parts(walk, node_get(schema, "oneOf"), false, depth + 8);
    return types;
}

static uint32_t types_of_all(const struct walk *walk, const struct schemas *schemas)
{
    uint32_t types = 0;
    for (uint32_t i = 0; i < schemas->count; i++)
        types |= types_of(walk, schemas->at[i], 0);
    return schemas->count ? types : TYPE_ANY;
}

/* ---- places ---- */

/* Other names than the listed ones are expected where a schema lists none, or says so. */
static void note_names(struct walk *walk, const struct schemas *all)
{
    bool is_listed = false;
    walk->is_open = false;
    walk->known.count = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        const struct node *properties = node_get(all->at[i], "properties");
        const struct node *others = node_get(all->at[i], "additionalProperties");
        walk->is_open |= node_get(all->at[i], "patternProperties") != NULL;
        walk->is_open |= others && (others->kind == NODE_MAPPING || others->is_true);
        is_listed |= others && others->kind == NODE_BOOLEAN && !others->is_true;
        if (!properties || properties->kind != NODE_MAPPING)
            continue;
        is_listed = true;
        for (uint32_t at = 0; at < properties->count; at++)
            *list_add(walk->arena, &walk->known) = properties->members[at].name;
    }
    walk->is_open |= !is_listed;
}

static bool has_name(const struct walk *walk, struct str name)
{
    for (size_t i = 0; i < walk->known.count; i++)
        if (str_equal(walk->known.at[i], name))
            return true;
    return false;
}

/* The schemas one name further; none at all: nothing is said about what is there. */
static struct schemas step(struct walk *walk, const struct schemas *from, struct str name)
{
    struct schemas all = {.count = 0}, next = {.count = 0};
    for (uint32_t i = 0; i < from->count; i++)
        spread(walk, from->at[i], 0, &all);
    note_names(walk, &all);
    for (uint32_t i = 0; i < all.count; i++) {
        const struct node *properties = node_get(all.at[i], "properties");
        const struct node *found = value_of(properties, name);
        if (found)
            add(&next, found);
    }
    return next;
}

static struct schemas items_of(struct walk *walk, const struct schemas *from)
{
    struct schemas all = {.count = 0}, items = {.count = 0};
    for (uint32_t i = 0; i < from->count; i++)
        spread(walk, from->at[i], 0, &all);
    for (uint32_t i = 0; i < all.count; i++) {
        const struct node *found = node_get(all.at[i], "items");
        if (found && !node_get(all.at[i], "prefixItems"))
            add(&items, found);
    }
    return items;
}

struct argument_place argument_place_find(const struct node *root, struct path path,
                                          struct arena *arena)
{
    struct walk walk = {.root = root, .arena = arena};
    struct schemas schemas = {.count = 0};
    if (!root)
        return (struct argument_place){true, TYPE_ANY, TYPE_ANY, {0}, NULL, 0};
    add(&schemas, root);
    for (uint32_t i = 0; i < path.count; i++) {
        struct schemas next = step(&walk, &schemas, path.names[i]);
        /* the arguments themselves are always listed */
        if (!has_name(&walk, path.names[i]) && (i == 0 || !walk.is_open))
            return (struct argument_place){
                .unknown = path.names[i], .known = walk.known.at, .known_count = walk.known.count};
        schemas = next;
        if (schemas.count == 0)
            break;
    }
    struct schemas items = items_of(&walk, &schemas);
    return (struct argument_place){.is_found = true,
                                   .types = types_of_all(&walk, &schemas),
                                   .item_types = types_of_all(&walk, &items)};
}

struct str argument_types_text(uint32_t types, struct arena *arena)
{
    static const char *const names[] = {"null",     "true or false", "a number",
                                        "a string", "an array",      "an object"};
    struct str_builder out = {.arena = arena};
    uint32_t left = (uint32_t)__builtin_popcount(types);
    for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!(types >> i & 1))
            continue;
        const char *joint = out.len == 0 ? "" : left == 1 ? " or " : ", ";
        str_add_format(&out, "%s%s", joint, names[i]);
        left--;
    }
    return str_built(&out);
}

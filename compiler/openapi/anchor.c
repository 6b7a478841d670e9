/*
 * One walk over a document finds them all. Examples and other values that are data are left out: an
 * `$id` there is no name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/anchor.h"

#include <string.h>

#include "compiler/base/file.h"
#include "compiler/base/list.h"
#include "compiler/base/url.h"
#include "compiler/openapi/reference_name.h"

struct anchors {
    struct arena *arena;
    struct resource whole;
    struct map named;  /* uri -> struct resource */
    struct map around; /* address of a $ref's text -> struct scope; for those inside an $id */
    struct map seen;   /* address of a node -> struct scope: shared nodes are walked once */
};

/* Keeps the address that is a key. */
struct scope {
    const struct node *node;
    struct resource *resource;
};

static struct str address_key(const struct node *const *node)
{
    return (struct str){(const char *)node, sizeof *node};
}

/* False when it was there. */
static bool note(struct anchors *anchors, struct map *map, const struct node *node,
                 struct resource *resource)
{
    struct scope *scope = arena_new(anchors->arena, struct scope);
    *scope = (struct scope){node, resource};
    return !map_add(map, address_key(&scope->node), scope);
}

struct str anchor_resolve(struct arena *arena, struct str base, struct str reference)
{
    if (url_has_scheme(reference) || url_has_scheme(base))
        return url_resolve(arena, base, reference);
    if (str_starts(reference, "/"))
        return reference;
    struct str folder = file_folder(base);
    return reference_name_clean(arena,
                                str_format(arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(reference)));
}

/* ---- the walk ---- */

static bool is_one_of(struct str name, const char *words)
{
    const char *found = name.len ? memmem(words, strlen(words), name.at, name.len) : NULL;
    return found && found[-1] == ' ' && found[name.len] == ' ';
}

/* The members are named by people, whatever they are called. */
static bool holds_names(struct str name)
{
    return is_one_of(name, " properties patternProperties $defs definitions dependentSchemas "
                           "schemas ");
}

static bool holds_data(struct str name)
{
    return str_starts(name, "x-") || is_one_of(name, " example examples default enum const ");
}

static struct resource *open_resource(struct anchors *anchors, struct resource *outer,
                                      const struct node *schema, struct str id)
{
    struct str part = str_part(id, 0, str_find(id, '#'));
    if (part.len == 0)
        return outer;
    struct resource *resource = arena_new(anchors->arena, struct resource);
    *resource = (struct resource){.uri = anchor_resolve(anchors->arena, outer->uri, part),
                                  .root = schema,
                                  .anchors = {.arena = anchors->arena}};
    map_add(&anchors->named, resource->uri, resource);
    return resource;
}

static void add_anchor(struct resource *resource, const struct node *schema, const char *keyword)
{
    struct str name = node_string(node_get(schema, keyword));
    if (name.len)
        map_add(&resource->anchors, name, (void *)(uintptr_t)schema);
}

static void walk(struct anchors *anchors, struct resource *outer, const struct node *node,
                 bool are_names);

static void walk_members(struct anchors *anchors, struct resource *resource,
                         const struct node *node, bool are_names)
{
    for (uint32_t i = 0; i < node->count; i++) {
        struct str name = node->members[i].name;
        if (are_names || !holds_data(name))
            walk(anchors, resource, node->members[i].value, !are_names && holds_names(name));
    }
}

static void walk(struct anchors *anchors, struct resource *outer, const struct node *node,
                 bool are_names)
{
    struct resource *resource = outer;
    bool is_inner = node->kind == NODE_SEQUENCE || node->kind == NODE_MAPPING;
    if (!is_inner || !note(anchors, &anchors->seen, node, outer))
        return;
    for (uint32_t i = 0; node->kind == NODE_SEQUENCE && i < node->count; i++)
        walk(anchors, outer, node->items[i], false);
    if (node->kind != NODE_MAPPING)
        return;
    if (!are_names) {
        struct str id = node_string(node_get(node, "$id"));
        resource = id.len ? open_resource(anchors, outer, node, id) : outer;
        add_anchor(resource, node, "$anchor");
        add_anchor(resource, node, "$dynamicAnchor");
        const struct node *text = node_get(node, "$ref");
        const struct node *dynamic = node_get(node, "$dynamicRef");
        if (text && resource != &anchors->whole)
            note(anchors, &anchors->around, text, resource);
        if (dynamic && resource != &anchors->whole)
            note(anchors, &anchors->around, dynamic, resource);
    }
    walk_members(anchors, resource, node, are_names);
}

/* ---- questions ---- */

const struct anchors *anchors_read(struct arena *arena, const struct source *source,
                                   const struct node *root, struct str uri)
{
    struct anchors *anchors = arena_new(arena, struct anchors);
    *anchors = (struct anchors){.arena = arena,
                                .whole = {.uri = uri, .root = root, .anchors = {.arena = arena}},
                                .named = {.arena = arena},
                                .around = {.arena = arena},
                                .seen = {.arena = arena}};
    static const char *const words[] = {"$id", "$anchor", "$dynamicAnchor"};
    bool has_some = false;
    for (size_t i = 0; i < sizeof words / sizeof words[0] && source->text.len; i++)
        has_some = has_some ||
                   memmem(source->text.at, source->text.len, words[i], strlen(words[i])) != NULL;
    if (root && has_some)
        walk(anchors, &anchors->whole, root, false);
    return anchors;
}

const struct resource *anchors_around(const struct anchors *anchors, const struct node *text)
{
    const struct scope *scope = map_get(&anchors->around, address_key(&text));
    return scope ? scope->resource : &anchors->whole;
}

const struct resource *anchors_named(const struct anchors *anchors, struct str uri)
{
    return map_get(&anchors->named, uri);
}

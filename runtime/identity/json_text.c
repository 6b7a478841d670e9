/*
 * Reading scanned JSON texts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/json_text.h"

#include <stdlib.h>

static void *grow_nodes(void *context, void *nodes, size_t old_size, size_t new_size)
{
    (void)context;
    (void)old_size;
    return realloc(nodes, new_size);
}

bool json_text_scan(struct json_text *json, const char *text, size_t size,
                    struct json_bounds bounds)
{
    json->text = text;
    json->tape.depth_max = bounds.depth;
    json->tape.node_max = bounds.nodes;
    json->tape.grow = grow_nodes;
    return size && json_scan(text, size, &json->tape, NULL) == JSON_OK &&
           json->tape.nodes[0].kind == JSON_OBJECT;
}

void json_text_close(struct json_text *json)
{
    free(json->tape.nodes);
    *json = (struct json_text){0};
}

uint32_t json_text_member(const struct json_text *json, uint32_t object, const char *name)
{
    return json_member(json->text, &json->tape, object, name);
}

bool json_text_has_kind(const struct json_text *json, uint32_t node, enum json_kind kind)
{
    return json->tape.nodes[node].kind == kind;
}

uint32_t json_text_member_of(const struct json_text *json, uint32_t object, const char *name,
                             enum json_kind kind)
{
    uint32_t node = json_text_member(json, object, name);
    return node && json_text_has_kind(json, node, kind) ? node : 0;
}

bool json_text_is(const struct json_text *json, uint32_t node, struct slice wanted)
{
    return json_text_has_kind(json, node, JSON_STRING) &&
           json_string_is(json->text, &json->tape.nodes[node], wanted.at, wanted.len);
}

struct slice json_text_raw(const struct json_text *json, uint32_t node)
{
    const struct json_node *string = &json->tape.nodes[node];
    return (struct slice){json->text + string->start + 1, string->end - string->start - 2};
}

bool json_text_string(const struct json_text *json, uint32_t node, struct pool *pool,
                      struct slice *out)
{
    *out = json_text_raw(json, node);
    if (!json->tape.nodes[node].has_escapes)
        return true;
    char *copy = pool_alloc(pool, out->len + 1);
    if (!copy)
        return false;
    out->len = json_unescape(json->text, &json->tape.nodes[node], copy);
    out->at = copy;
    return true;
}

char *json_text_copy(const struct json_text *json, uint32_t node)
{
    char *copy = malloc(json_text_raw(json, node).len + 1);
    if (!copy)
        return NULL;
    size_t size = json_unescape(json->text, &json->tape.nodes[node], copy);
    copy[size] = '\0';
    if (strlen(copy) == size)
        return copy;
    free(copy);
    return NULL;
}

/*
 * Reads values off a tape. Nothing is converted: digits and escapes stay what they were.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/value.h"

const struct json_node *value_node(const struct value *value)
{
    return &value->tape->nodes[value->node];
}

bool value_is_compound(const struct value *value)
{
    return value_node(value)->kind >= JSON_ARRAY;
}

bool value_is_null(const struct value *value)
{
    return value_node(value)->kind == JSON_NULL;
}

struct slice value_bytes(const struct value *value)
{
    const struct json_node *node = value_node(value);
    return (struct slice){value->text + node->start, node->end - node->start};
}

static bool unescape(const struct value *string, struct pool *pool, struct slice *out)
{
    char *characters = pool_alloc(pool, value_bytes(string).len);
    if (!characters)
        return false;
    *out = (struct slice){characters, json_unescape(string->text, value_node(string), characters)};
    return true;
}

bool value_characters(const struct value *value, struct pool *pool, struct slice *out)
{
    const struct json_node *node = value_node(value);
    *out = value_bytes(value);
    if (value_is_compound(value)) {
        struct text compact = {.pool = pool};
        value_add_compact(&compact, value);
        *out = text_slice(&compact);
        return !compact.failed;
    }
    if (node->kind != JSON_STRING)
        return true;
    if (node->has_escapes)
        return unescape(value, pool, out);
    *out = (struct slice){out->at + 1, out->len - 2};
    return true;
}

void value_add_compact(struct text *out, const struct value *value)
{
    struct slice bytes = value_bytes(value);
    size_t from = 0;
    bool in_string = false;
    for (size_t i = 0; i < bytes.len; i++) {
        char byte = bytes.at[i];
        if (in_string && byte == '\\') {
            i++;
        } else if (byte == '"') {
            in_string = !in_string;
        } else if (!in_string && (byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t')) {
            text_add(out, (struct slice){bytes.at + from, i - from});
            from = i + 1;
        }
    }
    text_add(out, (struct slice){bytes.at + from, bytes.len - from});
}

struct value_walk value_first(const struct value *compound)
{
    const struct json_node *node = value_node(compound);
    bool is_compound = value_is_compound(compound);
    return (struct value_walk){.text = compound->text,
                               .tape = compound->tape,
                               .at = compound->node + 1,
                               .end = is_compound ? node->next : compound->node + 1,
                               .has_names = node->kind == JSON_OBJECT};
}

bool value_next(struct value_walk *walk)
{
    if (walk->at >= walk->end)
        return false;
    if (walk->has_names)
        walk->name = (struct value){walk->text, walk->tape, walk->at++};
    walk->item = (struct value){walk->text, walk->tape, walk->at};
    walk->at = walk->tape->nodes[walk->at].next;
    return true;
}

bool value_member(const struct value *object, const char *name, struct value *out)
{
    uint32_t node = json_member(object->text, object->tape, object->node, name);
    *out = (struct value){object->text, object->tape, node};
    return node != 0;
}

bool value_is_string(const struct value *value, const char *wanted)
{
    const struct json_node *node = value_node(value);
    return node->kind == JSON_STRING && json_string_is(value->text, node, wanted, strlen(wanted));
}

static void *grow(void *context, void *nodes, size_t old_size, size_t new_size)
{
    void *larger = pool_alloc(context, new_size);
    if (larger && old_size)
        memcpy(larger, nodes, old_size);
    return larger;
}

bool value_scan(struct slice text, uint32_t depth_max, struct pool *pool, struct value *out)
{
    struct json_tape *tape = pool_zero(pool, sizeof *tape);
    if (!tape || text.len == 0)
        return false;
    if (depth_max > JSON_DEPTH_CEILING)
        depth_max = JSON_DEPTH_CEILING;
    *tape = (struct json_tape){
        .depth_max = depth_max, .node_max = UINT32_MAX - 1, .grow = grow, .context = pool};
    *out = (struct value){text.at, tape, 0};
    return json_scan(text.at, text.len, tape, NULL) == JSON_OK;
}

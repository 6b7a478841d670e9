/*
 * Reading messages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/jsonrpc.h"

static void *grow_nodes(void *context, void *nodes, size_t old_size, size_t new_size)
{
    void *grown = pool_alloc(context, new_size);
    if (grown && old_size)
        memcpy(grown, nodes, old_size);
    return grown;
}

const char *jsonrpc_scan(struct slice text, const struct limits *limits, struct pool *pool,
                         struct json_tape *tape)
{
    *tape = (struct json_tape){
        .depth_max = limits->json_depth,
        .node_max = limits->json_nodes,
        .grow = grow_nodes,
        .context = pool,
    };
    enum json_error error = json_scan(text.at, text.len, tape, NULL);
    return error == JSON_OK            ? NULL
           : error == JSON_ERROR_DEPTH ? "nested deeper than limit-json-depth"
           : error == JSON_ERROR_SIZE  ? "more values than limit-json-nodes"
                                       : json_error_text(error);
}

static const struct json_node *node_at(const struct message *message, uint32_t node)
{
    return &message->tape->nodes[node];
}

struct slice jsonrpc_raw(const struct message *message, uint32_t node)
{
    const struct json_node *found = node_at(message, node);
    return (struct slice){message->text + found->start, found->end - found->start};
}

uint32_t jsonrpc_member(const struct message *message, uint32_t object, const char *name,
                        enum json_kind kind)
{
    uint32_t node = json_member(message->text, message->tape, object, name);
    return node && node_at(message, node)->kind == kind ? node : 0;
}

uint32_t jsonrpc_meta(const struct message *message, const char *name)
{
    uint32_t meta =
        message->params ? jsonrpc_member(message, message->params, "_meta", JSON_OBJECT) : 0;
    return meta ? json_member(message->text, message->tape, meta, name) : 0;
}

bool jsonrpc_string(const struct message *message, uint32_t node, struct pool *pool,
                    struct slice *out)
{
    struct slice raw = jsonrpc_raw(message, node);
    *out = (struct slice){raw.at + 1, raw.len - 2};
    if (!node_at(message, node)->has_escapes)
        return true;
    char *characters = pool_alloc(pool, raw.len);
    if (!characters)
        return false;
    *out = (struct slice){characters,
                          json_unescape(message->text, node_at(message, node), characters)};
    return true;
}

/* The schema says integer; 1.0 and 1e3 would be one too, but nobody writes ids like that and a
 * client that compares numbers could match the wrong answer. */
static bool is_integer(struct slice number)
{
    for (size_t i = 0; i < number.len; i++)
        if (number.at[i] != '-' && (number.at[i] < '0' || number.at[i] > '9'))
            return false;
    return true;
}

static bool read_id(struct message *message)
{
    uint32_t node = json_member(message->text, message->tape, message->object, "id");
    if (!node)
        return true;
    struct slice raw = jsonrpc_raw(message, node);
    enum json_kind kind = node_at(message, node)->kind;
    if (kind != JSON_STRING && !(kind == JSON_NUMBER && is_integer(raw)))
        return false;
    message->id = raw;
    return true;
}

static void refuse(struct message *message, const char *fault)
{
    message->kind = MESSAGE_INVALID;
    message->fault = fault;
}

static void read_params(struct message *message)
{
    uint32_t node = json_member(message->text, message->tape, message->object, "params");
    if (node && node_at(message, node)->kind != JSON_OBJECT)
        refuse(message, "params is not an object");
    message->params = node;
}

static void read_call(struct message *message, uint32_t method, struct pool *pool)
{
    message->kind = message->id.len ? MESSAGE_REQUEST : MESSAGE_NOTIFICATION;
    if (node_at(message, method)->kind != JSON_STRING)
        refuse(message, "method is not a string");
    else if (!jsonrpc_string(message, method, pool, &message->method))
        refuse(message, "out of memory");
    else
        read_params(message);
}

struct message jsonrpc_read(const char *text, const struct json_tape *tape, uint32_t object,
                            struct pool *pool)
{
    struct message message = {.text = text, .tape = tape, .object = object};
    uint32_t version = 0, method = 0;
    if (tape->nodes[object].kind != JSON_OBJECT) {
        refuse(&message, "a message is an object");
        return message;
    }
    if (!read_id(&message)) {
        refuse(&message, "id is neither a string nor an integer");
        return message;
    }
    version = jsonrpc_member(&message, object, "jsonrpc", JSON_STRING);
    method = json_member(text, tape, object, "method");
    if (!version || !json_string_is(text, &tape->nodes[version], "2.0", 3))
        refuse(&message, "jsonrpc is not \"2.0\"");
    else if (method)
        read_call(&message, method, pool);
    else if (json_member(text, tape, object, "result") || json_member(text, tape, object, "error"))
        message.kind = MESSAGE_RESPONSE;
    else
        refuse(&message, "there is no method");
    return message;
}

/*
 * JSON-RPC 2.0 messages as MCP narrows them (params are objects, ids are strings or integers), read
 * out of strictly scanned JSON. Ids stay the bytes they were. Knows no method and no transport.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_JSONRPC_H
#define PROTOCOL_JSONRPC_H

#include "grammar/json.h"
#include "runtime/memory/pool.h"
#include "runtime/options.h"

enum message_kind {
    MESSAGE_INVALID, /* `fault` says why; the id is there when it could be read */
    MESSAGE_REQUEST,
    MESSAGE_NOTIFICATION,
    MESSAGE_RESPONSE,
};

struct message {
    enum message_kind kind;
    const char *text; /* of everything that came, a batch included */
    const struct json_tape *tape;
    uint32_t object;     /* node of the message */
    uint32_t params;     /* node; 0: none */
    struct slice id;     /* JSON text: 7 or "seven" */
    struct slice method; /* characters */
    const char *fault;   /* a fixed text */
};

/* Scans `text` (a readable byte follows it) into nodes from `pool`. NULL or a fixed text. */
const char *jsonrpc_scan(struct slice text, const struct limits *limits, struct pool *pool,
                         struct json_tape *tape);

/* Reads the message at a node. */
struct message jsonrpc_read(const char *text, const struct json_tape *tape, uint32_t object,
                            struct pool *pool);

/* The node of a member when it is of this kind, else 0. */
uint32_t jsonrpc_member(const struct message *message, uint32_t object, const char *name,
                        enum json_kind kind);

/* The characters of a string node; false when out of memory. Escapes are replaced in `pool`. */
bool jsonrpc_string(const struct message *message, uint32_t node, struct pool *pool,
                    struct slice *out);

/* The node of a member of params._meta, whatever its kind; 0: none. */
uint32_t jsonrpc_meta(const struct message *message, const char *name);

/* The bytes of a node as they came. */
struct slice jsonrpc_raw(const struct message *message, uint32_t node);

#endif

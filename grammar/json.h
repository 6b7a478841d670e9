/*
 * The strict JSON scanner (RFC 8259): one value, UTF-8, no duplicate names in an object, limits on
 * depth and size. It slices: nothing is copied or converted, so 64-bit integers and escapes keep
 * the bytes they had. Shared by the compiler (JSON documents) and the runtime (messages).
 *
 * The result is a tape: the nodes of the value in order of their first byte. An object's members
 * are a name node (JSON_STRING) followed by the value's nodes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef GRAMMAR_JSON_H
#define GRAMMAR_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json_node {
    uint32_t start, end; /* bytes of the value in the text; a string's include its quotes */
    uint32_t next;       /* index of the first node after this value and all inside it */
    uint32_t count;      /* items or members */
    uint8_t kind;        /* enum json_kind */
    bool has_escapes;    /* JSON_STRING: has a backslash, so json_unescape is needed */
};

enum json_error {
    JSON_OK,
    JSON_ERROR_SYNTAX,
    JSON_ERROR_UTF8,      /* ill-formed UTF-8, or a lone surrogate escape */
    JSON_ERROR_DUPLICATE, /* a name twice in one object; `where` is the second */
    JSON_ERROR_DEPTH,
    JSON_ERROR_SIZE, /* more nodes than allowed, or a text over 2^32 - 2 bytes */
    JSON_ERROR_MEMORY,
};

/* Memory for nodes: `grow` gives a larger copy of `nodes` or NULL. Start with nodes NULL. */
struct json_tape {
    struct json_node *nodes;
    uint32_t count, capacity;
    uint32_t depth_max; /* arrays and objects inside each other; at most JSON_DEPTH_CEILING */
    uint32_t node_max;
    void *(*grow)(void *context, void *nodes, size_t old_size, size_t new_size); /* bytes */
    void *context;
};

enum { JSON_DEPTH_CEILING = 1000 };

/* `text` must have a readable byte at text[size]; its value does not matter. On an error, `where`
 * (may be NULL) gets the offset it was noticed at. */
enum json_error json_scan(const char *text, size_t size, struct json_tape *tape, size_t *where);

const char *json_error_text(enum json_error error); /* "duplicate name in an object" */

/* Writes the characters of a JSON_STRING node to `out` (at least end - start - 2 bytes) without
 * quotes and with escapes replaced; gives their count. \u0000 becomes a NUL byte. */
size_t json_unescape(const char *text, const struct json_node *string, char *out);

/* Reads the characters of a JSON_STRING node without memory, byte by byte; a copy of a reader goes
 * on from the same place. */
struct json_reader {
    const char *at, *end;
    unsigned char pending[4]; /* UTF-8 of an escape */
    uint8_t pending_at, pending_end;
};

struct json_reader json_reader_open(const char *text, const struct json_node *string);
int json_reader_next(struct json_reader *reader); /* the next byte, or -1 */

/* Whether a JSON_STRING node stands for exactly these characters. */
bool json_string_is(const char *text, const struct json_node *string, const char *wanted,
                    size_t wanted_size);

/* The index of the member's value, or 0 (the root is never a member) when there is none or the node
 * is no object. */
uint32_t json_member(const char *text, const struct json_tape *tape, uint32_t object,
                     const char *name);

#endif

/*
 * One JSON value somewhere in a scanned text, and the texts it can be read as.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_VALUE_H
#define BACKEND_VALUE_H

#include "grammar/json.h"
#include "runtime/memory/pool.h"

struct value {
    const char *text; /* that was scanned */
    const struct json_tape *tape;
    uint32_t node; /* index into the tape */
};

const struct json_node *value_node(const struct value *value);
bool value_is_compound(const struct value *value); /* an array or an object */
bool value_is_null(const struct value *value);

/* The bytes as they were sent. */
struct slice value_bytes(const struct value *value);

/* What a person would write for it: the characters of a string, the digits of a number as sent, a
 * compound value's compact JSON. Borrowed from the scanned text or in `pool`; false: no memory. */
bool value_characters(const struct value *value, struct pool *pool, struct slice *out);

/* The value's JSON on one line: its bytes without the white space between them. */
void value_add_compact(struct text *out, const struct value *value);

/* The items of an array or the members of an object, one after the other:
 *   for (struct value_walk walk = value_first(&value); value_next(&walk);) use walk.name, walk.item
 */
struct value_walk {
    const char *text;
    const struct json_tape *tape;
    uint32_t at, end;
    bool has_names;
    struct value name; /* of an object's member */
    struct value item;
};

struct value_walk value_first(const struct value *compound);
bool value_next(struct value_walk *walk);

/* Finds a member of an object; false when there is none or `object` is no object. */
bool value_member(const struct value *object, const char *name, struct value *out);
bool value_is_string(const struct value *value, const char *wanted);

/* Scans a text of our own tables or of a backend; false when it is not strict JSON or memory runs
 * out. The tape lives in `pool`. `text` has a readable byte behind its end. */
bool value_scan(struct slice text, uint32_t depth_max, struct pool *pool, struct value *out);

#endif

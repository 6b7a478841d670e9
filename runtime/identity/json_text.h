/*
 * A scanned JSON text of an issuer: a token's header or claims, a key set, metadata. Reads members
 * through the tape of the strict scanner; nothing is converted before it is asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_JSON_TEXT_H
#define IDENTITY_JSON_TEXT_H

#include "grammar/json.h"
#include "runtime/memory/pool.h"

/* Starts as {0}; may be scanned again and again, the nodes' memory is kept. */
struct json_text {
    const char *text; /* borrowed */
    struct json_tape tape;
};

struct json_bounds {
    uint32_t depth, nodes;
};

/* A text whose root is an object. text[size] must be readable. */
bool json_text_scan(struct json_text *json, const char *text, size_t size,
                    struct json_bounds bounds);
void json_text_close(struct json_text *json);

/* The index of a member's value, 0: none. */
uint32_t json_text_member(const struct json_text *json, uint32_t object, const char *name);
/* The same when it is of this kind; 0 otherwise. */
uint32_t json_text_member_of(const struct json_text *json, uint32_t object, const char *name,
                             enum json_kind kind);
bool json_text_has_kind(const struct json_text *json, uint32_t node, enum json_kind kind);
bool json_text_is(const struct json_text *json, uint32_t node, struct slice wanted);

/* The characters of a string between its quotes; escapes are still escapes. */
struct slice json_text_raw(const struct json_text *json, uint32_t node);

/* The characters of a string, in the text itself or in `pool`. False: out of memory. */
bool json_text_string(const struct json_text *json, uint32_t node, struct pool *pool,
                      struct slice *out);

/* The same as a C string on the heap. NULL: it holds a NUL, or memory is out. */
char *json_text_copy(const struct json_text *json, uint32_t node);

#endif

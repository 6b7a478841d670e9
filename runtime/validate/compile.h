/*
 * Inside schema compiling: the arrays while they grow, and the parts of a schema. Not for others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef VALIDATE_COMPILE_H
#define VALIDATE_COMPILE_H

#include "runtime/validate/instance.h"
#include "runtime/validate/schema.h"

struct growing {
    void *at;
    uint32_t count, capacity;
};

struct compiler {
    struct instance root;
    struct json_tape tape;
    struct pool *keep, *scratch;
    struct allowance allowance;
    uint32_t *known;   /* tape index -> node, or 0 */
    uint32_t *pending; /* node - SCHEMA_ROOT -> tape index */
    struct growing nodes, rules, members, objects, patterns, formats, numbers, links, values;
    uint32_t node_count, unenforced;
    size_t scratch_words;
    enum schema_status status;
};

/* Appends a copy of the item; gives its index. After a failure the status tells. */
uint32_t compile_add(struct compiler *compiler, struct growing *list, const void *item,
                     size_t size);

void compile_fail(struct compiler *compiler, enum schema_status status);

void compile_rule(struct compiler *compiler, enum rule_kind kind, uint32_t first, uint32_t count,
                  uint32_t more);

/* The node of a schema somewhere on the tape: its rules may come later. */
uint32_t compile_node(struct compiler *compiler, const struct instance *schema);

/* The tape index that a reference of the form #… leads to, or SCHEMA_NONE. */
uint32_t compile_resolve(struct compiler *compiler, struct slice reference);

bool compile_characters(struct compiler *compiler, const struct instance *string,
                        struct slice *out);

bool compile_find(const struct compiler *compiler, const struct instance *schema,
                  const char *keyword, struct instance *out);

/* The rules of one keyword with its value; keywords that mean nothing here are passed over. */
void compile_keyword(struct compiler *compiler, const struct instance *schema,
                     const struct instance *name, const struct instance *value);

/* The rules about an object's members and an array's items, each of several keywords. */
void compile_members(struct compiler *compiler, const struct instance *schema);
void compile_items(struct compiler *compiler, const struct instance *schema);

#endif

/*
 * What a tool's input schema says about the place that an argument's path leads to: whether there
 * is such a place, and which JSON types a value there may have. Takes schema texts as the model
 * makes them; says too much rather than too little where a schema is unclear.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_ARGUMENT_SCHEMA_H
#define POLICY_ARGUMENT_SCHEMA_H

#include "compiler/policy/check.h"

enum json_type {
    TYPE_NULL = 1 << 0,
    TYPE_BOOLEAN = 1 << 1,
    TYPE_NUMBER = 1 << 2,
    TYPE_STRING = 1 << 3,
    TYPE_ARRAY = 1 << 4,
    TYPE_OBJECT = 1 << 5,
    TYPE_ANY = (1 << 6) - 1,
};

struct argument_place {
    bool is_found;
    uint32_t types, item_types; /* of enum json_type; items: of its elements, if it is an array */
    struct str unknown;         /* not found: the name of the path that leads nowhere */
    const struct str *known;    /* not found: the names that there are in its place */
    size_t known_count;
};

/* `root` is the input schema as a document; NULL finds everything. */
struct argument_place argument_place_find(const struct node *root, struct path path,
                                          struct arena *arena);

/* "a string or a number" */
struct str argument_types_text(uint32_t types, struct arena *arena);

#endif

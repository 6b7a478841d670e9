/*
 * One JSON value on a scanned tape, as validation reads it: an argument, or a value of a schema.
 * Values are compared as JSON Schema 2020-12 (section 4.2.2) says: numbers by their size, strings
 * by their characters, objects without an order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef VALIDATE_INSTANCE_H
#define VALIDATE_INSTANCE_H

#include "grammar/json.h"
#include "runtime/memory/pool.h"

struct instance {
    const char *text; /* that was scanned */
    const struct json_node *nodes;
    uint32_t node;
};

static inline const struct json_node *instance_node(const struct instance *instance)
{
    return &instance->nodes[instance->node];
}

static inline struct slice instance_bytes(const struct instance *instance)
{
    const struct json_node *node = instance_node(instance);
    return (struct slice){instance->text + node->start, node->end - node->start};
}

/* The items of an array or the members of an object. */
struct instance_walk {
    struct instance name, item;
    uint32_t at, end;
    bool has_names;
};

struct instance_walk instance_first(const struct instance *compound);
bool instance_next(struct instance_walk *walk);

/* What comparing may cost: steps that are left, and memory for escaped strings. */
struct allowance {
    struct pool *pool;
    uint64_t steps;
    bool is_over;    /* no steps were left */
    bool has_failed; /* no memory was left */
};

/* Takes steps; false when too few are left. */
bool allowance_take(struct allowance *allowance, uint64_t steps);

/* The characters of a string; copied only when it has escapes. */
bool instance_characters(const struct instance *string, struct allowance *allowance,
                         struct slice *out);

/* Finds the member of an object. */
bool instance_member(const struct instance *object, struct slice name, struct allowance *allowance,
                     struct instance *out);

bool instance_equal(const struct instance *left, const struct instance *right,
                    struct allowance *allowance);

/* The indices of two equal items; false when all differ. */
bool instance_find_twins(const struct instance *array, struct allowance *allowance,
                         uint32_t twins[2]);

#endif

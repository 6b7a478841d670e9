/*
 * A hash map from text to a pointer; keys are borrowed. Insertion order is not kept: keep a list
 * beside it where order matters.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "compiler/base/str.h"

struct map_slot {
    struct str key;
    void *value; /* NULL: the slot is free */
};

/* Starts as {.arena = arena}. */
struct map {
    struct arena *arena;
    struct map_slot *slots;
    size_t count, capacity; /* capacity is 0 or a power of two */
};

/* The value, or NULL. */
void *map_get(const struct map *map, struct str key);

/* Sets the value (never NULL) unless the key is there already; gives the earlier value or NULL. */
void *map_add(struct map *map, struct str key, void *value);

#endif

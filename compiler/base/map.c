/*
 * Open addressing with linear probing, at most 3/4 full.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/map.h"

static struct map_slot *find(const struct map *map, struct str key)
{
    size_t mask = map->capacity - 1;
    size_t at = (size_t)(str_hash(key) >> 16) & mask;
    while (map->slots[at].value && !str_equal(map->slots[at].key, key))
        at = (at + 1) & mask;
    return &map->slots[at];
}

static void grow(struct map *map)
{
    struct map bigger = {.arena = map->arena, .capacity = map->capacity ? map->capacity * 2 : 16};
    bigger.slots = arena_array(map->arena, bigger.capacity, sizeof *bigger.slots);
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].value)
            *find(&bigger, map->slots[i].key) = map->slots[i];
    bigger.count = map->count;
    *map = bigger;
}

void *map_get(const struct map *map, struct str key)
{
    return map->capacity ? find(map, key)->value : NULL;
}

void *map_add(struct map *map, struct str key, void *value)
{
    if (map->count >= map->capacity / 4 * 3)
        grow(map);
    struct map_slot *slot = find(map, key);
    if (slot->value)
        return slot->value;
    *slot = (struct map_slot){key, value};
    map->count++;
    return NULL;
}

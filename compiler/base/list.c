/*
 * Growth by doubling; the old array stays in the arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/list.h"

#include <string.h>

void *list_reserve(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? *capacity * 2 : 8;
    void *bigger = arena_array(arena, *capacity, size);
    if (count)
        memcpy(bigger, items, count * size);
    return bigger;
}

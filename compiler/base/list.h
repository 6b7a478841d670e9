/*
 * A growing array in an arena:
 *
 *     struct { struct tool *at; size_t count, capacity; } tools = {0};
 *     *list_add(arena, &tools) = tool;
 *
 * LIST(type) declares the struct. Adding may move the array: keep indices, not pointers, or
 * store pointers in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "compiler/base/arena.h"

#define LIST(type)              \
    struct {                    \
        type *at;               \
        size_t count, capacity; \
    }

/* A pointer to a new, zeroed item at the end. */
#define list_add(arena, list)                                                                     \
    ((list)->at =                                                                                 \
         list_reserve((arena), (list)->at, (list)->count, &(list)->capacity, sizeof *(list)->at), \
     (list)->count++, &(list)->at[(list)->count - 1])

/* `items`, or a larger copy of it, with room for one more. */
void *list_reserve(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size);

#endif

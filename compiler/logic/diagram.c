/*
 * The store: nodes, the unique table that keeps equal ones one, and the memory of what was
 * computed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/logic/diagram.h"

#include <string.h>

enum { FIRST_CAPACITY = 1024 };

/* A computed `choose`; condition is an index of a node, so that 0, 0, 0 never occurs. */
struct memory {
    diagram condition, yes, no, result;
};

struct diagram_store {
    struct arena *arena;
    LIST(struct mcpp_node) nodes;
    uint32_t *unique; /* index of a node + 1; 0: free */
    size_t unique_capacity;
    struct memory *memories;
    size_t memory_count, memory_capacity;
    uint64_t node_max;
    bool is_too_large;
};

struct diagram_store *diagram_store_new(struct arena *arena)
{
    struct diagram_store *store = arena_new(arena, struct diagram_store);
    *store = (struct diagram_store){.arena = arena,
                                    .unique_capacity = FIRST_CAPACITY,
                                    .memory_capacity = FIRST_CAPACITY,
                                    .node_max = UINT32_MAX / 4};
    store->unique = arena_array(arena, store->unique_capacity, sizeof *store->unique);
    store->memories = arena_array(arena, store->memory_capacity, sizeof *store->memories);
    return store;
}

void diagram_set_budget(struct diagram_store *store, uint32_t nodes)
{
    store->node_max = (uint64_t)store->nodes.count + nodes;
    store->is_too_large = false;
}

bool diagram_is_too_large(const struct diagram_store *store)
{
    return store->is_too_large;
}

static size_t hash_of(uint32_t a, uint32_t b, uint32_t c)
{
    uint64_t hash = a * UINT64_C(0x9e3779b97f4a7c15) ^ b * UINT64_C(0xc2b2ae3d27d4eb4f) ^
                    c * UINT64_C(0x165667b19e3779f9);
    hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return (size_t)(hash ^ hash >> 29);
}

/* ---- nodes ---- */

static uint32_t *find_unique(struct diagram_store *store, const struct mcpp_node *node)
{
    size_t mask = store->unique_capacity - 1;
    size_t at = hash_of(node->variable, node->no, node->yes) & mask;
    while (store->unique[at] &&
           memcmp(&store->nodes.at[store->unique[at] - 1], node, sizeof *node) != 0)
        at = (at + 1) & mask;
    return &store->unique[at];
}

static void grow_unique(struct diagram_store *store)
{
    store->unique_capacity *= 2;
    store->unique = arena_array(store->arena, store->unique_capacity, sizeof *store->unique);
    for (uint32_t i = 0; i < store->nodes.count; i++)
        *find_unique(store, &store->nodes.at[i]) = i + 1;
}

diagram diagram_node(struct diagram_store *store, uint32_t variable, diagram no, diagram yes)
{
    struct mcpp_node node = {variable, no, yes};
    if (no == yes)
        return no;
    uint32_t *place = find_unique(store, &node);
    if (*place)
        return *place - 1;
    if (store->nodes.count >= store->node_max) {
        store->is_too_large = true;
        return MCPP_FAILS;
    }
    *list_add(store->arena, &store->nodes) = node;
    *place = (uint32_t)store->nodes.count;
    if (store->nodes.count >= store->unique_capacity / 2)
        grow_unique(store);
    return (uint32_t)store->nodes.count - 1;
}

diagram diagram_of_variable(struct diagram_store *store, uint32_t variable)
{
    return diagram_node(store, variable, MCPP_FAILS, MCPP_HOLDS);
}

const struct mcpp_node *diagram_at(const struct diagram_store *store, diagram node)
{
    return &store->nodes.at[node];
}

uint32_t diagram_count(const struct diagram_store *store)
{
    return (uint32_t)store->nodes.count;
}

/* ---- choosing ---- */

static struct memory *find_memory(struct diagram_store *store, diagram condition, diagram yes,
                                  diagram no)
{
    size_t mask = store->memory_capacity - 1;
    size_t at = hash_of(condition, yes, no) & mask;
    for (;; at = (at + 1) & mask) {
        struct memory *memory = &store->memories[at];
        bool is_free = memory->yes == memory->no;
        if (is_free || (memory->condition == condition && memory->yes == yes && memory->no == no))
            return memory;
    }
}

static void remember(struct diagram_store *store, const struct memory *computed)
{
    if (store->memory_count >= store->memory_capacity / 2) {
        struct memory *old = store->memories;
        size_t count = store->memory_capacity;
        store->memory_capacity *= 2;
        store->memories = arena_array(store->arena, store->memory_capacity, sizeof *old);
        for (size_t i = 0; i < count; i++)
            if (old[i].yes != old[i].no)
                *find_memory(store, old[i].condition, old[i].yes, old[i].no) = old[i];
    }
    *find_memory(store, computed->condition, computed->yes, computed->no) = *computed;
    store->memory_count++;
}

static uint32_t variable_of(const struct diagram_store *store, diagram at)
{
    return diagram_is_outcome(at) ? UINT32_MAX : store->nodes.at[at].variable;
}

/* The function where the variable, which none before it is, has this value. */
static diagram part(const struct diagram_store *store, diagram of, uint32_t variable, bool value)
{
    if (variable_of(store, of) != variable)
        return of;
    return value ? store->nodes.at[of].yes : store->nodes.at[of].no;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* As deep as there are variables. */
diagram diagram_choose(struct diagram_store *store, diagram condition, diagram yes, diagram no)
{
    if (store->is_too_large)
        return MCPP_FAILS;
    if (condition == MCPP_HOLDS || yes == no)
        return yes;
    if (condition == MCPP_FAILS)
        return no;
    if (yes == MCPP_HOLDS && no == MCPP_FAILS)
        return condition;
    const struct memory *known = find_memory(store, condition, yes, no);
    if (known->yes != known->no)
        return known->result;
    uint32_t variable = least(variable_of(store, condition),
                              least(variable_of(store, yes), variable_of(store, no)));
    diagram parts[2];
    for (int value = 0; value < 2; value++)
        parts[value] =
            diagram_choose(store, part(store, condition, variable, value),
                           part(store, yes, variable, value), part(store, no, variable, value));
    struct memory computed = {condition, yes, no,
                              diagram_node(store, variable, parts[0], parts[1])};
    if (!store->is_too_large)
        remember(store, &computed);
    return computed.result;
}

diagram diagram_and(struct diagram_store *store, diagram left, diagram right)
{
    return diagram_choose(store, left, right, MCPP_FAILS);
}

diagram diagram_or(struct diagram_store *store, diagram left, diagram right)
{
    return diagram_choose(store, left, MCPP_HOLDS, right);
}

diagram diagram_not(struct diagram_store *store, diagram condition)
{
    return diagram_choose(store, condition, MCPP_FAILS, MCPP_HOLDS);
}

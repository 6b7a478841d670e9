/*
 * The order is that of a depth-first walk backwards: a node comes before all that it leads to, and
 * the nodes of a root stand together, those of the first root first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/nodes.h"

struct walk {
    const struct diagram_store *store;
    uint32_t *places; /* of each node of the store, counted from the end; 0: not seen */
    diagram *order;   /* last node first */
    uint32_t count;
};

static void visit(struct walk *walk, diagram at)
{
    if (diagram_is_outcome(at) || walk->places[at])
        return;
    visit(walk, diagram_at(walk->store, at)->yes);
    visit(walk, diagram_at(walk->store, at)->no);
    walk->order[walk->count++] = at;
    walk->places[at] = walk->count;
}

static uint32_t place_of(const struct walk *walk, diagram at)
{
    return diagram_is_outcome(at) ? at : walk->count - walk->places[at];
}

/* Later roots overwrite nothing: the first root to lead to a node is its user. */
static void mark_user(const struct nodes *nodes, uint32_t *users, uint32_t at, uint32_t root)
{
    if (diagram_is_outcome(at) || users[at] != MCPP_NONE)
        return;
    users[at] = root;
    mark_user(nodes, users, nodes->at[at].no, root);
    mark_user(nodes, users, nodes->at[at].yes, root);
}

void nodes_lay_out(const struct diagram_store *store, const diagram *roots, uint32_t count,
                   struct arena *arena, struct nodes *out)
{
    uint32_t stored = diagram_count(store);
    struct arena scratch = {0};
    struct walk walk = {.store = store,
                        .places = arena_array(&scratch, stored, sizeof(uint32_t)),
                        .order = arena_array(&scratch, stored, sizeof(diagram))};
    for (uint32_t i = count; i-- > 0;)
        visit(&walk, roots[i]);
    struct mcpp_node *nodes = arena_array(arena, walk.count, sizeof *nodes);
    uint32_t *laid = arena_array(arena, count, sizeof *laid);
    uint32_t *users = arena_array(arena, walk.count, sizeof *users);
    for (uint32_t i = 0; i < walk.count; i++) {
        const struct mcpp_node *from = diagram_at(store, walk.order[walk.count - 1 - i]);
        nodes[i] = (struct mcpp_node){from->variable, place_of(&walk, from->no),
                                      place_of(&walk, from->yes)};
        users[i] = MCPP_NONE;
    }
    *out = (struct nodes){nodes, walk.count, laid, users};
    for (uint32_t i = 0; i < count; i++) {
        laid[i] = place_of(&walk, roots[i]);
        mark_user(out, users, laid[i], i);
    }
    arena_free(&scratch);
}

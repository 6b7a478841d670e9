/*
 * Lays the diagrams of a policy out as one array in which every node leads to later ones only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_NODES_H
#define TABLES_NODES_H

#include "compiler/logic/diagram.h"

struct nodes {
    const struct mcpp_node *at;
    uint32_t count;
    const uint32_t *roots; /* in the array, for each root that was given */
    const uint32_t *users; /* the first root that leads to the node */
};

void nodes_lay_out(const struct diagram_store *store, const diagram *roots, uint32_t count,
                   struct arena *arena, struct nodes *out);

#endif

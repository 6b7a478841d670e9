/*
 * Reduced ordered decision diagrams with several outcomes (Bryant 1986; Clarke et al. 1993), all in
 * one store in which equal functions are one node: two functions are the same exactly when their
 * references are. References and outcomes are those of <mcpp/policy.h>.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOGIC_DIAGRAM_H
#define LOGIC_DIAGRAM_H

#include "compiler/base/list.h"
#include <mcpp/policy.h>
#include <stdbool.h>

/* The index of a node, or an outcome. Yes-or-no functions have MCPP_HOLDS and MCPP_FAILS. */
typedef uint32_t diagram;

struct diagram_store;

struct diagram_store *diagram_store_new(struct arena *arena);

/* So many more nodes may be made from now on; past that `diagram_is_too_large`, and what the
 * functions below give means nothing. */
void diagram_set_budget(struct diagram_store *store, uint32_t nodes);
bool diagram_is_too_large(const struct diagram_store *store);

/* `variable ? yes : no`, where both depend on later variables alone. */
diagram diagram_node(struct diagram_store *store, uint32_t variable, diagram no, diagram yes);
diagram diagram_of_variable(struct diagram_store *store, uint32_t variable);

/* `condition ? yes : no`; the condition is a yes-or-no function, the others are any. */
diagram diagram_choose(struct diagram_store *store, diagram condition, diagram yes, diagram no);
diagram diagram_and(struct diagram_store *store, diagram left, diagram right);
diagram diagram_or(struct diagram_store *store, diagram left, diagram right);
diagram diagram_not(struct diagram_store *store, diagram condition);

static inline bool diagram_is_outcome(diagram at)
{
    return at & MCPP_OUTCOME;
}

/* What a reference that is no outcome stands for. */
const struct mcpp_node *diagram_at(const struct diagram_store *store, diagram node);
uint32_t diagram_count(const struct diagram_store *store); /* of nodes ever made */

#endif

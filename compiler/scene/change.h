/*
 * What would have to be otherwise: the fewest atoms that turn a call that is not allowed into one
 * that is, or the other way round, among what can hold together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SCENE_CHANGE_H
#define SCENE_CHANGE_H

#include "compiler/analysis/space.h"
#include "compiler/logic/trial.h"

struct change {
    uint32_t atom;
    bool holds; /* then */
};

struct changes {
    LIST(struct change) list;
    bool is_possible;
};

/* Whether each atom of the policy holds for a caller and call. */
const bool *change_values(const struct logic *logic, const struct trial *trial,
                          struct arena *arena);

/* `to_allowed`: so that the tool may be called; else so that it may not. */
struct changes change_find(const struct logic *logic, const struct trial *trial, bool to_allowed,
                           struct arena *arena);

#endif

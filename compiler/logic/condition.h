/*
 * Conditions of the policy as diagrams over atoms.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOGIC_CONDITION_H
#define LOGIC_CONDITION_H

#include "compiler/logic/atom.h"
#include "compiler/logic/diagram.h"

/* For whom: any caller, or the local operator, who holds every scope and role and has no claims. */
enum condition_view { VIEW_CALLER, VIEW_OPERATOR };

struct condition_builder {
    struct diagram_store *store;
    const struct atoms *atoms;
    enum condition_view view;
};

diagram condition_build(const struct condition_builder *builder, const struct condition *condition);

/* `when C unless D`; what is not there does not restrict. */
diagram condition_build_guard(const struct condition_builder *builder, struct guard guard);

#endif

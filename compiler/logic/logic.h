/*
 * Border 6: what the policy decides, as functions of atoms. Made from a checked policy; knows
 * nothing of bits, C or HTTP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOGIC_LOGIC_H
#define LOGIC_LOGIC_H

#include "compiler/logic/condition.h"

struct tool_logic {
    diagram shown;             /* MCPP_ALLOW or MCPP_HIDDEN */
    diagram decision;          /* and MCPP_NEEDS, MCPP_DENY(rule) */
    diagram operator_decision; /* of the local operator */
    const uint32_t *tests;     /* atoms of arguments in its rules, ascending */
    uint32_t test_count;
};

struct logic {
    const struct policy *policy;
    struct atoms atoms;
    struct diagram_store *store;
    const diagram *derived; /* of the policy's derivations, in their order: yes or no */
    const struct tool_logic *tools;
};

/* A function of this many nodes is more than anybody can mean. */
enum { LOGIC_NODES_MAX = 1 << 16 };

/* False and a reported error when something is too complex. */
bool logic_build(const struct policy *policy, struct arena *arena, struct diag_list *diags,
                 struct logic *out);

#endif

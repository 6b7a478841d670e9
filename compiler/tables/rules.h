/*
 * The tables of what a policy decides with, beside the diagrams: rules, derived facts, limits, what
 * the operator is narrowed to, and what belongs to each tool of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_RULES_H
#define TABLES_RULES_H

#include "compiler/logic/logic.h"
#include "compiler/tables/exact.h"

/* Indices of MCPP_DENY are those of the policy's rules, so that all of these are there. */
const struct mcpp_rule *rules_build(const struct policy *policy, const struct exact *exact);

const struct mcpp_claim *claims_build(const struct policy *policy, const struct exact *exact);

const struct mcpp_limit *limits_build(const struct policy *policy, const struct exact *exact);

/* NULL: the operator holds everything. */
const struct mcpp_operator *operator_build(const struct policy *policy, const struct exact *exact);

/* For each tool the limits that count its calls. */
struct tool_limits {
    const uint16_t *at;
    uint16_t count;
};

const struct tool_limits *tool_limits_build(const struct policy *policy, const struct exact *exact);

const struct mcpp_fill *fills_build(const struct tool *tool, const struct exact *exact);

/* The input schema without the arguments that claims fill in. */
struct str schema_without_fills(const struct tool *tool, struct arena *arena);

#endif

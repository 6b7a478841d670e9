/*
 * A warning about policies with more tools than a model chooses well among.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MCPC_MANY_TOOLS_H
#define MCPC_MANY_TOOLS_H

#include "compiler/policy/check.h"

/* Names the tags with their numbers of tools, the largest first. */
void many_tools_check(const struct policy *policy, uint32_t max, struct diag_list *diags);

#endif

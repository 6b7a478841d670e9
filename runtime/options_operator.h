/*
 * --as-scopes, --as-roles and --as-claim: what is left to the local operator.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_OPTIONS_OPERATOR_H
#define RUNTIME_OPTIONS_OPERATOR_H

#include "runtime/options_table.h"

/* Sets `narrowed` of the options when one of the three was given. False and noted: the policy knows
 * no such scope, role or claim, or callers show tokens. */
bool options_narrow_operator(struct reading *reading, const struct mcpp_policy *policy);

#endif

/*
 * The accepted verifiers as the arrays of <mcpp/policy.h>.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_VERIFIERS_H
#define TABLES_VERIFIERS_H

#include "compiler/policy/check.h"
#include "compiler/tables/exact.h"

const struct mcpp_verifier *verifiers_build(const struct policy *policy, const struct exact *exact);

#endif

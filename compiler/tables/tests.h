/*
 * Tests of claims and arguments as the tables have them, and the claims that anything looks at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_TESTS_H
#define TABLES_TESTS_H

#include "compiler/logic/atom.h"
#include <mcpp/policy.h>

struct tests {
    const struct mcpp_test *at; /* of arguments in the order of their atoms, then of claims */
    uint32_t count, argument_count;
    const uint32_t *atoms; /* the atom of each */
};

void tests_build(const struct atoms *atoms, struct arena *arena, struct tests *out);

#endif

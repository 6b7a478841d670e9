/*
 * What a test of a claim or an argument says about another test of the same value: more than 100 is
 * more than 50 and not less than 20. What is found is certain; not everything is found.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ANALYSIS_RELATION_H
#define ANALYSIS_RELATION_H

#include "compiler/policy/ast.h"

enum relation {
    RELATION_NONE,
    RELATION_IMPLIES,  /* where the left one holds, the right one does */
    RELATION_EXCLUDES, /* where the left one holds, the right one does not */
};

/* `!=` counts as the `==` that it denies. */
enum relation relation_of(const struct condition *left, const struct condition *right);

#endif

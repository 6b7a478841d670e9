/*
 * Turns a tool's `needs` into what a caller can ask an issuer for: alternatives of sets of scopes,
 * each as small as it can be and none of them covered by another. Roles become the scopes that
 * grant them; what no scope grants drops out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_NEEDS_H
#define TABLES_NEEDS_H

#include "compiler/tables/facts.h"

/* More alternatives than this would make a policy that nobody can read. */
enum { NEEDS_SETS_MAX = 256 };

/* False when there are more than NEEDS_SETS_MAX alternatives. The sets come with fewest facts
 * first, then in the order of the condition. */
bool needs_build(const struct facts *facts, const struct condition *condition, struct arena *arena,
                 struct mcpp_any_of *out);

#endif

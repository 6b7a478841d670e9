/*
 * Turns a condition into alternatives of sets of facts, each alternative as small as it can be and
 * none of them covered by another. Takes conditions of a checked policy; gives what <mcpp/policy.h>
 * holds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_NEEDS_H
#define TABLES_NEEDS_H

#include "compiler/tables/facts.h"

/* More alternatives than this would make a decision slow and a policy nobody can read. */
enum { NEEDS_SETS_MAX = 256 };

/* False when there are more than NEEDS_SETS_MAX alternatives. The sets come with fewest facts
 * first, then in the order of the condition. */
bool needs_build(const struct policy *policy, const struct facts *facts,
                 const struct condition *condition, struct arena *arena, struct mcpp_any_of *out);

/* What the condition says about a caller with these facts, word by word: the judge of the tables.
 * The set must be closed (facts_close). */
bool needs_hold(const struct policy *policy, const struct condition *condition,
                const uint64_t *facts);

#endif

/*
 * Whether a result keeps to the tool's output schema, where the policy says `output validated`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_OUTPUT_H
#define BACKEND_OUTPUT_H

#include <mcpp/policy.h>

#include "runtime/memory/pool.h"

struct schema_cache;

/* NULL when it does, or nobody asks; else what is wrong, a line each, in words for a model. What
 * cannot be checked does not pass. `structured` is JSON with a readable byte behind its end. */
const char *output_problem(struct schema_cache *schemas, const struct mcpp_tool *tool,
                           struct slice structured, struct pool *pool);

#endif

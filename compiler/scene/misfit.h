/*
 * Arguments against a tool's input schema, by the server's own code. Apart from the rest because
 * schemas and policies both speak of rules.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SCENE_MISFIT_H
#define SCENE_MISFIT_H

#include "compiler/base/str.h"
#include "runtime/decide/test.h"
#include "runtime/memory/pool.h"

/* What is wrong, in lines that begin with "- "; empty: nothing. Lives in the pool. */
struct str misfit_find(struct pool *pool, const char *input_schema,
                       const struct json_place *arguments);

#endif

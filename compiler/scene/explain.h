/*
 * Says what a policy decides about one call, and why: each rule with its place and its value, and
 * what would change the decision.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SCENE_EXPLAIN_H
#define SCENE_EXPLAIN_H

#include "compiler/scene/scene.h"

/* False when the claims or arguments are no JSON objects. */
bool explain(const struct tables *tables, const struct scene_caller *caller, uint32_t tool,
             struct str arguments, struct arena *arena, struct str_builder *out);

#endif

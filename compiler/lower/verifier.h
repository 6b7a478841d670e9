/*
 * The verifier of a lowered policy, from what the document says about its tokens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_VERIFIER_H
#define LOWER_VERIFIER_H

#include "compiler/lower/lowering.h"

/* Adds `verifier` and `accept`. */
void verifier_lower(struct lowering *lowering);

#endif

/*
 * Which facts can hold together: a caller with a scope has a token, one verifier accepts it, a
 * claim is not equal to two texts, a number above 100 is above 50. Conditions that differ only
 * where no caller can be are the same here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ANALYSIS_SPACE_H
#define ANALYSIS_SPACE_H

#include "compiler/logic/logic.h"

struct space {
    const struct logic *logic;
    struct condition_builder builder; /* for any caller */
    diagram possible;                 /* yes-or-no: the facts and tests that can hold together */
};

struct space space_build(const struct logic *logic);

/* Some caller and call satisfy it; also when it is too complex to tell. */
bool space_meets(const struct space *space, diagram condition);

#endif

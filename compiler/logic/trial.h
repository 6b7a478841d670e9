/*
 * Random callers and calls for a policy, close to what its conditions ask about: values that a test
 * names, their neighbours, and the same of a wrong type. The same seed gives the same trials.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOGIC_TRIAL_H
#define LOGIC_TRIAL_H

#include "compiler/logic/atom.h"
#include "compiler/logic/evaluate.h"

/* Where the claims of a trial list scopes and roles: no policy can name these. */
#define TRIAL_SCOPES "\x01scopes"
#define TRIAL_ROLES "\x01roles"

struct trial {
    struct evaluate_caller caller;
    struct str claims; /* JSON */
    uint32_t tool;
    struct evaluate_json arguments;
    struct str arguments_text; /* JSON; empty: none */
};

struct random {
    uint64_t state; /* not 0 */
};

/* Below `bound`, which is at least 1. */
uint32_t random_below(struct random *random, uint32_t bound);

/* Everything lives in the arena. */
void trial_make(const struct atoms *atoms, uint32_t tool, struct random *random,
                struct arena *arena, struct trial *out);

/* "verified scopes a b claims {…} | tool {…}", for messages. */
struct str trial_text(const struct policy *policy, const struct trial *trial, struct arena *arena);

#endif

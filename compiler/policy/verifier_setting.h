/*
 * The settings in a verifier's block, one `name value…` line each. check_verifier.c decides what a
 * verifier must have. Not for other stages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_VERIFIER_SETTING_H
#define POLICY_VERIFIER_SETTING_H

#include "compiler/policy/checker.h"

/* Reads the block into `verifier`, whose kind says which settings there are. Gives the settings
 * that were there, for verifier_setting_given. */
struct given_settings {
    const struct setting *at[16];
};

struct given_settings verifier_read_settings(struct checker *checker, struct settings block,
                                             struct verifier *verifier);

/* NULL: it was not. */
const struct setting *verifier_setting_given(const struct given_settings *given, const char *name);

#endif

/*
 * What a configuration (config.h) becomes in a policy, beside its verifiers and timeouts: rules
 * about the tools that were lowered.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_CONFIG_LOWER_H
#define LOWER_CONFIG_LOWER_H

#include "compiler/lower/lowering.h"

/* Adds `deny`, `hide` and `limit` statements, and a comment with what the server is to be told. */
void config_lower_rules(struct lowering *lowering);

#endif

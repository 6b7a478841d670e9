/*
 * The credentials of a lowered policy: the default token, and API keys for the tools that the
 * document protects with nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_CREDENTIAL_H
#define LOWER_CREDENTIAL_H

#include "compiler/lower/lowering.h"

/* Adds the `send` statements. */
void credential_lower(struct lowering *lowering);

#endif

/*
 * What goes to the backend, as tables: credentials, and for each `send` its alternatives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_CREDENTIALS_H
#define TABLES_CREDENTIALS_H

#include "compiler/policy/check.h"
#include "compiler/tables/exact.h"

/* There are at most UINT16_MAX of each, or that is reported. */
const struct mcpp_credential *credentials_build(const struct policy *policy,
                                                const struct exact *exact);
const struct mcpp_choice *choices_build(const struct policy *policy, const struct exact *exact);

/* The choices of a tool, as indices. */
const uint16_t *tool_choices_build(const struct tool *tool, struct arena *arena);

/* What a credential may be called in policy.c: by its label, or by the secret that it sends. */
struct str credential_title(const struct policy *policy, uint32_t index);
/* "send KEY and OTHER or TOKEN" */
struct str choice_title(const struct policy *policy, uint32_t send, struct arena *arena);

#endif

/*
 * Makes a server program of a policy.c: runs the C compiler with what pkg-config says about the
 * package `mcpp`. Knows nothing of policies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef COMMANDS_LINK_H
#define COMMANDS_LINK_H

#include "compiler/base/diag.h"

/* Compiles the C text and links it into the program `output`, which appears only when all went
 * well. False and diagnostics when not. */
bool link_program(struct str policy_c, const char *output, struct arena *arena,
                  struct diag_list *diags);

#endif

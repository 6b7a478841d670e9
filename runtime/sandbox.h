/*
 * What the process may do once it serves (--sandbox): no programs, no files but those it needs, no
 * system calls that a server never makes. By Landlock and seccomp; holds for all threads that start
 * afterwards.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_SANDBOX_H
#define RUNTIME_SANDBOX_H

#include "runtime/options.h"

/* `tokens`: the file of tokens, which is replaced; empty: none. False and a logged reason when the
 * kernel cannot do it: then nothing is served. */
bool sandbox_enter(const struct options *options, const char *tokens);

#endif

/*
 * Refuses a path that is another operation of the API: see `siblings` in struct mcpp_tool.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_SIBLING_H
#define BACKEND_SIBLING_H

#include <mcpp/policy.h>

#include "runtime/memory/slice.h"

/* The template of the sibling that the path, as it would be sent, stands for; NULL when it is none
 * of them. Segments compare percent-decoded and without case, as a backend may. */
const char *sibling_named(const struct mcpp_tool *tool, struct slice path);

/* Whether the path is what the template stands for, compared likewise. */
bool sibling_matches(struct slice template, struct slice path);

#endif

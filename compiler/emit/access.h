/*
 * Writes what may be asked of callers: facts, sets of facts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EMIT_ACCESS_H
#define EMIT_ACCESS_H

#include "compiler/emit/emit.h"

void emit_facts(const struct emission *emission, struct str_builder *out);
void emit_needs(const struct emission *emission, struct str_builder *out);

#endif

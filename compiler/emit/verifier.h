/*
 * Writes the accepted verifiers. A field that says nothing is left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EMIT_VERIFIER_H
#define EMIT_VERIFIER_H

#include "compiler/emit/emit.h"

void emit_verifiers(const struct emission *emission, struct str_builder *out);

#endif

/*
 * What goes to the backend, as C: credentials, and the alternatives of each `send`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EMIT_CREDENTIALS_H
#define EMIT_CREDENTIALS_H

#include "compiler/emit/emit.h"

void emit_credentials(const struct emission *emission, struct str_builder *out);

#endif

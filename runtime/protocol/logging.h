/*
 * logging/setLevel (legacy revisions): which log messages a client wants to get.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_LOGGING_H
#define PROTOCOL_LOGGING_H

#include "runtime/protocol/turn.h"

void logging_set_level(struct turn *turn);

#endif

/*
 * From the bytes of an exchange to the functions that answer its messages. The caller is known by
 * now.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_DISPATCH_H
#define PROTOCOL_DISPATCH_H

#include "runtime/protocol/turn.h"

void dispatch_start(struct turn *turn);

#endif

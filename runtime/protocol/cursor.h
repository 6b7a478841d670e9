/*
 * Cursors of lists: where the next page starts, sealed, so that a client cannot point elsewhere or
 * learn how many tools it does not see.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_CURSOR_H
#define PROTOCOL_CURSOR_H

#include "runtime/protocol/seal.h"

bool cursor_write(const uint8_t key[static SEAL_KEY], uint32_t tool,
                  char out[static SEAL_TEXT_MAX]);
bool cursor_read(const uint8_t key[static SEAL_KEY], struct slice cursor, uint32_t *tool);

#endif

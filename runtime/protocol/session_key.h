/*
 * The key that session ids and cursors are sealed with: drawn at start, or, where several instances
 * must take each other's, made from a secret that all of them are given (--session-key).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_SESSION_KEY_H
#define PROTOCOL_SESSION_KEY_H

#include "runtime/protocol/seal.h"

enum { SESSION_KEY_LEAST = 32 }; /* bytes of the secret */

/* `source` is "env:NAME", or the name of a file; NULL: a random key. The variable is wiped. False
 * and a logged reason when there is no such secret or it is too short to be one. */
bool session_key_make(const char *source, uint8_t out[static SEAL_KEY]);

#endif

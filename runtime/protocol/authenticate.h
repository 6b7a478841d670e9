/*
 * Who sends this request: the Authorization header (RFC 6750) becomes the exchange's caller, or the
 * request is answered with a challenge. HTTP only, and only where tokens are validated.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_AUTHENTICATE_H
#define PROTOCOL_AUTHENTICATE_H

#include "runtime/identity/challenge.h"
#include "runtime/protocol/turn.h"

/* Calls `go_on` when the caller is known, now or later; else the request is answered. */
void authenticate(struct turn *turn, void (*go_on)(struct turn *turn));

/* Adds the WWW-Authenticate header to the answer. `wanted`: the facts to ask for, or NULL. */
void authenticate_add_challenge(struct turn *turn, enum challenge_kind kind,
                                const uint64_t *wanted);

#endif

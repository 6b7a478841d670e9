/*
 * Signatures (RFC 7515, RFC 7518 section 3): public keys prepared once, checked many times on kept
 * contexts. A key serves exactly one algorithm, so a token cannot choose how a key is used. Knows
 * nothing of tokens and key sets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_JWS_VERIFY_H
#define IDENTITY_JWS_VERIFY_H

#include <mcpp/policy.h>

#include "runtime/memory/slice.h"

/* For one thread: the contexts inside are used again for each signature. */
struct jws_key;

/* RS256. Big-endian numbers; 2048 to 8192 bits, both odd, e from 3 to 2^64. NULL: *cause says why
 * the key is not taken. */
struct jws_key *jws_key_open_rsa(struct slice modulus, struct slice exponent, const char **cause);

/* ES256. The coordinates are 32 bytes each and must be a point of P-256. */
struct jws_key *jws_key_open_p256(struct slice x, struct slice y, const char **cause);

void jws_key_close(struct jws_key *key); /* NULL is fine */

bool jws_verify(struct jws_key *key, struct slice signed_text, struct slice signature);

#endif

/*
 * Signatures (RFC 7515, RFC 7518 section 3, RFC 8037): keys prepared once, checked many times on
 * kept contexts. What algorithms a key serves is fixed when it is opened, so a token cannot choose
 * how a key is used. Knows nothing of tokens and key sets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_JWS_VERIFY_H
#define IDENTITY_JWS_VERIFY_H

#include <mcpp/policy.h>

#include "runtime/memory/slice.h"

/* For one thread: the contexts inside are used again for each signature. */
struct jws_key;

/* Each gives NULL and in *cause why the key is not taken. */

/* RS and PS: `algorithms` is the one that the key is published for, or all. Big-endian numbers;
 * 2048 to 8192 bits, both odd, e from 3 to 2^64. */
struct jws_key *jws_key_open_rsa(struct slice modulus, struct slice exponent, uint32_t algorithms,
                                 const char **cause);

/* ES256, ES384, ES512 with P-256, P-384, P-521. The coordinates have exactly the curve's size and
 * must be a point of it. */
struct jws_key *jws_key_open_ec(enum mcpp_algorithm algorithm, struct slice x, struct slice y,
                                const char **cause);

/* Ed25519 or Ed448 by the size of the key, 32 or 57 bytes. */
struct jws_key *jws_key_open_edwards(struct slice x, uint32_t algorithms, const char **cause);

/* HS256, HS384, HS512: a secret at least as long as the longest digest (RFC 7518, section 3.2). It
 * is wiped when the key is closed. */
struct jws_key *jws_key_open_secret(struct slice secret, uint32_t algorithms, const char **cause);

void jws_key_close(struct jws_key *key); /* NULL is fine */

/* What it may be used with, of enum mcpp_algorithm. */
uint32_t jws_key_algorithms(const struct jws_key *key);

/* False too for an algorithm that is not the key's. */
bool jws_verify(struct jws_key *key, enum mcpp_algorithm algorithm, struct slice signed_text,
                struct slice signature);

#endif

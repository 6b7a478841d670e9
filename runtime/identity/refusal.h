/*
 * What the log says beside the cause when a token is refused: what it shows of itself, and what its
 * verifier wants. For operators; callers get one answer for everything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_REFUSAL_H
#define IDENTITY_REFUSAL_H

#include "runtime/identity/jwt.h"
#include "runtime/identity/jwt_claims.h"

/* " token.iss=… token.aud=… verifier=… wants.issuer=…", claims as JSON strings and cut, so that
 * they stay on the line and between their quotes. `verifier` may be NULL: nobody has the issuer.
 * Never the token nor its signature. In `pool`; empty when there is no memory. */
struct slice refusal_describe(const struct jwt *jwt, const char *verifier,
                              const struct claim_rules *rules, struct pool *pool);

#endif

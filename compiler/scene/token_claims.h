/*
 * The claims of an access token in a file, for questions about it. Nothing is verified: what a
 * token would be good for does not depend on who signed it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SCENE_TOKEN_CLAIMS_H
#define SCENE_TOKEN_CLAIMS_H

#include "compiler/scene/scene.h"

/* `text` is a JWT or a JSON object of claims. False and the reason when it is neither. */
bool token_claims_read(struct str text, struct arena *arena, struct str *claims,
                       const char **error);

/* The caller that the claims make: the verifier whose issuer they name, with the scopes and roles
 * that it reads out of them. False: no accepted verifier has that issuer. */
bool token_claims_caller(const struct policy *policy, struct str claims, struct str transport,
                         struct arena *arena, struct scene_caller *out);

#endif

/*
 * Extensions that say how tokens are verified: x-issuer, x-jwks-uri, x-audience and Google's
 * spelling of the same. On a security scheme, on the document or in its info.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_EXTENSION_H
#define OPENAPI_EXTENSION_H

#include "compiler/openapi/build.h"

struct token_extensions {
    struct str issuer, jwks, audience; /* empty: none */
};

/* What is set in *extensions already stays. */
void extension_read(struct build *build, const struct node *node,
                    struct token_extensions *extensions);

#endif

/*
 * Signed JWTs that this server makes: to authenticate as a client (RFC 7523, section 2.2) or as a
 * grant (section 2.1). The key's type says the algorithm: RS256, ES256, ES384 or EdDSA.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_ASSERTION_H
#define OAUTH2_ASSERTION_H

#include <openssl/evp.h>

#include "runtime/memory/secret_text.h"

enum { ASSERTION_LIFE = 60 }; /* seconds */

/* The private key in a PEM text; NULL and the reason when it cannot sign. */
EVP_PKEY *assertion_key(struct slice pem, const char **reason);

struct assertion {
    struct slice issuer, subject, audience;
    const char *key_id; /* "": none */
};

/* Adds the compact JWT, good for ASSERTION_LIFE from now and with an id of its own. False: out of
 * memory or of randomness. */
bool assertion_sign(EVP_PKEY *key, const struct assertion *assertion, struct secret_text *out);

#endif

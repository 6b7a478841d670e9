/*
 * Signed JWTs that this server makes: to authenticate as a client (RFC 7523, section 2.2) or as a
 * grant (section 2.1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_ASSERTION_H
#define OAUTH2_ASSERTION_H

#include <openssl/evp.h>

#include "runtime/memory/secret_text.h"

enum { ASSERTION_LIFE = 60 }; /* seconds */

/* The JWS algorithms that are known for one kind of key, in the order of preference:
 *   RSA      RS256, PS256, RS384, PS384, RS512, PS512
 *   EC       the one of its curve: ES256, ES384, ES512
 *   Ed25519  EdDSA, Ed25519 (RFC 9864); Ed448 likewise */

/* The private key in a PEM text; NULL and the reason when it cannot sign. */
EVP_PKEY *assertion_key(struct slice pem, const char **reason);

/* The algorithm to sign with: `wanted` where that is not "", else the first one among those between
 * spaces in `known` (NULL: any). NULL: the key is for none of them. */
const char *assertion_algorithm(const EVP_PKEY *key, const char *wanted, const char *known);

struct assertion {
    struct slice issuer, subject, audience;
    const char *key_id;    /* "": none */
    const char *algorithm; /* that assertion_algorithm gave for the key; NULL: its first one */
};

/* Adds the compact JWT, good for ASSERTION_LIFE from now and with an id of its own. False: out of
 * memory or of randomness. */
bool assertion_sign(EVP_PKEY *key, const struct assertion *assertion, struct secret_text *out);

#endif

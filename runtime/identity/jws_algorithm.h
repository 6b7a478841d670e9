/*
 * The signature algorithms of RFC 7518, RFC 8037 and RFC 9864: their names in tokens and keys, and
 * what each is made of. Knows no keys and no OpenSSL.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_JWS_ALGORITHM_H
#define IDENTITY_JWS_ALGORITHM_H

#include <mcpp/policy.h>

#include "runtime/identity/json_text.h"

enum jws_scheme { JWS_RSA, JWS_PSS, JWS_ECDSA, JWS_EDWARDS, JWS_HMAC };

struct jws_algorithm {
    enum mcpp_algorithm bit;
    const char *name;   /* as `alg` says it, case and all */
    const char *digest; /* OpenSSL's name; NULL: the scheme has its own */
    enum jws_scheme scheme;
};

enum { JWS_ALGORITHM_COUNT = 15 };
extern const struct jws_algorithm jws_algorithms[JWS_ALGORITHM_COUNT];

enum {
    JWS_RSA_ANY = MCPP_RS256 | MCPP_RS384 | MCPP_RS512 | MCPP_PS256 | MCPP_PS384 | MCPP_PS512,
    JWS_HMAC_ANY = MCPP_HS256 | MCPP_HS384 | MCPP_HS512,
};

/* The bit that a string names, 0: none. */
enum mcpp_algorithm jws_algorithm_named(const struct json_text *json, uint32_t node);

#endif

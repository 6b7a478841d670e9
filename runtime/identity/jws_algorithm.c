/*
 * The table of algorithms. ES256K is not in it: no issuer of access tokens uses it (RFC 8812 is for
 * WebAuthn), and `none` is no algorithm.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/jws_algorithm.h"

const struct jws_algorithm jws_algorithms[JWS_ALGORITHM_COUNT] = {
    {MCPP_RS256, "RS256", "SHA2-256", JWS_RSA},   {MCPP_ES256, "ES256", "SHA2-256", JWS_ECDSA},
    {MCPP_RS384, "RS384", "SHA2-384", JWS_RSA},   {MCPP_RS512, "RS512", "SHA2-512", JWS_RSA},
    {MCPP_PS256, "PS256", "SHA2-256", JWS_PSS},   {MCPP_PS384, "PS384", "SHA2-384", JWS_PSS},
    {MCPP_PS512, "PS512", "SHA2-512", JWS_PSS},   {MCPP_ES384, "ES384", "SHA2-384", JWS_ECDSA},
    {MCPP_ES512, "ES512", "SHA2-512", JWS_ECDSA}, {MCPP_EDDSA, "EdDSA", NULL, JWS_EDWARDS},
    {MCPP_ED25519, "Ed25519", NULL, JWS_EDWARDS}, {MCPP_ED448, "Ed448", NULL, JWS_EDWARDS},
    {MCPP_HS256, "HS256", "SHA2-256", JWS_HMAC},  {MCPP_HS384, "HS384", "SHA2-384", JWS_HMAC},
    {MCPP_HS512, "HS512", "SHA2-512", JWS_HMAC},
};

enum mcpp_algorithm jws_algorithm_named(const struct json_text *json, uint32_t node)
{
    for (size_t i = 0; i < JWS_ALGORITHM_COUNT; i++)
        if (json_text_is(json, node, slice_of(jws_algorithms[i].name)))
            return jws_algorithms[i].bit;
    return 0;
}

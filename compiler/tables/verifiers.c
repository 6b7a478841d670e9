/*
 * Verifiers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/verifiers.h"

/* The checker has the algorithms in the order of the border's bits. */
_Static_assert(ALGORITHM_RS256 == (int)MCPP_RS256 && ALGORITHM_ES256 == (int)MCPP_ES256 &&
                   ALGORITHM_HS256 == (int)MCPP_HS256 &&
                   1 << (ALGORITHM_COUNT - 1) == (int)MCPP_HS512,
               "the same bits");
_Static_assert(BOUND_DPOP == (int)MCPP_BOUND_DPOP && BOUND_MTLS == (int)MCPP_BOUND_MTLS &&
                   BOUND_NONCE == (int)MCPP_BOUND_NONCE,
               "the same bits");

static struct mcpp_secret secret_of(const struct exact *exact, struct secret_place place,
                                    struct span origin)
{
    if (place.name.len == 0)
        return (struct mcpp_secret){0};
    return (struct mcpp_secret){place.kind == SECRET_ENV ? MCPP_SECRET_ENV : MCPP_SECRET_FILE,
                                exact_text(exact, place.name, origin, "the name of the secret")};
}

static struct mcpp_introspection introspection_of(const struct exact *exact,
                                                  const struct verifier *verifier)
{
    static const enum mcpp_client clients[] = {[CLIENT_BASIC] = MCPP_CLIENT_BASIC,
                                               [CLIENT_POST] = MCPP_CLIENT_POST,
                                               [CLIENT_PRIVATE_KEY_JWT] = MCPP_CLIENT_JWT};
    const struct introspection *from = &verifier->introspection;
    struct span origin = verifier->origin;
    if (verifier->kind != VERIFIER_INTROSPECTION)
        return (struct mcpp_introspection){0};
    return (struct mcpp_introspection){
        .endpoint = exact_text(exact, from->endpoint, origin, "the endpoint"),
        .client = clients[from->method],
        .client_id = secret_of(exact, from->client, origin),
        .client_secret = secret_of(exact, from->secret, origin),
        .key = secret_of(exact, from->key, origin),
        .key_id = exact_text(exact, from->key_id, origin, "the key ID"),
        .cache_s = from->cache_s,
    };
}

static const char *const *audiences_of(const struct exact *exact, const struct verifier *verifier)
{
    const char **all = arena_array(exact->arena, verifier->audience_count, sizeof *all);
    for (uint32_t i = 0; i < verifier->audience_count; i++)
        all[i] = exact_text(exact, verifier->audiences[i], verifier->origin, "the audience");
    return all;
}

static struct mcpp_verifier verifier_of(const struct exact *exact, const struct verifier *from)
{
    struct span origin = from->origin;
    return (struct mcpp_verifier){
        .kind = from->kind == VERIFIER_JWT ? MCPP_VERIFIER_JWT : MCPP_VERIFIER_INTROSPECTION,
        .name = exact_text(exact, from->name, origin, "the name of the verifier"),
        .issuer = exact_text(exact, from->issuer, origin, "the issuer"),
        .jwks = exact_text(exact, from->jwks, origin, "the URL of the key set"),
        .audiences = audiences_of(exact, from),
        .audience_count = from->audience_count,
        .scope_claim = exact_text(exact, from->scope_claim, origin, "the claim"),
        .roles_claim = exact_text(exact, from->roles_claim, origin, "the claim"),
        .algorithms = from->algorithms,
        .leeway_s = from->leeway_s,
        .bound = from->bound,
        .is_profile_rfc9068 = from->is_profile_rfc9068,
        .allows_private = from->allows_private,
        .hmac_secret = secret_of(exact, from->hmac_secret, origin),
        .introspection = introspection_of(exact, from),
        .origin = exact_origin(exact, origin),
    };
}

const struct mcpp_verifier *verifiers_build(const struct policy *policy, const struct exact *exact)
{
    struct mcpp_verifier *all = arena_array(exact->arena, policy->verifier_count, sizeof *all);
    for (uint32_t i = 0; i < policy->verifier_count; i++)
        all[i] = verifier_of(exact, &policy->verifiers[i]);
    return all;
}

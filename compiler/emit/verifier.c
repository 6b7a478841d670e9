/*
 * Verifiers as C.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/emit/verifier.h"

#include "compiler/emit/c_text.h"
#include "compiler/emit/part.h"
#include "compiler/policy/algorithm.h"

static void add_algorithms(uint32_t algorithms, struct str_builder *out)
{
    const char *joint = "MCPP_";
    if (!algorithms)
        return;
    str_add_text(out, "        .algorithms = ");
    for (uint32_t i = 0; i < ALGORITHM_COUNT; i++) {
        if (!(algorithms >> i & 1))
            continue;
        str_add_text(out, joint);
        for (size_t at = 0; at < algorithm_names[i].len; at++) { /* MCPP_EDDSA */
            char byte = algorithm_names[i].at[at];
            str_add_byte(out, byte >= 'a' && byte <= 'z' ? (char)(byte - 'a' + 'A') : byte);
        }
        joint = " | MCPP_";
    }
    str_add_text(out, ",\n");
}

static void add_audiences(const struct mcpp_verifier *verifier, struct str_builder *out)
{
    if (verifier->audience_count == 0)
        return;
    str_add_text(out, "        .audiences = (const char *const[]){");
    for (uint32_t i = 0; i < verifier->audience_count; i++) {
        str_add_text(out, i ? ", " : "");
        c_text_literal(str_of(verifier->audiences[i]), out);
    }
    str_add_format(out, "},\n        .audience_count = %u,\n", verifier->audience_count);
}

static void add_secret(const char *name, const struct mcpp_secret *secret, struct str_builder *out)
{
    if (!secret->name)
        return;
    str_add_format(out, "        .%s = {%s, ", name,
                   secret->kind == MCPP_SECRET_ENV ? "MCPP_SECRET_ENV" : "MCPP_SECRET_FILE");
    c_text_literal(str_of(secret->name), out);
    str_add_text(out, "},\n");
}

static void add_introspection(const struct mcpp_introspection *introspection,
                              struct str_builder *out)
{
    part_text("introspection.endpoint", introspection->endpoint, out);
    str_add_format(out, "        .introspection.client = %s,\n",
                   introspection->client == MCPP_CLIENT_BASIC  ? "MCPP_CLIENT_BASIC"
                   : introspection->client == MCPP_CLIENT_POST ? "MCPP_CLIENT_POST"
                                                               : "MCPP_CLIENT_JWT");
    add_secret("introspection.client_id", &introspection->client_id, out);
    add_secret("introspection.client_secret", &introspection->client_secret, out);
    add_secret("introspection.key", &introspection->key, out);
    part_text("introspection.key_id", introspection->key_id, out);
    str_add_format(out, "        .introspection.cache_s = %u,\n", introspection->cache_s);
}

static void add_bound(uint32_t bound, struct str_builder *out)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } bits[] = {{MCPP_BOUND_DPOP, "MCPP_BOUND_DPOP"},
                {MCPP_BOUND_NONCE, "MCPP_BOUND_NONCE"},
                {MCPP_BOUND_MTLS, "MCPP_BOUND_MTLS"}};
    const char *joint = "";
    if (!bound)
        return;
    str_add_text(out, "        .bound = ");
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        if (!(bound & bits[i].bit))
            continue;
        str_add_format(out, "%s%s", joint, bits[i].name);
        joint = " | ";
    }
    str_add_text(out, ",\n");
}

static void add_verifier(const struct mcpp_verifier *verifier, struct str_builder *out)
{
    bool is_jwt = verifier->kind == MCPP_VERIFIER_JWT;
    str_add_format(out, "        .kind = %s,\n",
                   is_jwt ? "MCPP_VERIFIER_JWT" : "MCPP_VERIFIER_INTROSPECTION");
    part_text("name", verifier->name, out);
    part_text("issuer", verifier->issuer, out);
    part_text("jwks", verifier->jwks, out);
    add_audiences(verifier, out);
    part_text("scope_claim", verifier->scope_claim, out);
    part_text("roles_claim", verifier->roles_claim, out);
    add_algorithms(verifier->algorithms, out);
    str_add_format(out, "        .leeway_s = %u,\n", verifier->leeway_s);
    add_bound(verifier->bound, out);
    if (verifier->is_profile_rfc9068)
        str_add_text(out, "        .is_profile_rfc9068 = true,\n");
    if (verifier->allows_private)
        str_add_text(out, "        .allows_private = true,\n");
    add_secret("hmac_secret", &verifier->hmac_secret, out);
    if (!is_jwt)
        add_introspection(&verifier->introspection, out);
    part_origin(verifier->origin, out);
}

void emit_verifiers(const struct emission *emission, struct str_builder *out)
{
    const struct tables *tables = emission->tables;
    if (tables->policy.verifier_count == 0)
        return;
    part_enum(tables->verifier_identifiers, tables->policy.verifier_count, "VERIFIER_COUNT", out);
    str_add_text(out, "static const struct mcpp_verifier verifiers[] = {\n");
    for (uint32_t i = 0; i < tables->policy.verifier_count; i++) {
        part_statement(emission, tables->source->verifiers[i].origin, 4, out);
        str_add_format(out, "    [%.*s] = {\n", STR_ARG(tables->verifier_identifiers[i]));
        add_verifier(&tables->policy.verifiers[i], out);
        str_add_text(out, "    },\n");
    }
    str_add_text(out, "};\n\n");
}

/*
 * Credentials.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/credentials.h"

static struct mcpp_secret secret_of(const struct exact *exact, struct secret secret,
                                    struct span origin)
{
    return (struct mcpp_secret){
        secret.kind == SECRET_ENV ? MCPP_SECRET_ENV : MCPP_SECRET_FILE,
        exact_text(exact, secret.name.text, origin, "the name of a secret")};
}

static enum mcpp_flow flow_of(enum oauth2_flow flow)
{
    static const enum mcpp_flow flows[] = {
        [OAUTH2_CLIENT_CREDENTIALS] = MCPP_FLOW_CLIENT_CREDENTIALS,
        [OAUTH2_PASSWORD] = MCPP_FLOW_PASSWORD,
        [OAUTH2_AUTHORIZATION_CODE] = MCPP_FLOW_AUTHORIZATION_CODE,
        [OAUTH2_IMPLICIT] = MCPP_FLOW_IMPLICIT,
        [OAUTH2_DEVICE] = MCPP_FLOW_DEVICE,
        [OAUTH2_JWT_BEARER] = MCPP_FLOW_JWT_BEARER,
        [OAUTH2_EXCHANGE] = MCPP_FLOW_EXCHANGE,
    };
    return flows[flow];
}

static enum mcpp_client client_of(enum oauth2_client client)
{
    static const enum mcpp_client clients[] = {
        [AUTHENTICATE_NONE] = MCPP_CLIENT_NONE,
        [AUTHENTICATE_BASIC] = MCPP_CLIENT_BASIC,
        [AUTHENTICATE_POST] = MCPP_CLIENT_POST,
        [AUTHENTICATE_JWT] = MCPP_CLIENT_JWT,
        [AUTHENTICATE_CERTIFICATE] = MCPP_CLIENT_CERTIFICATE,
    };
    return clients[client];
}

static const struct mcpp_oauth2 *oauth2_of(const struct exact *exact,
                                           const struct credential *credential)
{
    const struct oauth2 *from = credential->oauth2;
    struct span origin = credential->origin;
    if (!from)
        return NULL;
    struct mcpp_oauth2 *out = arena_new(exact->arena, struct mcpp_oauth2);
    *out = (struct mcpp_oauth2){
        .flow = flow_of(from->flow),
        .client = client_of(from->client),
        .issuer = exact_text(exact, from->issuer, origin, "the issuer"),
        .metadata = exact_text(exact, from->metadata, origin, "the URL of the metadata"),
        .authorization_url = exact_text(exact, from->authorization_url, origin, "the URL"),
        .token_url = exact_text(exact, from->token_url, origin, "the URL"),
        .device_url = exact_text(exact, from->device_url, origin, "the URL"),
        .client_id = secret_of(exact, from->client_id, origin),
        .client_secret = secret_of(exact, from->client_secret, origin),
        .key = secret_of(exact, from->key, origin),
        .user = secret_of(exact, from->user, origin),
        .password = secret_of(exact, from->password, origin),
        .certificate = secret_of(exact, from->certificate, origin),
        .cert_key = secret_of(exact, from->certificate_key, origin),
        .key_id = exact_text(exact, from->key_id, origin, "the key's id"),
        .algorithm = exact_text(exact, from->algorithm, origin, "the algorithm"),
        .scopes = exact_text(exact, from->scopes, origin, "the scope"),
        .audience = exact_text(exact, from->audience, origin, "the audience"),
        .resource = exact_text(exact, from->resource, origin, "the resource"),
        .subject = exact_text(exact, from->subject, origin, "the subject"),
        .is_shared = from->is_shared,
        .redirect_port = (uint16_t)from->redirect_port,
    };
    return out;
}

static enum mcpp_send_kind kind_of(enum send_kind kind)
{
    static const enum mcpp_send_kind kinds[] = {
        [SEND_BEARER] = MCPP_SEND_BEARER, [SEND_BASIC] = MCPP_SEND_BASIC,
        [SEND_DIGEST] = MCPP_SEND_DIGEST, [SEND_HEADER] = MCPP_SEND_HEADER,
        [SEND_QUERY] = MCPP_SEND_QUERY,   [SEND_COOKIE] = MCPP_SEND_COOKIE,
        [SEND_OAUTH2] = MCPP_SEND_OAUTH2, [SEND_CERTIFICATE] = MCPP_SEND_CERTIFICATE,
        [SEND_CLAIM] = MCPP_SEND_CLAIM,   [SEND_EXCHANGE] = MCPP_SEND_OAUTH2,
        [SEND_CALLER] = MCPP_SEND_CALLER,
    };
    return kinds[kind];
}

static void check_count(const struct exact *exact, uint32_t count, struct span origin)
{
    if (count > UINT16_MAX)
        diag_error(exact->diags, "too-many-credentials", origin,
                   "there are more than %d credentials", UINT16_MAX);
}

const struct mcpp_credential *credentials_build(const struct policy *policy,
                                                const struct exact *exact)
{
    struct mcpp_credential *all = arena_array(exact->arena, policy->credential_count, sizeof *all);
    for (uint32_t i = 0; i < policy->credential_count; i++) {
        const struct credential *from = &policy->credentials[i];
        all[i] = (struct mcpp_credential){
            .kind = kind_of(from->kind),
            .label = exact_text(exact, from->label, from->origin, "the name of the credential"),
            .name = exact_text(exact, from->name, from->origin, "the name of the credential"),
            .secret = secret_of(exact, from->secret, from->origin),
            .key = secret_of(exact, from->key, from->origin),
            .claim = from->kind == SEND_CLAIM ? from->claim : MCPP_NONE,
            .oauth2 = oauth2_of(exact, from),
            .origin = exact_origin(exact, from->origin)};
    }
    if (policy->credential_count)
        check_count(exact, policy->credential_count, policy->credentials[0].origin);
    return all;
}

static const uint16_t *indices(const uint32_t *from, uint32_t count, struct arena *arena)
{
    uint16_t *list = count ? arena_array(arena, count, sizeof *list) : NULL;
    for (uint32_t i = 0; i < count; i++)
        list[i] = (uint16_t)from[i];
    return list;
}

const struct mcpp_choice *choices_build(const struct policy *policy, const struct exact *exact)
{
    struct mcpp_choice *all = arena_array(exact->arena, policy->send_count, sizeof *all);
    for (uint32_t i = 0; i < policy->send_count; i++) {
        const struct send *from = &policy->sends[i];
        struct mcpp_alternative *to = arena_array(exact->arena, from->count, sizeof *to);
        for (uint32_t at = 0; at < from->count; at++)
            to[at] = (struct mcpp_alternative){indices(from->alternatives[at].credentials,
                                                       from->alternatives[at].count, exact->arena),
                                               from->alternatives[at].count};
        all[i] = (struct mcpp_choice){to, from->count, exact_origin(exact, from->origin)};
    }
    if (policy->send_count)
        check_count(exact, policy->send_count, policy->sends[0].origin);
    return all;
}

const uint16_t *tool_choices_build(const struct tool *tool, struct arena *arena)
{
    return indices(tool->sends, tool->send_count, arena);
}

struct str credential_title(const struct policy *policy, uint32_t index)
{
    const struct credential *credential = &policy->credentials[index];
    if (credential->label.len)
        return credential->label;
    if (credential->secret.name.text.len)
        return credential->secret.name.text;
    if (credential->oauth2)
        return credential->oauth2->client_id.name.text;
    return credential->kind == SEND_CALLER ? STR("CALLER_TOKEN") : credential->name;
}

struct str choice_title(const struct policy *policy, uint32_t send, struct arena *arena)
{
    enum { TITLES_MAX = 3 };
    const struct send *from = &policy->sends[send];
    struct str_builder out = {.arena = arena};
    uint32_t count = 0;
    str_add_text(&out, "send");
    for (uint32_t i = 0; i < from->count; i++)
        for (uint32_t at = 0; at < from->alternatives[i].count && count < TITLES_MAX; at++) {
            str_add_text(&out, count++ == 0 ? " " : at ? " and " : " or ");
            str_add(&out, credential_title(policy, from->alternatives[i].credentials[at]));
        }
    return str_built(&out);
}

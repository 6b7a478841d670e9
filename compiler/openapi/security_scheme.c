/*
 * Reading security schemes of all kinds, and flows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/security_scheme.h"

#include "compiler/openapi/extension.h"

struct scope_list {
    LIST(struct scheme_scope) items;
    struct map index;
};

/* ---- flows ---- */

static void add_scope(struct build *build, struct scope_list *scopes, const struct member *member)
{
    struct scheme_scope scope = {
        .name = member->name, .description = node_string(member->value), .span = member->name_span};
    if (!map_add(&scopes->index, scope.name, build))
        *list_add(build->arena, &scopes->items) = scope;
}

static struct flow read_flow(struct build *build, const struct node *node, enum flow_kind kind,
                             struct scope_list *scopes)
{
    build_check_members(build, node, "a flow",
                        " authorizationUrl tokenUrl refreshUrl deviceAuthorizationUrl scopes ");
    const struct node *list = build_mapping(build, node, "scopes");
    for (uint32_t i = 0; list && i < list->count; i++)
        if (!build_is_extension(list->members[i].name))
            add_scope(build, scopes, &list->members[i]);
    return (struct flow){.kind = kind,
                         .authorization_url = build_string(build, node, "authorizationUrl"),
                         .token_url = build_string(build, node, "tokenUrl"),
                         .refresh_url = build_string(build, node, "refreshUrl"),
                         .device_url = build_string(build, node, "deviceAuthorizationUrl")};
}

static void read_flows(struct build *build, const struct node *node, struct security_scheme *out)
{
    static const struct {
        const char *name;
        enum flow_kind kind;
    } kinds[] = {{"implicit", FLOW_IMPLICIT},
                 {"password", FLOW_PASSWORD},
                 {"clientCredentials", FLOW_CLIENT_CREDENTIALS},
                 {"authorizationCode", FLOW_AUTHORIZATION_CODE},
                 {"deviceAuthorization", FLOW_DEVICE}};
    enum { KIND_COUNT = sizeof kinds / sizeof *kinds };
    struct scope_list scopes = {.index = {.arena = build->arena}};
    const struct node *flows = build_mapping(build, node, "flows");
    struct flow *list = arena_array(build->arena, KIND_COUNT, sizeof *list);
    for (size_t i = 0; i < KIND_COUNT; i++) {
        const struct node *flow = build_mapping(build, flows, kinds[i].name);
        if (flow)
            list[out->flow_count++] = read_flow(build, flow, kinds[i].kind, &scopes);
    }
    if (flows)
        build_check_members(build, flows, "flows",
                            " implicit password clientCredentials authorizationCode "
                            "deviceAuthorization ");
    out->flows = list;
    out->scopes = scopes.items.at;
    out->scope_count = (uint32_t)scopes.items.count;
}

/* ---- kinds ---- */

static bool missing(struct build *build, const struct security_scheme *scheme, const char *what)
{
    build_diag_warning(build, "bad-scheme", scheme->span, "the security scheme '%.*s' has no %s",
                       STR_ARG(scheme->name), what);
    return false;
}

static bool read_api_key(struct build *build, const struct node *node, struct security_scheme *out)
{
    struct str place = build_string(build, node, "in");
    out->kind = SCHEME_API_KEY;
    out->key_name = build_string(build, node, "name");
    if (str_is(place, "header"))
        out->key_place = API_KEY_HEADER;
    else if (str_is(place, "query"))
        out->key_place = API_KEY_QUERY;
    else if (str_is(place, "cookie"))
        out->key_place = API_KEY_COOKIE;
    else
        return missing(build, out, "'in' of header, query or cookie");
    return out->key_name.len ? true : missing(build, out, "'name'");
}

static bool read_http(struct build *build, const struct node *node, struct security_scheme *out)
{
    struct str scheme = build_string(build, node, "scheme");
    if (scheme.len == 0)
        return missing(build, out, "'scheme'");
    out->kind = SCHEME_HTTP_OTHER;
    if (build_equal_ignoring_case(scheme, "basic"))
        out->kind = SCHEME_BASIC;
    else if (build_equal_ignoring_case(scheme, "bearer"))
        out->kind = SCHEME_BEARER;
    else
        out->http_scheme = scheme;
    return true;
}

static bool read_openid(struct build *build, const struct node *node, struct security_scheme *out)
{
    out->kind = SCHEME_OPENID_CONNECT;
    out->openid_url = build_string(build, node, "openIdConnectUrl");
    return out->openid_url.len ? true : missing(build, out, "'openIdConnectUrl'");
}

static bool read_oauth2(struct build *build, const struct node *node, struct security_scheme *out)
{
    out->kind = SCHEME_OAUTH2;
    out->metadata_url = build_string(build, node, "oauth2MetadataUrl");
    read_flows(build, node, out);
    return true;
}

static bool read_kind(struct build *build, const struct node *node, struct security_scheme *out)
{
    struct str type = build_string(build, node, "type");
    if (str_is(type, "apiKey"))
        return read_api_key(build, node, out);
    if (str_is(type, "http"))
        return read_http(build, node, out);
    if (str_is(type, "oauth2"))
        return read_oauth2(build, node, out);
    if (str_is(type, "openIdConnect"))
        return read_openid(build, node, out);
    out->kind = SCHEME_MUTUAL_TLS;
    if (str_is(type, "mutualTLS"))
        return true;
    if (type.len == 0)
        return missing(build, out, "'type'");
    build_diag_warning(build, "bad-scheme", out->span,
                       "the security scheme '%.*s' is of an unknown type, '%.*s'",
                       STR_ARG(out->name), STR_ARG(type));
    return false;
}

bool security_scheme_read(struct build *build, const struct member *member,
                          struct security_scheme *out)
{
    const struct node *node = reference_follow(build->references, member->value);
    *out = (struct security_scheme){.name = member->name, .span = member->name_span};
    if (!build_is_mapping(build, node, member->name_span, "a security scheme"))
        return false;
    build_check_members(build, node, "a security scheme",
                        " type description name in scheme bearerFormat flows openIdConnectUrl "
                        "oauth2MetadataUrl deprecated $ref ");
    struct token_extensions extensions = {0};
    extension_read(build, node, &extensions);
    out->issuer = extensions.issuer;
    out->jwks = extensions.jwks;
    out->audience = extensions.audience;
    out->description = build_string(build, node, "description");
    return read_kind(build, node, out);
}

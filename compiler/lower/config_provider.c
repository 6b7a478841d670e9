/*
 * Who issues tokens: the providers of a configuration. An issuer needs an audience here, since
 * tokens for anybody would be accepted without.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/config_reader.h"
#include "compiler/policy/value.h"

static struct str url_of(struct config_reader *reader, struct section section, const char *key)
{
    struct str url = config_text(reader, section, key);
    const char *problem = url.len ? value_url_problem(url, true) : NULL;
    if (!problem)
        return url;
    diag_error(reader->diags, "bad-config", node_get(section.node, key)->span, "'%.*s.%s': %s",
               STR_ARG(section.path), key, problem);
    return STR("");
}

/* For URLs to which a path is added; an issuer's last '/' is part of its name. */
static struct str without_slash(struct str url)
{
    while (str_ends(url, "/"))
        url.len--;
    return url;
}

static void report_missing(struct config_reader *reader, struct section section, const char *key,
                           const char *why)
{
    struct diag *diag = diag_error(reader->diags, "bad-config", section.node->span,
                                   "'%.*s' has no '%s'", STR_ARG(section.path), key);
    diag_help(reader->diags, diag, "%s", why);
}

/* "${NAME}" names an environment variable. */
static struct str variable_of(struct str text)
{
    bool is_variable = str_starts(text, "${") && str_ends(text, "}");
    return is_variable ? str_part(text, 2, text.len - 1) : (struct str){0};
}

/* Secrets are named in a policy, not written. */
static struct str secret_variable(struct config_reader *reader, struct section section,
                                  const char *key)
{
    struct str text = config_text(reader, section, key);
    struct str variable = variable_of(text);
    if (text.len && !variable.len)
        diag_warning(reader->diags, "config-secret", node_get(section.node, key)->span,
                     "'%.*s.%s' is not copied into the policy, which names an environment variable",
                     STR_ARG(section.path), key);
    return variable;
}

static const struct node *scopes_of(struct config_reader *reader, struct section section)
{
    const struct node *list = config_list(reader, section, "required_scopes");
    for (uint32_t i = 0; list && i < list->count; i++) {
        struct str scope = node_string(list->items[i]);
        const char *problem = scope.len ? value_scope_problem(scope) : "no text";
        if (problem)
            diag_error(reader->diags, "bad-config", list->items[i]->span,
                       "'%.*s.required_scopes': %s", STR_ARG(section.path), problem);
        if (problem)
            return NULL;
    }
    return list && list->count ? list : NULL;
}

static void add(struct config_reader *reader, struct section section, struct provider provider)
{
    provider.span = section.node->span;
    provider.required_scopes = scopes_of(reader, section);
    *list_add(reader->arena, &reader->config->providers) = provider;
}

/* ---- features.multi_auth.providers ---- */

static void read_introspection(struct config_reader *reader, struct section section,
                               struct provider provider)
{
    provider.kind = PROVIDER_INTROSPECTION;
    provider.endpoint = url_of(reader, section, "introspection_url");
    provider.client = variable_of(config_text(reader, section, "client_id"));
    provider.secret = secret_variable(reader, section, "client_secret");
    if (!provider.endpoint.len && !node_get(section.node, "introspection_url"))
        report_missing(reader, section, "introspection_url",
                       "name where its tokens are asked about, or its issuer and audience when "
                       "they are JWTs");
    add(reader, section, provider);
}

static void read_provider(struct config_reader *reader, struct section section)
{
    config_check_keys(reader, section,
                      " type name issuer jwks_uri audience required_scopes introspection_url "
                      "client_id client_secret description ");
    struct str type = config_text(reader, section, "type");
    struct provider provider = {.name = config_text(reader, section, "name"),
                                .issuer = url_of(reader, section, "issuer"),
                                .jwks = url_of(reader, section, "jwks_uri"),
                                .audience = config_text(reader, section, "audience")};
    bool is_jwt = str_is(type, "jwt"), is_oauth2 = str_is(type, "oauth2");
    if (!provider.name.len || !value_is_tool_name(provider.name))
        report_missing(reader, section, "name", "a name is made of A-Z a-z 0-9 _ . -");
    else if (!is_jwt && !is_oauth2 && type.len)
        config_report_value(reader, section, node_get(section.node, "type"),
                            "the type jwt or oauth2");
    else if (is_oauth2 && !provider.issuer.len)
        read_introspection(reader, section, provider);
    else if (provider.issuer.len && !provider.audience.len)
        report_missing(reader, section, "audience",
                       "name what its tokens are for: those for anybody would be accepted");
    else if (!provider.issuer.len && provider.jwks.len)
        report_missing(reader, section, "issuer", "name who signs with the keys of 'jwks_uri'");
    else
        add(reader, section, provider);
}

void config_read_multi_auth(struct config_reader *reader, struct section features)
{
    struct section section = config_section(reader, features, "multi_auth");
    config_check_keys(reader, section, " enabled providers description ");
    if (!config_flag(reader, section, "enabled", false))
        return;
    const struct node *list = config_list(reader, section, "providers");
    for (uint32_t i = 0; list && i < list->count; i++) {
        struct section provider = {list->items[i], str_format(reader->arena, "%.*s.providers[%u]",
                                                              STR_ARG(section.path), i)};
        if (provider.node->kind == NODE_MAPPING)
            read_provider(reader, provider);
        else
            config_report_value(reader, provider, provider.node, "an object");
    }
}

/* ---- providers of their own ---- */

void config_read_keycloak(struct config_reader *reader, struct section features)
{
    struct section section = config_section(reader, features, "keycloak");
    config_check_keys(reader, section,
                      " enabled realm_url required_scopes audience base_url description ");
    if (!config_flag(reader, section, "enabled", false))
        return;
    struct provider provider = {.name = STR("keycloak"),
                                .issuer = without_slash(url_of(reader, section, "realm_url")),
                                .audience = config_text(reader, section, "audience")};
    if (!provider.issuer.len)
        report_missing(reader, section, "realm_url", "as in https://id.example/realms/main");
    else if (!provider.audience.len)
        report_missing(reader, section, "audience",
                       "name what the realm's tokens are for: those for anybody would be accepted");
    reader->config->replaces_verifier = true;
    add(reader, section, provider);
}

void config_read_propelauth(struct config_reader *reader, struct section features)
{
    struct section section = config_section(reader, features, "propelauth");
    config_check_keys(reader, section,
                      " enabled auth_url introspection_client_id introspection_client_secret "
                      "base_url required_scopes description ");
    if (!config_flag(reader, section, "enabled", false))
        return;
    struct str url = without_slash(url_of(reader, section, "auth_url"));
    struct provider provider = {
        .kind = PROVIDER_INTROSPECTION,
        .name = STR("propelauth"),
        .endpoint = str_format(reader->arena, "%.*s/oauth/2.1/introspect", STR_ARG(url)),
        .client = variable_of(config_text(reader, section, "introspection_client_id")),
        .secret = secret_variable(reader, section, "introspection_client_secret")};
    if (!url.len)
        report_missing(reader, section, "auth_url", "as in https://auth.example.com");
    reader->config->replaces_verifier = true;
    add(reader, section, provider);
}

/*
 * The document's own jwt verifier, and those of a configuration. For each of issuer, keys and
 * audience of the former the first of: the scheme's own
 * openIdConnectUrl, extensions on the scheme, extensions on the document, the defaults
 * {backend}, {backend}/.well-known/jwks.json, "backend-api". With an issuer from the document and
 * no keys, the keys are found through the issuer's metadata when the server starts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/verifier.h"

#include <string.h>

#include "compiler/policy/text.h"
#include "compiler/policy/value.h"

static const char metadata_suffix[] = "/.well-known/openid-configuration";

struct found {
    struct str issuer, jwks, audience;
    struct span span;
    bool has_others; /* other schemes name other issuers */
};

static struct str checked_url(struct lowering *lowering, struct str url, bool may_have_query,
                              struct span span)
{
    const char *problem = url.len ? value_url_problem(url, may_have_query) : NULL;
    if (!problem)
        return url;
    diag_warning(lowering->diags, "unusable-url", span, "%s: '%.*s' is not used", problem,
                 STR_ARG(url));
    return (struct str){0};
}

static void fill(struct str *field, struct str value)
{
    if (field->len == 0)
        *field = value;
}

/* An openIdConnectUrl ends with the well-known suffix (OpenID Connect Discovery 1.0, section 4). */
static struct found read_scheme(struct lowering *lowering, const struct security_scheme *scheme)
{
    struct found found = {.jwks = checked_url(lowering, scheme->jwks, true, scheme->span),
                          .audience = scheme->audience,
                          .span = scheme->span};
    struct str url = checked_url(lowering, scheme->openid_url, false, scheme->span);
    if (str_ends(url, metadata_suffix))
        found.issuer = str_part(url, 0, url.len - strlen(metadata_suffix));
    fill(&found.issuer, checked_url(lowering, scheme->issuer, false, scheme->span));
    return found;
}

/* Issuer and keys come from one scheme: keys of another would vouch for the wrong issuer. The first
 * scheme that names either counts. */
static struct found find_in_schemes(struct lowering *lowering)
{
    const struct api *api = lowering->api;
    struct found found = {.span = {api->source, 0, 0}};
    struct str audience = {0};
    for (uint32_t i = 0; i < api->scheme_count; i++) {
        struct found one = read_scheme(lowering, &api->schemes[i]);
        bool is_said = one.issuer.len || one.jwks.len;
        fill(&audience, one.audience);
        if (is_said && !found.issuer.len && !found.jwks.len)
            found = one;
        else if (one.issuer.len && !str_equal(one.issuer, found.issuer))
            found.has_others = true;
    }
    fill(&found.audience, audience);
    return found;
}

static struct found find_values(struct lowering *lowering)
{
    const struct api *api = lowering->api;
    struct found found = find_in_schemes(lowering);
    struct span span = {api->source, 0, 0};
    struct str issuer = checked_url(lowering, api->issuer, false, span);
    fill(&found.issuer, issuer);
    if (issuer.len == 0 || str_equal(issuer, found.issuer))
        fill(&found.jwks, checked_url(lowering, api->jwks, true, span));
    fill(&found.audience, api->audience);
    if (!text_is_printable(found.audience))
        found.audience = (struct str){0};
    return found;
}

/* Comments say where the values come from; true when the defaults are to be written. */
static void say_sources(struct lowering *lowering, struct found found)
{
    bool has_issuer = found.issuer.len > 0, has_jwks = found.jwks.len > 0;
    lowering_comment(lowering, "Who is calling: how access tokens are checked when the server runs "
                               "with --validate-tokens.");
    if (found.has_others)
        lowering_comment(lowering, "The document names several issuers; this is the first.");
    if (!has_issuer && lowering->backend.len == 0) {
        lowering_comment(lowering,
                         "The document does not say who issues them: start the server "
                         "with --issuer%s.",
                         has_jwks ? "" : " and --jwks");
        return;
    }
    if (!has_issuer)
        lowering_comment(lowering,
                         "The document does not say who issues them; issuer%s "
                         "are mcpc's defaults for this backend.",
                         has_jwks ? " and audience" : ", jwks and audience");
    else if (!has_jwks)
        lowering_comment(lowering, "The keys are found through the issuer's metadata when the "
                                   "server starts.");
}

struct setting_list {
    struct setting *at;
    size_t count, capacity;
};

static void add_setting(struct lowering *lowering, struct setting_list *settings, const char *name,
                        struct str value, struct span span)
{
    if (value.len == 0)
        return;
    struct word *word = arena_new(lowering->arena, struct word);
    *word = lowering_string(value, span);
    *list_add(lowering->arena, settings) =
        (struct setting){.name = lowering_name(str_of(name), span), .values = {word, 1}};
}

static struct settings make_settings(struct lowering *lowering, struct found found)
{
    struct setting_list settings = {0};
    struct span span = found.span;
    add_setting(lowering, &settings, "issuer", found.issuer, span);
    add_setting(lowering, &settings, "jwks", found.jwks, span);
    add_setting(lowering, &settings, "audience", found.audience, span);
    static const char *const words[][3] = {{"algorithms", "RS256", "ES256"},
                                           {"leeway", "60s", NULL}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct word *values = arena_array(lowering->arena, 2, sizeof *values);
        uint32_t count = words[i][2] ? 2 : 1;
        for (uint32_t at = 0; at < count; at++)
            values[at] = lowering_name(str_of(words[i][at + 1]), span);
        *list_add(lowering->arena, &settings) = (struct setting){
            .name = lowering_name(str_of(words[i][0]), span), .values = {values, count}};
    }
    struct word *claim = arena_array(lowering->arena, 2, sizeof *claim);
    claim[0] = lowering_name(STR("claim"), span);
    claim[1] = lowering_string(STR("scope"), span);
    *list_add(lowering->arena, &settings) =
        (struct setting){.name = lowering_name(STR("scopes"), span), .values = {claim, 2}};
    return (struct settings){settings.at, (uint32_t)settings.count};
}

static void add_verifier(struct lowering *lowering, struct str name, struct found found)
{
    struct statement *verifier = lowering_add(lowering, STATEMENT_VERIFIER, found.span);
    verifier->name = lowering_name(name, found.span);
    verifier->verifier_kind = lowering_name(STR("jwt"), found.span);
    verifier->settings = make_settings(lowering, found);
}

/* The one that the document describes. */
static void lower_own(struct lowering *lowering, struct str name)
{
    struct found found = find_values(lowering);
    lowering_gap(lowering);
    say_sources(lowering, found);
    if (found.issuer.len == 0 && lowering->backend.len) {
        found.issuer = lowering->backend;
        if (found.jwks.len == 0)
            found.jwks = str_format(lowering->arena, "%.*s/.well-known/jwks.json",
                                    STR_ARG(lowering->backend));
    }
    fill(&found.audience, STR("backend-api"));
    add_verifier(lowering, name, found);
}

/* ---- those of a configuration ---- */

static struct str variable(struct lowering *lowering, struct str given,
                           const struct provider *provider, const char *what)
{
    struct str name = str_format(lowering->arena, "%.*s %.*s %s", STR_ARG(lowering->server_name),
                                 STR_ARG(provider->name), what);
    return given.len ? given : lowering_variable(lowering->arena, name);
}

static void add_introspection(struct lowering *lowering, const struct provider *provider)
{
    struct setting_list settings = {0};
    struct statement *verifier = lowering_add(lowering, STATEMENT_VERIFIER, provider->span);
    verifier->name = lowering_name(provider->name, provider->span);
    verifier->verifier_kind = lowering_name(STR("introspection"), provider->span);
    add_setting(lowering, &settings, "endpoint", provider->endpoint, provider->span);
    const struct str words[] = {STR("env"), variable(lowering, provider->client, provider, "id"),
                                STR("secret"), STR("env"),
                                variable(lowering, provider->secret, provider, "secret")};
    enum { WORDS = sizeof words / sizeof *words };
    struct word *values = arena_array(lowering->arena, WORDS, sizeof *values);
    for (uint32_t i = 0; i < WORDS; i++)
        values[i] = lowering_name(words[i], provider->span);
    *list_add(lowering->arena, &settings) = (struct setting){
        .name = lowering_name(STR("client"), provider->span), .values = {values, WORDS}};
    verifier->settings = (struct settings){settings.at, (uint32_t)settings.count};
}

/* A name alone is for the document's own verifier. */
static bool is_own(const struct provider *provider)
{
    return provider->kind == PROVIDER_JWT && !provider->issuer.len;
}

static void lower_provider(struct lowering *lowering, const struct provider *provider)
{
    lowering_gap(lowering);
    lowering_comment(lowering, "From %.*s.", STR_ARG(lowering->config->name));
    if (provider->kind == PROVIDER_INTROSPECTION)
        add_introspection(lowering, provider);
    else
        add_verifier(lowering, provider->name,
                     (struct found){.issuer = provider->issuer,
                                    .jwks = provider->jwks,
                                    .audience = provider->audience,
                                    .span = provider->span});
}

void verifier_lower(struct lowering *lowering)
{
    const struct config *config = lowering->config;
    size_t count = config ? config->providers.count : 0;
    struct span span = {lowering->api->source, 0, 0};
    struct word *accepted = arena_array(lowering->arena, count + 1, sizeof *accepted);
    uint32_t accepted_count = 0;
    struct str own = STR("main");
    for (size_t i = 0; i < count; i++)
        if (is_own(&config->providers.at[i]))
            own = config->providers.at[i].name;
    if (!config || !config->replaces_verifier) {
        lower_own(lowering, own);
        accepted[accepted_count++] = lowering_name(own, span);
    }
    for (size_t i = 0; i < count; i++) {
        const struct provider *provider = &config->providers.at[i];
        if (is_own(provider))
            continue;
        lower_provider(lowering, provider);
        accepted[accepted_count++] = lowering_name(provider->name, provider->span);
    }
    lowering_add(lowering, STATEMENT_ACCEPT, span)->list = (struct words){accepted, accepted_count};
}

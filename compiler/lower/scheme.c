/*
 * Lowering schemes. Of several OAuth 2.0 flows the one that needs the fewest people is taken:
 * client credentials, authorization code, device, password. The implicit flow is never taken by
 * itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/scheme.h"

#include <string.h>
#include <strings.h>

#include "compiler/lower/secret_name.h"
#include "compiler/policy/text.h"
#include "compiler/policy/value.h"

/* ---- which ---- */

bool scheme_is_token(const struct security_scheme *scheme)
{
    return scheme->kind == SCHEME_BEARER || scheme->kind == SCHEME_OAUTH2 ||
           scheme->kind == SCHEME_OPENID_CONNECT;
}

static bool is_good_url(struct str url)
{
    return url.len && !value_url_problem(url, true);
}

/* Whether all URLs of the flow are there, or can be found through metadata. */
static bool has_urls(const struct security_scheme *scheme, const struct flow *flow)
{
    bool is_found = is_good_url(scheme->metadata_url);
    bool has_token = is_found || is_good_url(flow->token_url);
    switch (flow->kind) {
    case FLOW_AUTHORIZATION_CODE:
        return has_token && (is_found || is_good_url(flow->authorization_url));
    case FLOW_DEVICE:
        return has_token && (is_found || is_good_url(flow->device_url));
    case FLOW_CLIENT_CREDENTIALS:
    case FLOW_PASSWORD:
        return has_token;
    case FLOW_IMPLICIT:
        break;
    }
    return false;
}

static const struct flow *best_flow(const struct security_scheme *scheme)
{
    static const enum flow_kind order[] = {FLOW_CLIENT_CREDENTIALS, FLOW_AUTHORIZATION_CODE,
                                           FLOW_DEVICE, FLOW_PASSWORD};
    for (size_t at = 0; at < sizeof order / sizeof order[0]; at++)
        for (uint32_t i = 0; i < scheme->flow_count; i++)
            if (scheme->flows[i].kind == order[at] && has_urls(scheme, &scheme->flows[i]))
                return &scheme->flows[i];
    return NULL;
}

static bool is_digest(const struct security_scheme *scheme)
{
    return scheme->http_scheme.len == 6 && strncasecmp(scheme->http_scheme.at, "digest", 6) == 0;
}

static bool is_good_key(const struct security_scheme *scheme)
{
    if (scheme->key_place == API_KEY_QUERY)
        return scheme->key_name.len > 0 && text_is_printable(scheme->key_name);
    return value_is_http_token(scheme->key_name);
}

bool scheme_is_sendable(const struct lowering *lowering, const struct security_scheme *scheme)
{
    (void)lowering;
    switch (scheme->kind) {
    case SCHEME_API_KEY:
        return is_good_key(scheme);
    case SCHEME_BASIC:
    case SCHEME_BEARER:
    case SCHEME_MUTUAL_TLS:
        return true;
    case SCHEME_HTTP_OTHER:
        return is_digest(scheme);
    case SCHEME_OAUTH2:
        return best_flow(scheme) != NULL;
    case SCHEME_OPENID_CONNECT:
        return is_good_url(scheme->openid_url);
    }
    return false;
}

/* ---- settings ---- */

struct block {
    struct lowering *lowering;
    struct span span;
    LIST(struct setting) settings;
};

/* Each value begins with '"' when it is a string, which is left out. */
static void add_setting(struct block *block, const char *name, const struct word *values,
                        uint32_t count)
{
    struct word *copy = arena_array(block->lowering->arena, count, sizeof *copy);
    memcpy(copy, values, count * sizeof *copy);
    *list_add(block->lowering->arena, &block->settings) =
        (struct setting){.name = lowering_name(str_of(name), block->span),
                         .values = {copy, count},
                         .span = block->span};
}

static void add_url(struct block *block, const char *name, struct str url)
{
    struct word value = lowering_string(url, block->span);
    if (is_good_url(url))
        add_setting(block, name, &value, 1);
}

/* `NAME env FIRST WORD env SECOND` */
static void add_secrets(struct block *block, const char *name, struct str first, const char *word,
                        struct str second)
{
    struct span span = block->span;
    const struct word values[] = {lowering_name(STR("env"), span), lowering_name(first, span),
                                  lowering_name(str_of(word), span),
                                  lowering_name(STR("env"), span), lowering_name(second, span)};
    add_setting(block, name, values, 5);
}

static bool is_listed(const struct word *words, size_t count, struct str text)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(words[i].text, text))
            return true;
    return false;
}

/* The scopes that the tools need of this scheme, each once. */
static void add_scopes(struct block *block, const struct security_scheme *scheme)
{
    const struct lowering *lowering = block->lowering;
    LIST(struct word) scopes = {0};
    for (uint32_t i = 0; i < lowering->api->operation_count; i++) {
        const struct operation *operation = &lowering->api->operations[i];
        for (uint32_t set = 0; lowering->is_tool[i] && set < operation->security_count; set++)
            for (uint32_t at = 0; at < operation->security[set].requirement_count; at++) {
                const struct requirement *of = &operation->security[set].requirements[at];
                for (uint32_t scope = 0; of->scheme == scheme && scope < of->scope_count; scope++)
                    if (!is_listed(scopes.at, scopes.count, of->scopes[scope]))
                        *list_add(lowering->arena, &scopes) =
                            lowering_string(of->scopes[scope], block->span);
            }
    }
    if (scopes.count)
        add_setting(block, "scopes", scopes.at, (uint32_t)scopes.count);
}

static struct settings finish(const struct block *block)
{
    return (struct settings){block->settings.at, (uint32_t)block->settings.count};
}

static void add_client(struct block *block, const struct security_scheme *scheme)
{
    add_secrets(block, "client", secret_name(block->lowering, scheme, "_CLIENT_ID"), "secret",
                secret_name(block->lowering, scheme, "_CLIENT_SECRET"));
}

/* ---- statements ---- */

static struct secret env(struct str name, struct span span)
{
    return (struct secret){SECRET_ENV, lowering_name(name, span)};
}

static const char *flow_word(enum flow_kind kind)
{
    static const char *const words[] = {[FLOW_IMPLICIT] = "implicit",
                                        [FLOW_PASSWORD] = "password",
                                        [FLOW_CLIENT_CREDENTIALS] = "client_credentials",
                                        [FLOW_AUTHORIZATION_CODE] = "authorization_code",
                                        [FLOW_DEVICE] = "device"};
    return words[kind];
}

static void lower_flow(struct block *block, const struct security_scheme *scheme,
                       struct statement *statement)
{
    const struct flow *flow = best_flow(scheme);
    statement->send = SEND_OAUTH2;
    statement->flow = lowering_name(str_of(flow_word(flow->kind)), scheme->span);
    add_url(block, "metadata", scheme->metadata_url);
    if (flow->kind == FLOW_AUTHORIZATION_CODE)
        add_url(block, "authorization_url", flow->authorization_url);
    if (flow->kind == FLOW_DEVICE)
        add_url(block, "device_url", flow->device_url);
    add_url(block, "token_url", flow->token_url);
    add_client(block, scheme);
    if (flow->kind == FLOW_PASSWORD)
        add_secrets(block, "user", secret_name(block->lowering, scheme, "_USERNAME"), "password",
                    secret_name(block->lowering, scheme, "_PASSWORD"));
    add_scopes(block, scheme);
}

static void lower_openid(struct block *block, const struct security_scheme *scheme,
                         struct statement *statement)
{
    statement->send = SEND_OAUTH2;
    statement->flow = lowering_name(STR("authorization_code"), scheme->span);
    add_url(block, "metadata", scheme->openid_url);
    add_client(block, scheme);
    add_scopes(block, scheme);
}

static void lower_key(const struct lowering *lowering, const struct security_scheme *scheme,
                      struct statement *statement)
{
    static const enum send_kind kinds[] = {[API_KEY_HEADER] = SEND_HEADER,
                                           [API_KEY_QUERY] = SEND_QUERY,
                                           [API_KEY_COOKIE] = SEND_COOKIE};
    statement->send = kinds[scheme->key_place];
    statement->name = lowering_string(scheme->key_name, scheme->span);
    statement->secret = env(secret_name_short(lowering, scheme, "_KEY"), scheme->span);
}

static void lower_kind(struct lowering *lowering, const struct security_scheme *scheme,
                       struct statement *statement)
{
    struct block block = {.lowering = lowering, .span = scheme->span};
    switch (scheme->kind) {
    case SCHEME_API_KEY:
        lower_key(lowering, scheme, statement);
        break;
    case SCHEME_BASIC:
    case SCHEME_HTTP_OTHER:
        statement->send = scheme->kind == SCHEME_BASIC ? SEND_BASIC : SEND_DIGEST;
        statement->secret = env(secret_name(lowering, scheme, "_USER_PASSWORD"), scheme->span);
        break;
    case SCHEME_BEARER:
        statement->send = SEND_BEARER;
        statement->secret = env(secret_name_short(lowering, scheme, "_TOKEN"), scheme->span);
        break;
    case SCHEME_MUTUAL_TLS:
        statement->send = SEND_CERTIFICATE;
        statement->secret = env(secret_name(lowering, scheme, "_CERTIFICATE"), scheme->span);
        statement->key = env(secret_name(lowering, scheme, "_CERTIFICATE_KEY"), scheme->span);
        break;
    case SCHEME_OAUTH2:
        lower_flow(&block, scheme, statement);
        break;
    case SCHEME_OPENID_CONNECT:
        lower_openid(&block, scheme, statement);
        break;
    }
    statement->settings = finish(&block);
}

static void explain(struct lowering *lowering, const struct security_scheme *scheme)
{
    struct str name = lowering_clean(lowering->arena, scheme->name);
    bool is_implicit = scheme->kind == SCHEME_OAUTH2 && scheme->flow_count &&
                       scheme->flows[0].kind == FLOW_IMPLICIT;
    const char *reason =
        scheme->kind == SCHEME_API_KEY ? "an API key whose name cannot stand in a request is not "
                                         "sent"
        : scheme->kind == SCHEME_HTTP_OTHER ? "an HTTP authentication scheme that is not known is "
                                              "not sent"
                                            : "a flow without usable URLs is not used";
    if (is_implicit) {
        lowering_comment(lowering,
                         "'%.*s' has the implicit flow alone, which hands tokens over in URLs that "
                         "others may see. It is used only where a policy says so: credential "
                         "\"%.*s\" oauth2 implicit { … }.",
                         STR_ARG(name), STR_ARG(name));
        return;
    }
    diag_warning(lowering->diags, "unusable-key", scheme->span, "%s", reason);
    lowering_comment(lowering, "Nothing is sent for '%.*s': %s.", STR_ARG(name), reason);
}

void scheme_lower(struct lowering *lowering, const struct security_scheme *scheme)
{
    if (!scheme_is_sendable(lowering, scheme)) {
        explain(lowering, scheme);
        return;
    }
    struct statement *statement = lowering_add(lowering, STATEMENT_CREDENTIAL, scheme->span);
    statement->label = lowering_string(scheme->name, scheme->span);
    lower_kind(lowering, scheme, statement);
}

/*
 * Protected resource metadata. Without --public-url the scheme is what the server itself speaks:
 * what a proxy before it speaks only its operator knows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/protected_resource.h"

#include "runtime/identity/jws_algorithm.h"
#include "runtime/protocol/exchange.h"

#define WELL_KNOWN "/.well-known/oauth-protected-resource"

/* A URL in two parts: "https://host" and "/path", "" for the path "/". */
struct place {
    struct slice origin, path;
};

static struct place split(struct slice url)
{
    const char *authority = strstr(url.at, "://");
    const char *path = authority ? strchr(authority + 3, '/') : NULL;
    size_t size = path ? (size_t)(path - url.at) : url.len;
    struct place place = {{url.at, size}, {url.at + size, url.len - size}};
    if (slice_is(place.path, "/"))
        place.path.len = 0;
    return place;
}

/* The scanner has passed Host as a host; this is about quoting it in a header. */
static bool is_plain(struct slice host)
{
    for (size_t i = 0; i < host.len; i++)
        if (host.at[i] <= ' ' || host.at[i] > '~' || strchr("\"\\<>/?#@", host.at[i]))
            return false;
    return host.len > 0;
}

/* False: nobody says what the server is called. */
static bool find_place(const struct options *options, const struct http_request *http,
                       struct pool *pool, struct place *out)
{
    struct text origin = {.pool = pool};
    if (options->public_url) {
        *out = split(slice_of(options->public_url));
        return true;
    }
    struct slice host =
        http->forwarded_host.len ? http->forwarded_host : http_header_get(http, "Host", NULL);
    if (!is_plain(host))
        return false;
    struct slice scheme = slice_of(options->tls_cert ? "https" : "http");
    text_add(&origin, http->forwarded_proto.len ? http->forwarded_proto : scheme);
    text_add_literal(&origin, "://");
    text_add(&origin, host);
    out->origin = text_slice(&origin);
    out->path = slice_is(slice_of(options->path), "/") ? SLICE("") : slice_of(options->path);
    return !origin.failed;
}

bool protected_resource_is_path(const struct options *options, struct slice path)
{
    size_t size = strlen(WELL_KNOWN);
    if (path.len < size || memcmp(path.at, WELL_KNOWN, size) != 0)
        return false;
    struct slice rest = {path.at + size, path.len - size};
    if (rest.len == 0 || slice_is(rest, options->path))
        return true;
    return options->public_url && slice_equal(rest, split(slice_of(options->public_url)).path);
}

void protected_resource_add_url(const struct options *options, const struct http_request *http,
                                struct text *out)
{
    struct place place;
    if (!find_place(options, http, out->pool, &place))
        return;
    text_add(out, place.origin);
    text_add(out, place.path);
}

void protected_resource_add_metadata_url(const struct options *options,
                                         const struct http_request *http, struct text *out)
{
    struct place place;
    if (!find_place(options, http, out->pool, &place))
        return;
    text_add(out, place.origin);
    text_add_literal(out, WELL_KNOWN);
    text_add(out, place.path);
}

static bool is_named_before(const struct mcpp_policy *policy, uint32_t verifier)
{
    for (uint32_t i = 0; i < verifier; i++)
        if (strcmp(policy->verifiers[i].issuer, policy->verifiers[verifier].issuer) == 0)
            return true;
    return false;
}

/* Clients find the authorization server's own metadata by its issuer. */
static void add_issuers(const struct options *options, const struct mcpp_policy *policy,
                        struct text *out)
{
    bool is_first = true;
    for (uint32_t i = 0; i < policy->verifier_count; i++) {
        bool is_override = options->issuer != NULL;
        const char *issuer = is_override ? options->issuer : policy->verifiers[i].issuer;
        if (!issuer[0] || (is_override ? i > 0 : is_named_before(policy, i)))
            continue;
        text_add_literal(out, is_first ? ",\"authorization_servers\":[" : ",");
        text_add_json(out, slice_of(issuer));
        is_first = false;
    }
    if (!is_first)
        text_add_byte(out, ']');
}

static void add_scopes(const struct mcpp_policy *policy, struct text *out)
{
    bool is_first = true;
    for (uint32_t i = 0; i < policy->fact_count; i++) {
        if (policy->facts[i].kind != MCPP_FACT_SCOPE)
            continue;
        text_add_literal(out, is_first ? ",\"scopes_supported\":[" : ",");
        text_add_json(out, slice_of(policy->facts[i].name));
        is_first = false;
    }
    if (!is_first)
        text_add_byte(out, ']');
}

/* Proofs are looked at whenever a token asks for one; they are required when each verifier says so.
 */
static void add_proofs(const struct mcpp_policy *policy, struct text *out)
{
    bool is_required = policy->verifier_count > 0, is_first = true;
    for (uint32_t i = 0; i < policy->verifier_count; i++)
        if ((policy->verifiers[i].bound & (MCPP_BOUND_DPOP | MCPP_BOUND_MTLS)) != MCPP_BOUND_DPOP)
            is_required = false;
    for (size_t i = 0; i < JWS_ALGORITHM_COUNT; i++) {
        if (jws_algorithms[i].scheme == JWS_HMAC)
            continue;
        text_add_literal(out, is_first ? ",\"dpop_signing_alg_values_supported\":[" : ",");
        text_add_json(out, slice_of(jws_algorithms[i].name));
        is_first = false;
    }
    text_add_literal(out, "]");
    if (is_required)
        text_add_literal(out, ",\"dpop_bound_access_tokens_required\":true");
}

void protected_resource_add(const struct options *options, const struct mcpp_policy *policy,
                            const struct http_request *http, struct text *out)
{
    struct text url = {.pool = out->pool};
    protected_resource_add_url(options, http, &url);
    text_add_literal(out, "{\"resource\":");
    text_add_json(out, text_slice(&url));
    add_issuers(options, policy, out);
    add_scopes(policy, out);
    text_add_literal(out, ",\"bearer_methods_supported\":[\"header\"]");
    add_proofs(policy, out);
    if (options->client_certificates != CLIENT_CERTIFICATES_NONE ||
        options->client_certificate_header)
        text_add_literal(out, ",\"tls_client_certificate_bound_access_tokens\":true");
    if (policy->title[0]) {
        text_add_literal(out, ",\"resource_name\":");
        text_add_json(out, slice_of(policy->title));
    }
    text_add_byte(out, '}');
    out->failed |= url.failed;
}

/*
 * Security schemes, requirements and the extensions about tokens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/security.h"

#include "tests/unit/api_fixture.h"

#define SCHEMES                                                                                   \
    "components:\n  securitySchemes:\n"                                                           \
    "    oauth: {type: oauth2, x-issuer: 'https://id.example', flows: {implicit: "                \
    "{authorizationUrl: 'https://id.example/auth', scopes: {read: Read it}}, clientCredentials: " \
    "{tokenUrl: 'https://id.example/token', scopes: {read: Read it, write: Write it}}}}\n"        \
    "    key: {type: apiKey, in: cookie, name: K}\n"                                              \
    "    jwt: {type: http, scheme: BEARER}\n"                                                     \
    "    user: {type: http, scheme: Basic}\n"                                                     \
    "    digest: {type: http, scheme: digest}\n"                                                  \
    "    oidc: {type: openIdConnect, openIdConnectUrl: 'https://id.example/.well-known/x'}\n"     \
    "    tls: {type: mutualTLS}\n"                                                                \
    "    odd: {type: retina}\n"

#define DOCUMENT(root, own) \
    API_HEAD("3.1.0") root "paths: {/a: {get: {" own "responses: {}}}}\n" SCHEMES

/* "oauth[read write]+key|anonymous" */
static struct str listed(struct fixture *fixture)
{
    const struct operation *operation = fixture_operation(fixture);
    struct str_builder out = {.arena = &fixture->arena};
    for (uint32_t i = 0; i < operation->security_count; i++) {
        const struct security_set *set = &operation->security[i];
        str_add_text(&out, i ? "|" : "");
        str_add_text(&out, set->requirement_count ? "" : "anonymous");
        for (uint32_t at = 0; at < set->requirement_count; at++) {
            const struct requirement *requirement = &set->requirements[at];
            str_add_format(&out, "%s%.*s", at ? "+" : "", STR_ARG(requirement->scheme->name));
            for (uint32_t s = 0; s < requirement->scope_count; s++)
                str_add_format(&out, " %.*s", STR_ARG(requirement->scopes[s]));
        }
    }
    return str_built(&out);
}

static void check_security(const char *text, const char *wanted, bool has_security,
                           bool is_inexpressible)
{
    struct fixture fixture;
    fixture_read(&fixture, text);
    CHECK(fixture.is_built);
    CHECK_STR(listed(&fixture), wanted);
    CHECK_INT(fixture_operation(&fixture)->has_security, has_security);
    CHECK_INT(fixture_operation(&fixture)->is_inexpressible, is_inexpressible);
    arena_free(&fixture.arena);
}

static void test_requirements(void)
{
    check_security(DOCUMENT("", ""), "", false, false);
    check_security(DOCUMENT("", "security: [], "), "", true, false);
    /* a path item has no `security`: what it means is not known, and surely not "public" */
    check_security(API_HEAD("3.1.0") "paths: {/a: {security: [{oauth: [read]}], get: {responses: "
                                     "{}}}}\n" SCHEMES,
                   "", true, true);
    check_security(API_HEAD("3.1.0") "paths: {/a: {security: [{oauth: [read]}], get: {security: "
                                     "[{key: []}], responses: {}}}}\n" SCHEMES,
                   "key", true, false);
    check_security(DOCUMENT("", "security: [{}], "), "anonymous", true, false);
    check_security(DOCUMENT("", "security: [{oauth: [read, write], key: []}, {jwt: [x]}], "),
                   "oauth read write+key|jwt x", true, false);
    check_security(DOCUMENT("security: [{oauth: [read]}]\n", ""), "oauth read", true, false);
    check_security(DOCUMENT("security: [{oauth: [read]}]\n", "security: [], "), "", true, false);
    check_security(DOCUMENT("security: [{oauth: [read]}]\n", "security: [{tls: []}], "), "tls",
                   true, false);
}

/* What is not understood never opens the operation. */
static void test_inexpressible(void)
{
    check_security(DOCUMENT("", "security: [{aouth: [read]}], "), "", true, true);
    check_security(DOCUMENT("", "security: [{aouth: []}, {key: []}], "), "key", true, true);
    check_security(DOCUMENT("", "security: [{key: [], aouth: []}], "), "", true, true);
    check_security(DOCUMENT("", "security: [{odd: []}], "), "", true, true);
    check_security(DOCUMENT("", "security: {key: []}, "), "", true, true);
    check_security(DOCUMENT("", "security: null, "), "", true, true);
    check_security(DOCUMENT("", "security: [key], "), "", true, true);
    check_security(DOCUMENT("", "security: [{oauth: read}], "), "", true, true);
    check_security(DOCUMENT("", "security: [{oauth: [{}]}], "), "", true, true);
    check_security(DOCUMENT("security: {}\n", ""), "", true, true);
    check_security(DOCUMENT("", "security: [{x-note: []}], "), "", true, true);
}

static void test_reports(void)
{
    struct fixture fixture;
    fixture_read(&fixture, DOCUMENT("", "security: [{aouth: []}, {oauth: [erase]}], "));
    CHECK_STR(fixture_diag(&fixture, "unknown-scheme"),
              "3: the security scheme 'aouth' is not declared; nobody gets in by it");
    CHECK_STR(fixture_diag(&fixture, "undeclared-scope"),
              "3: the scope 'erase' is not declared by 'oauth'; it is required all the same");
    CHECK_STR(fixture_diag(&fixture, "bad-scheme"),
              "13: the security scheme 'odd' is of an unknown type, 'retina'");
    for (size_t i = 0; i < fixture.diags.items.count; i++)
        if (strcmp(fixture.diags.items.at[i].slug, "unknown-scheme") == 0)
            CHECK_STR(fixture.diags.items.at[i].help,
                      "there is a security scheme with a similar name: 'oauth'");
    arena_free(&fixture.arena);
}

/* Said by the document, so reported once, however many operations it holds for. */
static void test_said_once(void)
{
    struct fixture fixture;
    fixture_read(&fixture, API_HEAD("3.1.0") "security: [{none: []}]\n"
                                             "paths: {/a: {get: {}, put: {}, post: {}}}\n");
    CHECK_INT(fixture.api.operation_count, 3);
    CHECK_INT(fixture_count(&fixture, "unknown-scheme"), 1);
    CHECK(fixture.api.operations[2].is_inexpressible);
    arena_free(&fixture.arena);
}

static void test_schemes(void)
{
    static const enum scheme_kind kinds[] = {
        SCHEME_OAUTH2,     SCHEME_API_KEY,        SCHEME_BEARER,    SCHEME_BASIC,
        SCHEME_HTTP_OTHER, SCHEME_OPENID_CONNECT, SCHEME_MUTUAL_TLS};
    struct fixture fixture;
    fixture_read(&fixture, DOCUMENT("", ""));
    const struct api *api = &fixture.api;
    CHECK_INT(api->scheme_count, 7);
    for (uint32_t i = 0; i < api->scheme_count && i < 7; i++)
        CHECK_INT(api->schemes[i].kind, kinds[i]);
    CHECK_INT(api->schemes[0].flow_count, 2);
    CHECK_STR(api->schemes[0].flows[1].token_url, "https://id.example/token");
    CHECK_INT(api->schemes[0].scope_count, 2);
    CHECK_STR(api->schemes[0].scopes[1].name, "write");
    CHECK_STR(api->schemes[0].scopes[1].description, "Write it");
    CHECK_STR(api->schemes[0].issuer, "https://id.example");
    CHECK_STR(api->schemes[1].key_name, "K");
    CHECK_INT(api->schemes[1].key_place, API_KEY_COOKIE);
    CHECK_STR(api->schemes[4].http_scheme, "digest");
    CHECK_STR(api->schemes[5].openid_url, "https://id.example/.well-known/x");
    arena_free(&fixture.arena);
}

static void test_extensions(void)
{
    struct fixture fixture;
    fixture_read(&fixture, "openapi: 3.0.0\nx-issuer: https://a.example\n"
                           "x-google-issuer: https://g.example\n"
                           "x-google-audiences: ' one , two'\nx-audience: 5\n"
                           "info: {title: t, version: '1', x-jwks-uri: 'https://a.example/jwks'}\n"
                           "paths: {}\n");
    CHECK_STR(fixture.api.issuer, "https://a.example");
    CHECK_STR(fixture.api.jwks, "https://a.example/jwks");
    CHECK_STR(fixture.api.audience, "one");
    CHECK_STR(fixture_diag(&fixture, "several-audiences"),
              "4: of several audiences only the first is used: 'one'");
    CHECK_INT(fixture_count(&fixture, "bad-value"), 1);
    arena_free(&fixture.arena);
}

int main(void)
{
    test_requirements();
    test_inexpressible();
    test_reports();
    test_said_once();
    test_schemes();
    test_extensions();
    return check_report();
}

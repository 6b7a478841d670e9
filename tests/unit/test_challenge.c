/*
 * Who may come in: the Authorization header, the challenges, the metadata. Valid tokens are the
 * business of tests/runtime/test_authorization.py.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/challenge.h"

#include "runtime/identity/key_table.h"
#include "runtime/identity/trust.h"
#include "tests/unit/exchange_play.h"

static struct play play;

#define METADATA \
    "resource_metadata=\"http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp\""
#define PING "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"

static void check_texts(void)
{
    static const uint64_t all[] = {7}, token[] = {1};
    static const struct mcpp_fact odd[] = {{MCPP_FACT_SCOPE, "read\"pets", "", play_implies, 0}};
    struct mcpp_policy policy = {.facts = odd, .fact_count = 1, .fact_words = 1};
    struct pool *pool = pool_open(1 << 16);
    struct text out = {.pool = pool};
    struct challenge challenge = {CHALLENGE_NO_TOKEN, SLICE("https://m"), &play_policy, all, false};
    challenge_add(&out, &challenge);
    CHECK_STR(text_slice(&out), "WWW-Authenticate: Bearer resource_metadata=\"https://m\", "
                                "scope=\"read:pets write:pets\"\r\n");
    out = (struct text){.pool = pool};
    challenge.wanted = token;
    challenge_add(&out, &challenge);
    CHECK_STR(text_slice(&out), "WWW-Authenticate: Bearer resource_metadata=\"https://m\"\r\n");
    /* what cannot be quoted is not sent */
    out = (struct text){.pool = pool};
    challenge =
        (struct challenge){CHALLENGE_SCOPE, SLICE("https://m\"\r\nX: y"), &policy, all, false};
    challenge_add(&out, &challenge);
    CHECK_STR(text_slice(&out), "WWW-Authenticate: Bearer error=\"insufficient_scope\", "
                                "error_description=\"The access token has not the scopes "
                                "needed\"\r\n");
    out = (struct text){.pool = pool};
    challenge = (struct challenge){.kind = CHALLENGE_NONCE, .is_dpop = true};
    challenge_add(&out, &challenge);
    CHECK_STR(text_slice(&out),
              "WWW-Authenticate: DPoP error=\"use_dpop_nonce\", error_description=\"The DPoP proof "
              "needs the nonce of this server\", algs=\"RS256 ES256 RS384 RS512 PS256 PS384 PS512 "
              "ES384 ES512 EdDSA Ed25519 Ed448\"\r\n");
    pool_close(pool);
}

/* A policy with a public tool: who says nothing may ask what there is. */
static void check_public(void)
{
    CHECK_INT(play_http(&play, (struct play_request){.body = PING}), 200);
    CHECK_INT(play_http(&play,
                        (struct play_request){
                            .headers = MODERN "Mcp-Method: tools/list\n",
                            .body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\""
                                    ",\"params\":{" META "}}"}),
              200);
    CHECK_HAS(play.body, "\"cacheScope\":\"private\"");
    struct play_request call = {
        .headers = MODERN "Mcp-Method: tools/call\nMcp-Name: deletePet\n",
        .body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
                "\"deletePet\"," META "}}",
    };
    CHECK_INT(play_http(&play, call), 401);
    CHECK_STR(slice_of(play.headers),
              "WWW-Authenticate: Bearer " METADATA ", scope=\"read:pets write:pets\"\r\n");
    CHECK_HAS(play.body, "\"id\":1,\"error\":{\"code\":401,");
}

static void check_private(void)
{
    struct mcpp_policy policy = play_policy;
    policy.tool_count = PLAY_TOOLS - 1; /* without the public one */
    play_set_policy(&play, &policy);
    CHECK_INT(play_http(&play, (struct play_request){.body = PING}), 401);
    CHECK_STR(slice_of(play.headers),
              "WWW-Authenticate: Bearer " METADATA ", scope=\"read:pets\"\r\n");
    CHECK_INT(play_http(&play, (struct play_request){.headers = "Mcp-Name: deletePet\n"}), 401);
    CHECK_HAS(play.headers, ", scope=\"read:pets write:pets\"\r\n");
    CHECK_INT(play_http(&play, (struct play_request){.method = "GET"}), 405);
    play_set_policy(&play, &play_policy);
}

#define TOKEN "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUifQ.AAAA"

static void check_headers(void)
{
    static const struct {
        const char *headers, *query;
        unsigned status;
        const char *challenge;
    } cases[] = {
        {"Authorization: Basic YTpi\n", "", 401, "Bearer resource_metadata="},
        {"Authorization: Bearerx\n", "", 401, "Bearer resource_metadata="},
        {"Authorization: Bearer\n", "", 400, "error=\"invalid_request\""},
        {"Authorization: Bearer a\nAuthorization: Bearer a\n", "", 400,
         "error=\"invalid_request\""},
        {"Authorization: Bearer a\n", "access_token=a", 400, "error=\"invalid_request\""},
        {"", "access_token=a", 401, "Bearer resource_metadata="},
        {"", "x=1&access_token=a", 401, "Bearer resource_metadata="},
        {"", "my_access_token=a", 200, ""},
        {"", "access_token_x=a", 200, ""},
        {"Authorization: Bearer  " TOKEN "\n", "", 401, "error=\"invalid_token\""},
        {"Authorization: Bearer " TOKEN ",\n", "", 401, "error=\"invalid_token\""},
        {"Authorization: Bearer " TOKEN " x\n", "", 401, "error=\"invalid_token\""},
        {"Authorization: Bearer ====\n", "", 401, "error=\"invalid_token\""},
        {"Authorization: bEARER no-token\n", "", 401, "error=\"invalid_token\""},
        {"Authorization: Bearer a.b.c.d\n", "", 401, "error=\"invalid_token\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned status = play_http(&play, (struct play_request){.headers = cases[i].headers,
                                                                 .query = cases[i].query,
                                                                 .body = PING});
        if (!CHECK(status == cases[i].status))
            fprintf(stderr, "    case %zu: got %u %s\n", i, status, play.headers);
        CHECK_HAS(play.headers, cases[i].challenge);
        CHECK_LACKS(play.headers, "eyJ");
        CHECK_LACKS(play.body, "eyJ");
    }
}

/* The issuer of the policy cannot be reached: that is our trouble, not the token's. */
static void check_unavailable(void)
{
    CHECK_INT(play_http(&play, (struct play_request){.headers = "Authorization: Bearer " TOKEN "\n",
                                                     .body = PING}),
              503);
    CHECK_HAS(play.headers, "Retry-After: ");
    CHECK_LACKS(play.headers, "WWW-Authenticate");
    /* a server that should validate and cannot does not let in */
    struct identity *identity = play.worker.identity;
    play.worker.identity = NULL;
    CHECK_INT(play_http(&play, (struct play_request){.headers = "Authorization: Bearer " TOKEN "\n",
                                                     .body = PING}),
              503);
    play.worker.identity = identity;
}

static void check_metadata(void)
{
    struct play_request request = {.method = "GET",
                                   .target = "/.well-known/oauth-protected-resource/mcp"};
    CHECK_INT(play_http(&play, request), 200);
    CHECK_STR(slice_of(play.body),
              "{\"resource\":\"http://127.0.0.1:8000/mcp\",\"authorization_servers\":["
              "\"https://id.example\"],\"scopes_supported\":[\"read:pets\",\"write:pets\"],"
              "\"bearer_methods_supported\":[\"header\"],\"dpop_signing_alg_values_supported\":"
              "[\"RS256\",\"ES256\",\"RS384\",\"RS512\",\"PS256\",\"PS384\",\"PS512\",\"ES384\","
              "\"ES512\",\"EdDSA\",\"Ed25519\",\"Ed448\"],\"resource_name\":\"Play\"}");
    request.target = "/.well-known/oauth-protected-resource";
    CHECK_INT(play_http(&play, request), 200);
    request.target = "/.well-known/oauth-protected-resource/other";
    CHECK_INT(play_http(&play, request), 404);
    request.target = "/.well-known/oauth-protected-resource/api/mcp";
    CHECK_INT(play_http(&play, request), 404);
    play.server.options.public_url = "https://pets.example/api/mcp";
    play.server.options.issuer = "https://other.example";
    CHECK_INT(play_http(&play, request), 200);
    CHECK_HAS(play.body,
              "{\"resource\":\"https://pets.example/api/mcp\",\"authorization_servers\":["
              "\"https://other.example\"],");
    CHECK_INT(play_http(&play, (struct play_request){.headers = "Authorization: Basic YTpi\n",
                                                     .body = PING}),
              401);
    CHECK_HAS(play.headers, "resource_metadata=\"https://pets.example/.well-known/"
                            "oauth-protected-resource/api/mcp\"");
    play.server.options.public_url = play.server.options.issuer = NULL;
    request.method = "POST";
    request.target = "/.well-known/oauth-protected-resource";
    CHECK_INT(play_http(&play, request), 405);
}

int main(void)
{
    play_open(&play);
    play.server.options.validate_tokens = true;
    play.server.trust = trust_open(play.server.policy);
    play.server.keys = key_table_open();
    play.worker.identity = play.server.trust ? identity_open(&play.worker) : NULL;
    CHECK(play.worker.identity != NULL);
    check_texts();
    check_public();
    check_private();
    check_headers();
    check_unavailable();
    check_metadata();
    play_close(&play);
    trust_close(play.server.trust);
    key_table_close(play.server.keys);
    return check_report();
}

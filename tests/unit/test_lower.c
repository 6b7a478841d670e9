/*
 * Lowering an API: needs from security, the verifier's sources, credentials, and that what is
 * written reads back, checks and means the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/unit/check.h"

#include "compiler/lower/lower.h"
#include "tests/unit/policy_fixture.h"

static const struct security_scheme schemes[] = {
    {.name = STR_INIT("oauth"), .kind = SCHEME_OAUTH2},
    {.name = STR_INIT("api_key"), .kind = SCHEME_API_KEY, .key_name = STR_INIT("X-API-Key")},
    {.name = STR_INIT("login"), .kind = SCHEME_BASIC},
    {.name = STR_INIT("api-key"),
     .kind = SCHEME_API_KEY,
     .key_name = STR_INIT("key"),
     .key_place = API_KEY_QUERY},
    {.name = STR_INIT("bad"), .kind = SCHEME_API_KEY, .key_name = STR_INIT("a b")},
};
enum { OAUTH, KEY, LOGIN, OTHER_KEY, BAD_KEY };

static const struct str read_pets[] = {STR_INIT("read")};
static const struct str read_write[] = {STR_INIT("read"), STR_INIT("write"), STR_INIT("read")};
static const struct str spaced[] = {STR_INIT("a b")};

static const struct requirement
    with_read[] = {{.scheme = &schemes[OAUTH], .scopes = read_pets, .scope_count = 1}},
    with_both[] = {{.scheme = &schemes[OAUTH], .scopes = read_write, .scope_count = 3}},
    with_spaced[] = {{.scheme = &schemes[OAUTH], .scopes = spaced, .scope_count = 1}},
    with_none[] = {{.scheme = &schemes[OAUTH]}},
    with_key[] = {{.scheme = &schemes[KEY], .scopes = read_pets, .scope_count = 1}},
    with_login[] = {{.scheme = &schemes[LOGIN]}}, with_bad_key[] = {{.scheme = &schemes[BAD_KEY]}},
    with_keys[] = {{.scheme = &schemes[KEY]}, {.scheme = &schemes[OTHER_KEY]}},
    with_key_and_read[] = {{.scheme = &schemes[KEY]},
                           {.scheme = &schemes[OAUTH], .scopes = read_pets, .scope_count = 1}};

#define SET(list) {.requirements = (list), .requirement_count = sizeof(list) / sizeof(list)[0]}
#define SECURITY(sets) \
    .has_security = true, .security = (sets), .security_count = sizeof(sets) / sizeof(sets)[0]

static const struct security_set read_set[] = {SET(with_read)}, both_set[] = {SET(with_both)},
                                 either[] = {SET(with_read), SET(with_both), SET(with_read)},
                                 scoped_or_key[] = {SET(with_read), SET(with_key), SET(with_none)},
                                 optional_set[] = {SET(with_read), {0}},
                                 key_set[] = {SET(with_key)}, login_set[] = {SET(with_login)},
                                 keys_set[] = {SET(with_keys)}, token_set[] = {SET(with_none)},
                                 spaced_set[] = {SET(with_spaced)},
                                 bad_key_set[] = {SET(with_bad_key)},
                                 key_and_read[] = {SET(with_key_and_read)};

static const struct operation operations[] = {
    {.id = STR_INIT("read"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/read"),
     SECURITY(read_set)},
    {.id = STR_INIT("both"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/both"),
     SECURITY(both_set)},
    {.id = STR_INIT("either"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/either"),
     SECURITY(either)},
    {.id = STR_INIT("scopedOrKey"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/scoped"),
     SECURITY(scoped_or_key)},
    {.id = STR_INIT("optional"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/optional"),
     SECURITY(optional_set)},
    {.id = STR_INIT("public"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/public"),
     .has_security = true},
    {.id = STR_INIT("silent"), .method = STR_INIT("GET"), .path = STR_INIT("/silent")},
    {.id = STR_INIT("key"), .method = STR_INIT("GET"), .path = STR_INIT("/key"), SECURITY(key_set)},
    {.id = STR_INIT("keys"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/keys"),
     SECURITY(keys_set)},
    {.id = STR_INIT("login"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/login"),
     SECURITY(login_set)},
    {.id = STR_INIT("anyToken"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/any"),
     SECURITY(token_set)},
    {.id = STR_INIT("keyAndRead"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/key-and-read"),
     SECURITY(key_and_read)},
    {.id = STR_INIT("badKey"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/bad-key"),
     SECURITY(bad_key_set)},
    {.id = STR_INIT("lost"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/lost"),
     .has_security = true,
     .is_inexpressible = true},
    {.id = STR_INIT("spaced"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/spaced"),
     SECURITY(spaced_set)},
    {.id = STR_INIT("control"), .method = STR_INIT("GET"), .path = STR_INIT("/a\r\nX: y")},
};
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static struct api test_api(void)
{
    return (struct api){.title = STR("Pets"),
                        .version = STR("1.0"),
                        .server = STR("https://b.example/v1"),
                        .operations = operations,
                        .operation_count = OPERATIONS,
                        .schemes = schemes,
                        .scheme_count = sizeof schemes / sizeof schemes[0]};
}

struct lowered {
    struct fixture fixture;
    struct diag_list diags; /* of lowering */
    struct str text;
};

/* Lowers, prints, parses and checks; all of it must go without an error. */
static void lower(struct lowered *lowered, const struct api *api,
                  const struct lower_options *options)
{
    struct arena *arena = &lowered->fixture.arena;
    lowered->diags = (struct diag_list){.arena = arena};
    struct policy_ast ast;
    if (!CHECK(lower_api(api, options, arena, &lowered->diags, &ast)))
        diag_print(&lowered->diags, stderr);
    struct str_builder direct = {.arena = arena};
    ast_dump(&ast, &direct);
    lowered->text = policy_format(&ast, arena);
    fixture_check(&lowered->fixture, api, str_text(arena, lowered->text));
    if (!CHECK(lowered->fixture.is_checked)) {
        diag_print(&lowered->fixture.diags, stderr);
        fprintf(stderr, "%.*s", STR_ARG(lowered->text));
    }
    /* what was printed is what was lowered, and is laid out already */
    CHECK_STR(fixture_dump(&lowered->fixture), str_text(arena, str_built(&direct)));
    CHECK_STR(policy_format(&lowered->fixture.ast, arena), str_text(arena, lowered->text));
}

static bool holds(struct lowered *lowered, const char *line)
{
    struct arena *arena = &lowered->fixture.arena;
    return strstr(str_text(arena, lowered->text), line) != NULL;
}

#define HOLDS(lowered, line)                                                         \
    do {                                                                             \
        if (!CHECK(holds((lowered), (line))))                                        \
            fprintf(stderr, "    no %s in\n%.*s", (line), STR_ARG((lowered)->text)); \
    } while (0)

static const struct lower_options plain = {.api_name = STR_INIT("pets.yaml")};

static void test_needs(void)
{
    struct lowered lowered = {0};
    struct api api = test_api();
    lower(&lowered, &api, &plain);
    HOLDS(&lowered, "tool read        GET /read           needs \"read\"\n");
    HOLDS(&lowered, "tool both        GET /both           needs \"read\" and \"write\"\n");
    HOLDS(&lowered,
          "tool either      GET /either         needs \"read\" or \"read\" and \"write\"\n");
    HOLDS(&lowered, "needs \"read\"  # api_key or oauth alone does not open it; roles");
    HOLDS(&lowered, "/optional       needs nothing\n");
    HOLDS(&lowered, "/public         needs nothing\n");
    HOLDS(&lowered, "/silent         needs nothing\n");
    HOLDS(&lowered, "/key            needs token  # roles of api_key are the backend's business\n");
    HOLDS(&lowered, "/login          needs token\n");
    HOLDS(&lowered, "/any            needs token\n");
    HOLDS(&lowered, "/key-and-read   needs \"read\"\n");
    HOLDS(&lowered, "/lost           \"its security cannot be expressed\"\n");
    HOLDS(&lowered, "/spaced         \"it needs a scope that no token can carry\"\n");
    HOLDS(&lowered, "\"/a\\u{d}\\nX: y\" \"its path cannot stand in a request\"\n");
    CHECK_INT(lowered.diags.warning_count, 5); /* three omitted, a key without a usable name, a flow
                                                  without URLs */
    CHECK_INT(lowered.fixture.diags.items.count, 0);
    arena_free(&lowered.fixture.arena);
}

static void test_credentials(void)
{
    struct lowered lowered = {0};
    struct api api = test_api();
    lower(&lowered, &api, &plain);
    HOLDS(&lowered, "\nsend bearer env BACKEND_API_TOKEN\n");
    HOLDS(&lowered, "credential \"api_key\" header \"X-API-Key\" env API_KEY\n");
    HOLDS(&lowered, "credential \"api-key\" query \"key\" env API_KEY_2\n");
    HOLDS(&lowered, "credential \"login\" basic env LOGIN_USER_PASSWORD\n");
    HOLDS(&lowered, "send \"api_key\" or bearer env BACKEND_API_TOKEN for scopedOrKey\n");
    HOLDS(&lowered, "send \"api_key\" for key\n");
    HOLDS(&lowered, "send \"api_key\" and \"api-key\" for keys\n");
    HOLDS(&lowered, "send \"api_key\" and bearer env BACKEND_API_TOKEN for keyAndRead\n");
    CHECK_INT(lowered.fixture.policy.credential_count, 4);
    for (uint32_t i = 0; i < lowered.fixture.policy.tool_count; i++) {
        const struct tool *tool = &lowered.fixture.policy.tools[i];
        bool is_public = tool->needs->kind == CONDITION_NOTHING;
        CHECK_INT(tool->send_count, is_public ? 0 : 1);
    }
    arena_free(&lowered.fixture.arena);
}

static const struct verifier *only_verifier(struct lowered *lowered)
{
    CHECK_INT(lowered->fixture.policy.verifier_count, 1);
    return &lowered->fixture.policy.verifiers[0];
}

static void test_verifier(void)
{
    struct lowered defaults = {0}, discovered = {0}, extended = {0}, unknown = {0}, bad = {0};
    struct api api = test_api();
    lower(&defaults, &api, &plain);
    CHECK_STR(only_verifier(&defaults)->issuer, "https://b.example/v1");
    CHECK_STR(only_verifier(&defaults)->jwks, "https://b.example/v1/.well-known/jwks.json");
    CHECK_STR(only_verifier(&defaults)->audiences[0], "backend-api");
    CHECK(!defaults.fixture.policy.validate_tokens);
    HOLDS(&defaults, "    leeway     60s\n    scopes     claim \"scope\"\n}\naccept main\n");

    struct security_scheme openid[] = {
        {.name = STR("oidc"),
         .kind = SCHEME_OPENID_CONNECT,
         .audience = STR("pets"),
         .openid_url = STR("https://id.example/r/.well-known/openid-configuration")}};
    api.schemes = openid;
    api.scheme_count = 1;
    api.issuer = STR("https://not.example");
    api.operation_count = 0;
    lower(&discovered, &api, &plain);
    CHECK_STR(only_verifier(&discovered)->issuer, "https://id.example/r");
    CHECK_STR(only_verifier(&discovered)->jwks, "");
    CHECK_STR(only_verifier(&discovered)->audiences[0], "pets");

    api.scheme_count = 0;
    api.issuer = STR("https://id.example/");
    api.jwks = STR("https://keys.example/k");
    api.audience = STR("a \"b\"");
    lower(&extended, &api, &plain);
    CHECK_STR(only_verifier(&extended)->issuer, "https://id.example/");
    CHECK_STR(only_verifier(&extended)->jwks, "https://keys.example/k");
    CHECK_STR(only_verifier(&extended)->audiences[0], "a \"b\"");

    api = (struct api){.title = STR("x"), .server_text = STR("/v1\n\xe2\x80\xae")};
    lower(&unknown, &api, &plain);
    CHECK_STR(only_verifier(&unknown)->issuer, "");
    CHECK_STR(only_verifier(&unknown)->jwks, "");
    CHECK_STR(unknown.fixture.policy.backend, "");
    HOLDS(&unknown, "# No backend: the document's server is '/v1'.");

    api.jwks = STR("file:///etc/passwd");
    api.server = STR("https://a b");
    lower(&bad, &api, &plain);
    CHECK_STR(only_verifier(&bad)->jwks, "");
    CHECK_INT(bad.diags.warning_count, 2);
    arena_free(&defaults.fixture.arena);
    arena_free(&discovered.fixture.arena);
    arena_free(&extended.fixture.arena);
    arena_free(&unknown.fixture.arena);
    arena_free(&bad.fixture.arena);
}

/* Text of a document that would like to be something else stays what it is. */
/* The keys of one issuer never stand beside the name of another. */
static void test_several_issuers(void)
{
    struct lowered lowered = {0}, document = {0};
    struct security_scheme several[] = {
        {.name = STR("a"), .kind = SCHEME_OAUTH2, .issuer = STR("https://a.example")},
        {.name = STR("b"),
         .kind = SCHEME_OAUTH2,
         .issuer = STR("https://b.example"),
         .jwks = STR("https://b.example/keys")}};
    struct api api = {.title = STR("x"),
                      .schemes = several,
                      .scheme_count = 2,
                      .issuer = STR("https://c.example"),
                      .jwks = STR("https://c.example/keys")};
    lower(&lowered, &api, &plain);
    CHECK_STR(only_verifier(&lowered)->issuer, "https://a.example");
    CHECK_STR(only_verifier(&lowered)->jwks, "");
    HOLDS(&lowered, "# The document names several issuers; this is the first.\n");
    api.issuer = STR("https://a.example");
    api.scheme_count = 1;
    lower(&document, &api, &plain);
    CHECK_STR(only_verifier(&document)->jwks, "https://c.example/keys");
    arena_free(&lowered.fixture.arena);
    arena_free(&document.fixture.arena);
}

static void test_hostile_text(void)
{
    static const struct str tags[] = {STR_INIT("t\nmcpp 2\n# \"{")};
    static const struct scheme_scope scopes[] = {
        {STR_INIT("a\"\\*/?\?/%s"), STR_INIT("\"\n\0\x01\xff} tool x"), {0}}};
    static const struct security_scheme scheme = {
        .name = STR_INIT("s\nx"), .kind = SCHEME_OAUTH2, .scopes = scopes, .scope_count = 1};
    static const struct requirement requirement = {
        .scheme = &scheme, .scopes = &scopes[0].name, .scope_count = 1};
    static const struct security_set sets[] = {{&requirement, 1, {0}}};
    static const struct operation hostile[] = {
        {.id = STR_INIT("x\ntool y GET / needs nothing"),
         .method = STR_INIT("GET"),
         .path = STR_INIT("/a b\"#{"),
         .tags = tags,
         .tag_count = 1,
         SECURITY(sets)},
        {.id = STR_INIT("needs"), .method = STR_INIT("POST"), .path = STR_INIT("/\xe2\x80\xae")},
    };
    struct api api = {.title = STR("*/\nmcpp 9\n%s"),
                      .version = STR("\x01\0"),
                      .operations = hostile,
                      .operation_count = 2,
                      .schemes = &scheme,
                      .scheme_count = 1};
    struct lower_options options = {
        .api_name = STR("a \"b\"\n.yaml"), .server_name = STR("s"), .validate_tokens = true};
    struct lowered lowered = {0};
    struct policy_ast ast;
    lowered.diags = (struct diag_list){.arena = &lowered.fixture.arena};
    CHECK(lower_api(&api, &options, &lowered.fixture.arena, &lowered.diags, &ast));
    lowered.text = policy_format(&ast, &lowered.fixture.arena);
    fixture_check(&lowered.fixture, &api, str_text(&lowered.fixture.arena, lowered.text));
    if (!CHECK(lowered.fixture.is_checked))
        diag_print(&lowered.fixture.diags, stderr);
    CHECK_INT(lowered.fixture.policy.tool_count, 2);
    CHECK(lowered.fixture.policy.validate_tokens);
    CHECK_STR(lowered.fixture.policy.tools[0].needs->word.text, "a\"\\*/?\?/%s");
    CHECK_STR(lowered.fixture.policy.scopes[0].description,
              "\"\n\xef\xbf\xbd\x01\xef\xbf\xbd} tool x");
    arena_free(&lowered.fixture.arena);
}

static void test_refused(void)
{
    struct fixture fixture = {.diags = {.arena = &fixture.arena}};
    static const struct operation nul = {.method = STR_INIT("GET"), .path = STR_INIT("/a\0b")};
    struct api api = {.title = STR("x"), .operations = &nul, .operation_count = 1};
    CHECK(!lower_api(&api, &plain, &fixture.arena, &fixture.diags, &fixture.ast));
    CHECK(fixture_diag(&fixture, "bad-path") != NULL);
    struct lower_options options = {.api_name = STR("x"), .backend = STR("nowhere")};
    api.operation_count = 0;
    CHECK(!lower_api(&api, &options, &fixture.arena, &fixture.diags, &fixture.ast));
    CHECK(fixture_diag(&fixture, "bad-url") != NULL);
    arena_free(&fixture.arena);
}

int main(void)
{
    test_needs();
    test_credentials();
    test_verifier();
    test_several_issuers();
    test_hostile_text();
    test_refused();
    return check_report();
}

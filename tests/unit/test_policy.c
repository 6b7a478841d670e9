/*
 * Reading and checking policies: what is accepted, what is refused and with which diagnostic.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/unit/check.h"

#include "tests/unit/policy_fixture.h"

#define HEAD "mcpp 1\napi \"openapi.yaml\"\n"
#define OTHERS "omit POST /pet\nomit GET /health\n"
#define TOOLS "tool getPet GET /pet/{petId} needs token\n" OTHERS

/* Checks that the policy is refused with this slug, at this line and column, alone. */
static void refused_at(const char *text, const char *slug, uint32_t line, uint32_t column,
                       int number)
{
    struct fixture fixture = {0};
    fixture_check(&fixture, &fixture_api, text);
    const struct diag *diag = fixture_diag(&fixture, slug);
    bool is_right = !fixture.is_checked && diag && fixture.diags.items.count == 1;
    if (is_right && line) {
        struct position at = source_position(diag->span.source, diag->span.start);
        is_right = at.line == line && at.column == column;
    }
    if (!check_that(is_right, __FILE__, number, slug)) {
        fprintf(stderr, "---\n%s---\n", text);
        diag_print(&fixture.diags, stderr);
    }
    arena_free(&fixture.arena);
}

#define REFUSED(text, slug, line, column) refused_at(text, slug, line, column, __LINE__)

static void helped_by(const char *text, const char *slug, const char *help, int number)
{
    struct fixture fixture = {0};
    fixture_check(&fixture, &fixture_api, text);
    const struct diag *diag = fixture_diag(&fixture, slug);
    if (!check_that(diag && str_is(diag->help, help), __FILE__, number, help))
        diag_print(&fixture.diags, stderr);
    arena_free(&fixture.arena);
}

#define HELPED(text, slug, help) helped_by(text, slug, help, __LINE__)

static void test_whole_policy(void)
{
    struct fixture fixture = {0};
    fixture_check(&fixture, &fixture_api,
                  "\xef\xbb\xbf# head\n" HEAD "server \"pets\"\nbackend \"https://b.example/v1/\"\n"
                  "verifier main jwt {\n  issuer \"https://i.example/\"\n"
                  "  jwks \"https://i.example/jwks?x=1\" # keys\n  audience \"pets\"\n"
                  "  algorithms ES256\n  leeway 5s\n  scopes claim \"scp\"\n}\n"
                  "accept main\nvalidate tokens\n"
                  "scope \"read\"\nscope \"write\" \"Change\" implies \"read\"\n"
                  "scope \"all\" implies \"write\",\n   \"all\"\n"
                  "tool getPet GET /pet/{petId} needs \"read\" or \"write\" and \"all\"\r\n"
                  "tool send POST /pet needs \"write\" { title \"T\\u{e9}\\n\" }\n"
                  "tool health GET /health needs nothing {\n timeout 1500ms\n hint read_only\n}\n"
                  "send bearer env BACKEND_API_TOKEN\n"
                  "send header \"X-Key\" file \"/run/key\" for send, health\n"
                  "send basic env LOGIN for send");
    const struct policy *policy = &fixture.policy;
    if (!CHECK(fixture.is_checked && fixture.diags.items.count == 0)) {
        diag_print(&fixture.diags, stderr);
        return;
    }
    CHECK_STR(policy->server_name, "pets");
    CHECK_STR(policy->backend, "https://b.example/v1");
    CHECK_STR(policy->verifiers[0].issuer, "https://i.example/");
    CHECK_STR(policy->verifiers[0].scope_claim, "scp");
    CHECK_INT(policy->verifiers[0].algorithms, ALGORITHM_ES256);
    CHECK_INT(policy->verifiers[0].leeway_s, 5);
    CHECK(policy->validate_tokens);
    CHECK_INT(policy->scope_count, 3);
    CHECK_INT(policy->scopes[0].implies_count, 1);
    CHECK_INT(policy->scopes[1].implies_count, 2);
    CHECK_INT(policy->scopes[2].implies_count, 3);
    CHECK_INT(policy_scope(policy, STR("all")), 2);
    CHECK_INT(policy->tool_count, 3);
    CHECK_STR(policy->tools[1].name, "send");
    CHECK_STR(policy->tools[1].title, "T\xc3\xa9\n");
    CHECK_STR(policy->tools[0].title, "Find a pet");
    CHECK_STR(policy->tools[0].description, "By its id.");
    CHECK_STR(policy->tools[1].description, "Add a pet");
    CHECK_INT(policy->tools[0].needs->kind, CONDITION_OR);
    CHECK_INT(policy->tools[0].needs->right->kind, CONDITION_AND);
    CHECK_INT(policy->tools[2].timeout_ms, 1500);
    CHECK_INT(policy->tools[2].hints, HINT_READ_ONLY);
    CHECK_INT(policy->tools[0].send_count, 1); /* the default */
    CHECK_INT(policy->tools[0].sends[0], 0);
    CHECK_INT(policy->tools[1].send_count, 2); /* its own Authorization, and the key */
    CHECK_INT(policy->tools[1].sends[0], 1);
    CHECK_INT(policy->tools[1].sends[1], 2);
    CHECK_INT(policy->tools[2].send_count, 1); /* public: no default */
    CHECK_INT(policy->tools[2].sends[0], 1);
    arena_free(&fixture.arena);
}

static void test_defaults(void)
{
    struct fixture fixture = {0};
    fixture_check(&fixture, &fixture_api,
                  HEAD TOOLS "verifier v jwt {\n audience \"a\"\n}\naccept v\n");
    CHECK(fixture.is_checked);
    CHECK_STR(fixture.policy.server_name, "pet-store-3");
    CHECK_STR(fixture.policy.backend, "https://petstore.example/v3");
    CHECK(!fixture.policy.validate_tokens);
    CHECK_STR(fixture.policy.verifiers[0].scope_claim, "scope");
    CHECK_INT(fixture.policy.verifiers[0].leeway_s, 60);
    CHECK_INT(fixture.policy.verifiers[0].algorithms, ALGORITHM_RS256 | ALGORITHM_ES256);
    CHECK_INT(fixture.policy.tools[0].hints, HINT_READ_ONLY | HINT_IDEMPOTENT | HINT_OPEN_WORLD);
    CHECK_INT(fixture.policy.input_count, 1);
    arena_free(&fixture.arena);
}

static void test_characters(void)
{
    REFUSED("mcpp 1\n# \x01\n", "bad-character", 2, 3);
    REFUSED("mcpp 1 # \xff\n", "bad-character", 1, 10);
    REFUSED("# \xed\xa0\x80\n", "bad-character", 1, 3) /* a surrogate: three bad bytes */;
    REFUSED("# \xe2\x80\xae\n", "bad-character", 1, 3);
    REFUSED("# \xc2\x85\n", "bad-character", 1, 3);
    REFUSED("mcpp 1\r", "bad-character", 1, 7);
    REFUSED(HEAD TOOLS "server \"\\q\"\n", "bad-string", 6, 9);
    REFUSED(HEAD TOOLS "server \"\\u{0}\"\n", "bad-string", 6, 9);
    REFUSED(HEAD TOOLS "server \"\\u{110000}\"\n", "bad-string", 6, 9);
    REFUSED(HEAD TOOLS "server \"\\u{d800}\"\n", "bad-string", 6, 9);
    REFUSED(HEAD TOOLS "server \"\\u{}\"\n", "bad-string", 6, 9);
    REFUSED(HEAD TOOLS "server \"\\u41\"\n", "bad-string", 6, 9);
    REFUSED(HEAD TOOLS "server \"abc\n", "bad-string", 6, 8);
    REFUSED(HEAD TOOLS "server \"abc\\\n", "bad-string", 6, 8);
    REFUSED(HEAD TOOLS "@ server \"x\"\n", "bad-character", 6, 1);
}

static void test_syntax(void)
{
    REFUSED(HEAD TOOLS "server name\n", "syntax", 6, 8);
    REFUSED(HEAD "tool getPet GET /pet/{petId}\n" OTHERS, "syntax", 3, 29);
    REFUSED(HEAD "tool getPet GET /pet/{petId} needs (token", "syntax", 3, 42);
    REFUSED(HEAD "tool getPet GET /pet/{petId} needs token {", "syntax", 3, 43);
    REFUSED(HEAD "accept a,", "syntax", 3, 10);
    REFUSED(HEAD "send bearer \"abc\"\n", "literal-secret", 3, 13);
    HELPED(HEAD "tol x GET /y needs token\n", "syntax",
           "there is a keyword with a similar name: 'tool'");
    HELPED(HEAD "send beerer env X\n", "syntax",
           "there is a keyword with a similar name: 'bearer'");
}

/* Several errors are reported in one run, and each once. */
static void test_recovery(void)
{
    struct fixture fixture = {0};
    fixture_parse(&fixture, "mcpp\n"                                                 /* 1 */
                            "api openapi\n"                                          /* 2 */
                            "verifier main jwt also {\n issuer \"x\"\n}\n"           /* 3 */
                            "verifier main jwt {\n issuer\n jwks \"fine\"\n , \n}\n" /* 4, 5 */
                            "scope \"a\" implies\n"                                  /* 6 */
                            "tool x GET /x needs token { title \"a\" \"b\" }\n"
                            "tool x GET /x needs token { title }\n" /* 7 */
                            "}\n"                                   /* 8 */
                            "send bearer env X for ,\n");           /* 9 */
    CHECK(!fixture.is_parsed);
    if (!CHECK(fixture.diags.items.count == 9))
        diag_print(&fixture.diags, stderr);
    arena_free(&fixture.arena);
}

static void test_expected(void)
{
    struct fixture fixture = {0};
    fixture_parse(&fixture, HEAD "vanish x\ntool x GET /y nneds token\ntool x GET\naccept ;\n");
    CHECK_INT(fixture.diags.items.count, 5);
    CHECK_STR(fixture.diags.items.at[0].message, "unexpected 'vanish'; expected a statement");
    CHECK_STR(fixture.diags.items.at[1].message, "unexpected 'nneds'; expected 'needs'");
    CHECK_STR(fixture.diags.items.at[2].message,
              "unexpected end of line; expected a string or a path");
    CHECK_STR(fixture.diags.items.at[3].message, "';' has no meaning here");
    CHECK_STR(fixture.diags.items.at[4].message, "unexpected end of line; expected a name");
    arena_free(&fixture.arena);
}

static void test_statements(void)
{
    REFUSED("api \"openapi.yaml\"\nmcpp 1\n" TOOLS, "missing-version", 1, 1);
    REFUSED("api \"openapi.yaml\"\n" TOOLS, "missing-version", 1, 1);
    REFUSED("mcpp 2\napi \"openapi.yaml\"\n" TOOLS, "unsupported-version", 1, 6);
    REFUSED("mcpp 1\n" TOOLS, "missing-api", 1, 1);
    REFUSED(HEAD TOOLS "api \"other.yaml\"\n", "duplicate", 6, 1);
    REFUSED(HEAD TOOLS "backend \"ftp://x\"\n", "bad-url", 6, 9);
    REFUSED(HEAD TOOLS "backend \"https://\"\n", "bad-url", 6, 9);
    REFUSED(HEAD TOOLS "backend \"https://u:p@x\"\n", "bad-url", 6, 9);
    REFUSED(HEAD TOOLS "backend \"https://x:99999\"\n", "bad-url", 6, 9);
    REFUSED(HEAD TOOLS "backend \"https://x/?q\"\n", "bad-url", 6, 9);
    REFUSED(HEAD TOOLS "backend \"https://x/\\n\"\n", "bad-url", 6, 9);
    REFUSED(HEAD TOOLS "validate tokens\n", "nothing-accepted", 6, 1);
    REFUSED(HEAD TOOLS "accept x\n", "unknown-verifier", 6, 8);
    REFUSED(HEAD TOOLS "scope \"\"\n", "bad-scope", 6, 7);
    REFUSED(HEAD TOOLS "scope \"a b\"\n", "bad-scope", 6, 7);
    REFUSED(HEAD TOOLS "scope \"a\"\nscope \"a\"\n", "duplicate", 7, 7);
    REFUSED(HEAD TOOLS "scope \"a\" implies \"b\"\n", "unknown-scope", 6, 19);
}

#define VERIFIER(settings) \
    HEAD TOOLS "accept v\nverifier v jwt {\naudience \"a\"\n" settings "\n}\n"

static void test_verifiers(void)
{
    REFUSED(HEAD TOOLS "accept v\nverifier v jwt {}\n", "missing-setting", 7, 10);
    REFUSED(HEAD TOOLS "accept v\nverifier v saml {}\n", "unknown-verifier-kind", 7, 12);
    REFUSED(VERIFIER("isuer \"https://x\""), "unknown-setting", 9, 1);
    REFUSED(VERIFIER("issuer \"x\""), "bad-url", 9, 8);
    REFUSED(VERIFIER("issuer x"), "bad-value", 9, 1);
    REFUSED(VERIFIER("algorithms none"), "unknown-algorithm", 9, 12);
    REFUSED(VERIFIER("algorithms HS257"), "unknown-algorithm", 9, 12);
    REFUSED(VERIFIER("leeway 60"), "bad-value", 9, 8);
    REFUSED(VERIFIER("leeway 20m"), "bad-value", 9, 8);
    REFUSED(VERIFIER("leeway 1ms"), "bad-value", 9, 8);
    REFUSED(VERIFIER("scopes \"scope\""), "bad-value", 9, 1);
    REFUSED(VERIFIER("audience \"b\""), "duplicate", 9, 1);
    REFUSED(VERIFIER("") "accept v\n", "duplicate", 11, 1);
    REFUSED(HEAD TOOLS "verifier v jwt {\naudience \"a\"\n}\naccept v, v\n", "duplicate", 9, 11);
    HELPED(VERIFIER("isuer \"https://x\""), "unknown-setting",
           "there is a setting with a similar name: 'issuer'");
}

static void test_tools(void)
{
    REFUSED(HEAD "tool getPet GET /pet/{petId} needs \"x\" or \"x\"\n" OTHERS, "unknown-scope", 3,
            36);
    REFUSED(HEAD "tool getPet GET /pets needs token\nomit GET /pet/{petId}\n" OTHERS,
            "unknown-operation", 3, 13);
    REFUSED(HEAD OTHERS, "uncovered-operation", 2, 1);
    REFUSED(HEAD TOOLS "omit GET /pet/{petId}\n", "duplicate", 6, 1);
    REFUSED(HEAD TOOLS "omit GET /health\n", "duplicate", 6, 1);
    REFUSED(HEAD "tool a12345678901234567890123456789012345678901234567890123456789abcde GET "
                 "/pet/{petId} needs token\n" OTHERS,
            "bad-tool-name", 3, 6);
    REFUSED(HEAD TOOLS "tool getPet GET /pet/{petId} needs token\n", "duplicate", 6, 6);
    REFUSED(HEAD OTHERS "tool a GET /pet/{petId} needs token {\n timeout 2h\n}\n", "bad-value", 6,
            10);
    REFUSED(HEAD OTHERS "tool a GET /pet/{petId} needs token {\n hint safe\n}\n", "bad-value", 6,
            7);
    REFUSED(HEAD OTHERS "tool a GET /pet/{petId} needs token {\n hint read_only destructive\n}\n",
            "bad-value", 6, 2);
    REFUSED(HEAD OTHERS "tool a GET /pet/{petId} needs token {\n title x\n}\n", "bad-value", 6, 2);
    HELPED(HEAD "tool getPet GET /pet/{petI} needs token\nomit GET /pet/{petId}\n" OTHERS,
           "unknown-operation", "there is an operation with a similar name: 'GET /pet/{petId}'");
    HELPED(HEAD "scope \"read:pets\"\ntool getPet GET /pet/{petId} needs \"read:pet\"\n" OTHERS,
           "unknown-scope", "there is a scope with a similar name: 'read:pets'");
}

static void test_credentials(void)
{
    REFUSED(HEAD TOOLS "send bearer env 1X\n", "bad-value", 6, 17);
    REFUSED(HEAD TOOLS "send bearer env A.B\n", "bad-value", 6, 17);
    REFUSED(HEAD TOOLS "send header \"a b\" env X\n", "bad-value", 6, 13);
    REFUSED(HEAD TOOLS "send header \"Host\" env X\n", "bad-value", 6, 13);
    REFUSED(HEAD TOOLS "send header \"a\\r\\n\" env X\n", "bad-string", 6, 15);
    REFUSED(HEAD TOOLS "send query \"\" env X\n", "bad-value", 6, 12);
    REFUSED(HEAD TOOLS "send cookie \"a=b\" env X\n", "bad-value", 6, 13);
    REFUSED(HEAD TOOLS "send bearer env X for getPt\n", "unknown-tool", 6, 23);
    REFUSED(HEAD TOOLS "send bearer env X\nsend basic env Y\n", "duplicate", 7, 1);
    REFUSED(HEAD TOOLS "send bearer env X\nsend header \"authorization\" env Y\n", "duplicate", 7,
            1);
    REFUSED(HEAD TOOLS "send header \"X-K\" env X for getPet\n"
                       "send header \"x-k\" env Y for getPet\n",
            "duplicate", 7, 1);
}

static void test_warnings(void)
{
    struct fixture fixture = {0};
    fixture_check(&fixture, &fixture_api,
                  HEAD TOOLS "backend \"http://b.example\"\nscope \"a\\\"b\"\n"
                             "verifier v jwt {\n audience \"a\"\n jwks \"http://localhost:1/\"\n"
                             " issuer \"http://127.0.0.1\"\n}\n");
    CHECK(fixture.is_checked);
    CHECK_INT(fixture.diags.items.count, 3);
    CHECK(fixture_diag(&fixture, "insecure-url") != NULL);
    CHECK(fixture_diag(&fixture, "unaccepted-verifier") != NULL);
    CHECK(fixture_diag(&fixture, "odd-scope") != NULL);
    arena_free(&fixture.arena);
}

/* What could exhaust a stack or Bison's patience is refused. */
static void test_limits(void)
{
    struct fixture fixture = {0};
    struct str_builder text = {.arena = &fixture.arena};
    str_add_text(&text, HEAD OTHERS "tool a GET /pet/{petId} needs ");
    for (int i = 0; i < 20000; i++)
        str_add_byte(&text, '(');
    fixture_check(&fixture, &fixture_api, str_text(&fixture.arena, str_built(&text)));
    CHECK(fixture_diag(&fixture, "too-long") != NULL);
    text = (struct str_builder){.arena = &fixture.arena};
    str_add_text(&text, HEAD OTHERS "tool a GET /pet/{petId} needs token");
    for (int i = 0; i < 100000; i++)
        str_add_text(&text, " or token");
    fixture_check(&fixture, &fixture_api, str_text(&fixture.arena, str_built(&text)));
    CHECK(fixture_diag(&fixture, "too-long") != NULL);
    CHECK_INT(fixture.diags.items.count, 1);
    arena_free(&fixture.arena);
}

int main(void)
{
    test_whole_policy();
    test_defaults();
    test_characters();
    test_syntax();
    test_recovery();
    test_expected();
    test_statements();
    test_verifiers();
    test_tools();
    test_credentials();
    test_warnings();
    test_limits();
    return check_report();
}

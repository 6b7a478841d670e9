/*
 * Facts about callers: scopes and roles as tokens list them, claims, derived facts, the operator.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/decide/facts.h"

#include <stdlib.h>

#include "tests/unit/check.h"

enum { TOKEN, READ, WRITE, ADMIN, LISTED, DERIVED, STAFF, PARTNER, STDIO, HTTP, GOLD, FACTS };
#define BIT(fact) (UINT64_C(1) << (fact))

static const uint64_t implies[FACTS] = {
    BIT(TOKEN),
    BIT(TOKEN) | BIT(READ),
    BIT(TOKEN) | BIT(READ) | BIT(WRITE),
    BIT(TOKEN) | BIT(ADMIN),
    BIT(LISTED),
    BIT(DERIVED),
    BIT(STAFF),
    BIT(PARTNER),
    BIT(STDIO),
    BIT(HTTP),
    BIT(GOLD),
};

static const struct mcpp_fact facts[FACTS] = {
    [TOKEN] = {MCPP_FACT_TOKEN, "token", "", &implies[TOKEN], 0},
    [READ] = {MCPP_FACT_SCOPE, "read", "", &implies[READ], 0},
    [WRITE] = {MCPP_FACT_SCOPE, "write", "", &implies[WRITE], 0},
    [ADMIN] = {MCPP_FACT_SCOPE, "admin", "", &implies[ADMIN], 0},
    [LISTED] = {MCPP_FACT_ROLE, "editor", "", &implies[LISTED], 0},
    [DERIVED] = {MCPP_FACT_ROLE, "keeper", "", &implies[DERIVED], 0},
    [STAFF] = {MCPP_FACT_VERIFIER, "staff", "", &implies[STAFF], 0},
    [PARTNER] = {MCPP_FACT_VERIFIER, "partner", "", &implies[PARTNER], 0},
    [STDIO] = {MCPP_FACT_TRANSPORT, "stdio", "", &implies[STDIO], 0},
    [HTTP] = {MCPP_FACT_TRANSPORT, "http", "", &implies[HTTP], 0},
    [GOLD] = {MCPP_FACT_CLAIM, "claim \"tier\" == \"gold\"", "", &implies[GOLD], 0},
};

/* role keeper when scope "write"; scope "admin" granted when role keeper and claim tier == "gold"
 */
static const struct mcpp_node nodes[] = {
    {WRITE, MCPP_FAILS, MCPP_HOLDS}, {DERIVED, MCPP_FAILS, 2}, {GOLD, MCPP_FAILS, MCPP_HOLDS}};
static const struct mcpp_derived derived[] = {{DERIVED, 0}, {ADMIN, 1}};

static const struct mcpp_claim claims[] = {{"tier"}, {"a.b"}, {"https://x.example/c.d"}, {"gone"}};
static const struct mcpp_literal gold[] = {{MCPP_STRING, "gold"}};
static const struct mcpp_test tests[] = {{MCPP_EQUAL, NULL, 0, gold, 1}};
static const struct mcpp_policy policy = {.facts = facts,
                                          .fact_count = FACTS,
                                          .fact_words = 1,
                                          .claims = claims,
                                          .claim_count = 4,
                                          .tests = tests,
                                          .test_count = 1,
                                          .nodes = nodes,
                                          .node_count = 3,
                                          .derived = derived,
                                          .derived_count = 2};
static const struct mcpp_verifier staff = {
    .name = "staff", .scope_claim = "scp", .roles_claim = "realm.roles"};

static struct pool *pool;
static struct caller caller;

static void *grow(void *context, void *old, size_t old_size, size_t new_size)
{
    (void)context;
    (void)old_size;
    return realloc(old, new_size);
}

/* The facts of a token with these claims over HTTP. */
static uint64_t facts_with(const char *text)
{
    struct json_tape tape = {.depth_max = 9, .node_max = 999, .grow = grow};
    struct fact_index index;
    CHECK(json_scan(text, strlen(text), &tape, NULL) == JSON_OK);
    CHECK(fact_index_open(&index, &policy, "http"));
    struct json_place place = {text, tape.nodes, 0};
    CHECK(facts_of_token(&index, &staff, &place, pool, &caller));
    CHECK_INT(caller.kind, CALLER_VERIFIED);
    fact_index_close(&index);
    free(tape.nodes);
    return *caller.facts;
}

static void check_scopes(void)
{
    const uint64_t base = BIT(TOKEN) | BIT(STAFF) | BIT(HTTP), read = base | BIT(READ);
    CHECK_INT(facts_with("{}"), base);
    CHECK_INT(facts_with("{\"scope\":\"read\"}"), base); /* another claim */
    CHECK_INT(facts_with("{\"scp\":\"read\"}"), read);
    CHECK_INT(facts_with("{\"scp\":\"  unknown   read \"}"), read);
    CHECK_INT(facts_with("{\"scp\":\"re\\u0061d\"}"), read);
    CHECK_INT(facts_with("{\"scp\":\"read,write\"}"), base);
    CHECK_INT(facts_with("{\"scp\":[\"re\\u0061d\",\"x\"]}"), read);
    CHECK_INT(facts_with("{\"scp\":[\"read write\"]}"), base); /* one scope, with a space */
    CHECK_INT(facts_with("{\"scp\":[\"read\",7]}"), base);
    CHECK_INT(facts_with("{\"scp\":[[\"read\"]]}"), base);
    CHECK_INT(facts_with("{\"scp\":{\"read\":true}}"), base);
    CHECK_INT(facts_with("{\"scp\":null}"), base);
    CHECK_INT(facts_with("{\"scp\":\"\"}"), base);
    /* a role's name is no scope, and a scope's is no role */
    CHECK_INT(facts_with("{\"scp\":\"editor\"}"), base);
    CHECK_INT(facts_with("{\"realm\":{\"roles\":[\"read\"]}}"), base);
}

static void check_roles(void)
{
    const uint64_t base = BIT(TOKEN) | BIT(STAFF) | BIT(HTTP);
    CHECK_INT(facts_with("{\"realm\":{\"roles\":[\"editor\"]}}"), base | BIT(LISTED));
    CHECK_INT(facts_with("{\"realm.roles\":[\"editor\"]}"), base);
    CHECK_INT(facts_with("{\"realm\":[\"editor\"]}"), base);
    /* its condition says who is a keeper, not the token */
    CHECK_INT(facts_with("{\"realm\":{\"roles\":[\"keeper\"]}}"), base);
    CHECK_INT(facts_with("{\"scp\":\"write\"}"), base | BIT(READ) | BIT(WRITE) | BIT(DERIVED));
    CHECK_INT(facts_with("{\"scp\":\"write\",\"tier\":\"gold\"}"),
              base | BIT(READ) | BIT(WRITE) | BIT(DERIVED) | BIT(GOLD) | BIT(ADMIN));
}

static void check_claims(void)
{
    facts_with("{\"tier\":\"g\\u006fld\",\"a\":{\"b\":-7.50},\"https://x.example/c.d\":[1, 2]}");
    CHECK(caller_claim(&caller, 0) && caller_claim(&caller, 1) && caller_claim(&caller, 2));
    CHECK_INT(caller.claims[0].kind, JSON_STRING);
    CHECK_STR(caller.claims[0].text, "gold");
    CHECK_INT(caller.claims[1].kind, JSON_NUMBER);
    CHECK_STR(caller.claims[1].text, "-7.50");
    CHECK_INT(caller.claims[2].kind, JSON_ARRAY);
    CHECK_STR(caller.claims[2].text, "[1, 2]");
    CHECK(!caller_claim(&caller, 3));
    facts_with("{\"tier\":null,\"a.b\":1,\"https://x\":{\"example/c\":{\"d\":1}},\"gone\":{}}");
    CHECK(!caller_claim(&caller, 0) && !caller_claim(&caller, 1) && !caller_claim(&caller, 2));
    CHECK_INT(caller.claims[3].kind, JSON_OBJECT);
    CHECK(facts_with("{\"tier\":\"Gold\"}") == (BIT(TOKEN) | BIT(STAFF) | BIT(HTTP)));
}

static uint64_t operator_with(const struct mcpp_operator *narrowed)
{
    struct fact_index index;
    CHECK(fact_index_open(&index, &policy, "stdio"));
    CHECK(facts_of_operator(&index, narrowed, pool, &caller));
    CHECK_INT(caller.kind, narrowed ? CALLER_NARROWED : CALLER_OPERATOR);
    fact_index_close(&index);
    return *caller.facts;
}

static void check_others(void)
{
    static const char *const write[] = {"write"}, *const editor[] = {"editor"};
    static const struct mcpp_operator_claim tier[] = {{"tier", "\"gold\""}};
    struct fact_index index;
    CHECK(fact_index_open(&index, &policy, "http"));
    CHECK(facts_of_nobody(&index, pool, &caller));
    CHECK(caller.kind == CALLER_ANONYMOUS && *caller.facts == BIT(HTTP));
    CHECK(!caller_claim(&caller, 0));
    fact_index_close(&index);
    CHECK_INT(operator_with(NULL), BIT(STDIO));
    CHECK_INT(operator_with(&(struct mcpp_operator){.scopes = write, .scope_count = 1}),
              BIT(STDIO) | BIT(TOKEN) | BIT(READ) | BIT(WRITE) | BIT(DERIVED));
    CHECK_INT(operator_with(&(struct mcpp_operator){.roles = editor, .role_count = 1}),
              BIT(STDIO) | BIT(TOKEN) | BIT(LISTED));
    /* claims alone take no scope and no role away */
    CHECK_INT(operator_with(&(struct mcpp_operator){.claims = tier, .claim_count = 1}),
              BIT(STDIO) | BIT(TOKEN) | BIT(READ) | BIT(WRITE) | BIT(ADMIN) | BIT(LISTED) |
                  BIT(DERIVED) | BIT(GOLD));
    CHECK_STR(caller.claims[0].text, "gold");
}

static void check_memory(void)
{
    struct pool *small = pool_open(16);
    struct fact_index index;
    CHECK(fact_index_open(&index, &policy, "http"));
    CHECK(!facts_of_nobody(&index, small, &caller));
    fact_index_close(&index);
    pool_close(small);
}

int main(void)
{
    pool = pool_open(1 << 20);
    check_scopes();
    check_roles();
    check_claims();
    check_others();
    check_memory();
    pool_close(pool);
    return check_report();
}

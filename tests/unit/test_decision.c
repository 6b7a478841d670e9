/*
 * Decisions: who is let through, who is told what, and which set is the cheapest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/unit/check.h"
#include "tests/unit/sample_policy.h"

#include "compiler/tables/layout.h"
#include "runtime/decide/decision.h"
#include "runtime/decide/lookup.h"

/* Facts as the tables number them: the token, then the scopes as declared. */
enum { TOKEN = 1 << 0, READ = 1 << 1, WRITE = 1 << 2, ADMIN = 1 << 3, AUDIT = 1 << 4 };

static struct sample *make_sample(struct tables *tables)
{
    struct sample *s = sample_open();
    uint32_t read = sample_scope(s, "read", NULL, 0);
    sample_scope(s, "write", &read, 1);
    sample_scope(s, "admin", NULL, 0);
    sample_scope(s, "audit", NULL, 0);
    const struct condition *writes = sample_has(s, "write"), *admin = sample_has(s, "admin");
    const struct condition *audit = sample_has(s, "audit");
    sample_tool(s, "health", sample_condition(s, CONDITION_NOTHING, NULL, NULL));
    sample_tool(s, "whoami", sample_condition(s, CONDITION_TOKEN, NULL, NULL));
    sample_tool(s, "list", sample_has(s, "read"));
    sample_tool(s, "remove",
                sample_or(s, sample_and(s, writes, admin), sample_and(s, admin, audit)));
    sample_tool(s, "either", sample_or(s, admin, audit));
    CHECK(sample_tables(s, tables));
    return s;
}

static struct decision ask(const struct tables *tables, enum caller_kind kind, uint64_t facts,
                           const char *tool)
{
    struct caller caller = {.kind = kind, .facts = kind == CALLER_VERIFIED ? &facts : NULL};
    return decide(&tables->policy, &caller, slice_of(tool), NULL);
}

static enum decision_kind kind_of(const struct tables *tables, uint64_t facts, const char *tool)
{
    return ask(tables, CALLER_VERIFIED, facts, tool).kind;
}

static uint64_t wanted_of(const struct tables *tables, uint64_t facts, const char *tool)
{
    struct decision decision = ask(tables, CALLER_VERIFIED, facts, tool);
    CHECK(decision.kind == DECISION_INSUFFICIENT_SCOPE);
    return CHECK(decision.wanted != NULL) ? *decision.wanted : 0;
}

static void check_verified(const struct tables *tables)
{
    CHECK(kind_of(tables, TOKEN, "health") == DECISION_ALLOW);
    CHECK(kind_of(tables, TOKEN, "whoami") == DECISION_ALLOW);
    CHECK(kind_of(tables, TOKEN, "list") == DECISION_INSUFFICIENT_SCOPE);
    CHECK(kind_of(tables, TOKEN | READ, "list") == DECISION_ALLOW);
    CHECK(kind_of(tables, TOKEN | READ | WRITE, "remove") == DECISION_INSUFFICIENT_SCOPE);
    CHECK(kind_of(tables, TOKEN | READ | WRITE | ADMIN, "remove") == DECISION_ALLOW);
    CHECK(kind_of(tables, TOKEN | ADMIN | AUDIT, "remove") == DECISION_ALLOW);
    CHECK(kind_of(tables, TOKEN | READ | WRITE | AUDIT, "remove") == DECISION_INSUFFICIENT_SCOPE);
}

/* Fewest lacking, then fewest facts, then first in the policy. */
static void check_cheapest(const struct tables *tables)
{
    CHECK_INT(wanted_of(tables, TOKEN, "list"), READ);
    CHECK_INT(wanted_of(tables, TOKEN, "either"), ADMIN);
    CHECK_INT(wanted_of(tables, TOKEN, "remove"), WRITE | ADMIN);
    CHECK_INT(wanted_of(tables, TOKEN | AUDIT, "remove"), ADMIN | AUDIT);
    CHECK_INT(wanted_of(tables, TOKEN | READ | WRITE, "remove"), WRITE | ADMIN);
}

static void check_anonymous_and_operator(const struct tables *tables)
{
    static const char *const tools[] = {"health", "whoami", "list", "remove", "either"};
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        struct decision decision = ask(tables, CALLER_OPERATOR, 0, tools[i]);
        CHECK(decision.kind == DECISION_ALLOW);
        CHECK(decision.tool && strcmp(decision.tool->name, tools[i]) == 0);
        decision = ask(tables, CALLER_ANONYMOUS, 0, tools[i]);
        CHECK(decision.kind == (i == 0 ? DECISION_ALLOW : DECISION_NEEDS_TOKEN));
    }
    CHECK_INT(*ask(tables, CALLER_ANONYMOUS, 0, "whoami").wanted, TOKEN);
    CHECK_INT(*ask(tables, CALLER_ANONYMOUS, 0, "list").wanted, READ);
    CHECK_INT(*ask(tables, CALLER_ANONYMOUS, 0, "remove").wanted, WRITE | ADMIN);
}

static void check_unknown(const struct tables *tables)
{
    static const char *const names[] = {"", "lis", "list ", "List", "listlist", "removE", "\n"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct decision decision = ask(tables, CALLER_OPERATOR, 0, names[i]);
        CHECK(decision.kind == DECISION_UNKNOWN_TOOL && !decision.tool && !decision.wanted);
    }
    CHECK(!lookup_tool(&tables->policy, (struct slice){"list\0x", 6}));
    CHECK(!lookup_tool(&tables->policy, (struct slice){NULL, 0}));
    CHECK(lookup_tool(&tables->policy, (struct slice){"list-and-more", 4}));
}

/* Needs that nothing satisfies: no set to name, and nobody but the operator passes. */
static void check_never(void)
{
    static const uint16_t displace[] = {0};
    static const uint32_t slots[] = {0};
    static const struct mcpp_tool tools[] = {{.name = "never", .decision = MCPP_NEEDS}};
    static const struct mcpp_any_of nothing = {0, NULL};
    static const struct mcpp_policy policy = {.tools = tools,
                                              .tool_count = 1,
                                              .fact_words = 1,
                                              .challenges = &nothing,
                                              .challenge_count = 1,
                                              .names = {1, 1, 1, displace, slots}};
    struct caller caller = {.kind = CALLER_ANONYMOUS};
    struct decision decision = decide(&policy, &caller, SLICE("never"), NULL);
    CHECK(decision.kind == DECISION_NEEDS_TOKEN && !decision.wanted);
    uint64_t every = UINT64_MAX;
    caller = (struct caller){.kind = CALLER_VERIFIED, .facts = &every};
    decision = decide(&policy, &caller, SLICE("never"), NULL);
    CHECK(decision.kind == DECISION_INSUFFICIENT_SCOPE && !decision.wanted);
}

static void check_empty_policy(void)
{
    struct tables tables;
    struct sample *s = sample_open();
    CHECK(sample_tables(s, &tables));
    CHECK(!lookup_tool(&tables.policy, SLICE("anything")));
    CHECK(!lookup_tool(&tables.policy, SLICE("")));
    sample_close(s);
}

int main(void)
{
    struct tables tables;
    struct sample *sample = make_sample(&tables);
    check_verified(&tables);
    check_cheapest(&tables);
    check_anonymous_and_operator(&tables);
    check_unknown(&tables);
    check_never();
    check_empty_policy();
    sample_close(sample);
    return check_report();
}

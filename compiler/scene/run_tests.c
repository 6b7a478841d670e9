/*
 * Running tests: a block is a small scene, read from top to bottom. It begins with nobody, over
 * HTTP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/scene/run_tests.h"

struct run {
    const struct tables *tables;
    struct arena *arena;
    struct diag_list *diags;
    struct judge judge;
    struct rule_coverage *rules;
    struct test_results results;
    /* the scene at hand */
    const struct statement *test;
    struct scene_caller caller;
    struct decision decision; /* of the last call */
    struct caller asker;      /* of the last call or list */
};

/* ---- asking ---- */

static void cover(struct run *run, const struct trial *trial)
{
    const struct policy *policy = run->tables->source;
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const struct rule *rule = &policy->rules[i];
        bool is_asked = false;
        for (uint32_t at = 0; at < rule->tools.count; at++)
            is_asked |= rule->tools.at[at] == trial->tool;
        if (!is_asked)
            continue;
        if (evaluate_guard(policy, &trial->caller, &trial->arguments, rule->guard))
            run->rules[i].held++;
        else
            run->rules[i].failed++;
    }
}

/* The tables' answer; the reference evaluator must agree. */
static void ask(struct run *run, uint32_t tool, struct str arguments, struct span span)
{
    const struct policy *policy = run->tables->source;
    struct trial trial;
    if (!scene_make(policy, &run->caller, tool, arguments, run->arena, &trial)) {
        diag_error(run->diags, "bad-test", span, "the claims or arguments are no JSON object");
        return;
    }
    run->decision = judge_decide(&run->judge, &trial, &run->asker);
    struct verdict verdict = evaluate(policy, &trial.caller, tool, &trial.arguments);
    if (!judge_agrees(policy, &run->tables->policy, &verdict, &run->decision))
        diag_error(run->diags, "internal-error", span,
                   "the tables decide otherwise than the policy says");
    cover(run, &trial);
}

static void call(struct run *run, const struct test_line *line)
{
    uint32_t tool = policy_tool(run->tables->source, line->name.text);
    run->decision = (struct decision){.kind = DECISION_UNKNOWN_TOOL};
    if (tool < run->tables->source->tool_count)
        ask(run, tool, policy_value_json(&line->arguments, run->arena), line->span);
}

/* ---- expecting ---- */

static void fail(struct run *run, const struct test_line *line, const char *cause)
{
    const struct rule *rule = scene_rule(run->tables, &run->decision);
    struct diag *diag = diag_error(run->diags, "failed-test", line->span, "\"%.*s\": %s",
                                   STR_ARG(run->test->name.text), cause);
    run->results.failed_count++;
    if (rule && line->outcome != EXPECT_SHOWN)
        diag_note(run->diags, diag, rule->origin, "this rule decided");
}

static bool is_wanted(const struct run *run, const struct test_line *line)
{
    const struct mcpp_policy *policy = &run->tables->policy;
    uint32_t found = 0, count = 0;
    for (uint32_t i = 0; run->decision.wanted && i < policy->fact_count; i++) {
        if (!(run->decision.wanted[i / 64] >> i % 64 & 1))
            continue;
        count++;
        for (uint32_t at = 0; at < line->list.count; at++)
            found += str_equal(line->list.at[at].text, str_of(policy->facts[i].name));
    }
    return count == line->list.count && found == count;
}

/* A missing claim is a 403 to whoever shows a token, and a tool error to the operator. */
static bool is_outcome(const struct run *run, const struct test_line *line)
{
    enum decision_kind kind = run->decision.kind;
    bool is_local = run->asker.kind == CALLER_OPERATOR || run->asker.kind == CALLER_NARROWED;
    switch (line->outcome) {
    case EXPECT_ALLOW:
        return kind == DECISION_ALLOW;
    case EXPECT_TOKEN:
        return kind == DECISION_NEEDS_TOKEN;
    case EXPECT_HIDDEN:
        return kind == DECISION_UNKNOWN_TOOL;
    case EXPECT_DENY:
        return kind == DECISION_INSUFFICIENT_SCOPE || kind == DECISION_DENIED ||
               (kind == DECISION_CLAIM && !is_local);
    default:
        return kind == DECISION_REFUSED || kind == DECISION_ARGUMENT || kind == DECISION_FILLED ||
               (kind == DECISION_CLAIM && is_local);
    }
}

static void expect_answer(struct run *run, const struct test_line *line)
{
    struct str found = scene_describe(&run->tables->policy, &run->decision, run->arena);
    const char *message = run->decision.rule ? run->decision.rule->message : "";
    if (!is_outcome(run, line))
        fail(run, line,
             str_text(run->arena, str_format(run->arena, "the call is %.*s", STR_ARG(found))));
    else if (line->message.text.len && !str_equal(line->message.text, str_of(message)))
        fail(run, line,
             *message ? "the rule that decides says something else"
                      : "no rule with a message decides");
    else if (line->list.count && !is_wanted(run, line))
        fail(run, line,
             str_text(run->arena, str_format(run->arena, "the call is %.*s", STR_ARG(found))));
}

static void expect_list(struct run *run, const struct test_line *line)
{
    const struct mcpp_policy *policy = &run->tables->policy;
    for (uint32_t i = 0; i < line->list.count; i++) {
        struct str name = line->list.at[i].text;
        uint32_t tool = policy_tool(run->tables->source, name);
        bool is_shown = tool < policy->tool_count &&
                        decide_is_visible(policy, &run->asker, &policy->tools[tool]);
        if (is_shown != (line->outcome == EXPECT_SHOWN))
            fail(run, line,
                 str_text(run->arena, str_format(run->arena, "%.*s is %s", STR_ARG(name),
                                                 is_shown ? "shown" : "hidden")));
    }
}

/* ---- tests ---- */

static void play(struct run *run, const struct test_line *line)
{
    struct str transport = run->caller.transport;
    switch (line->kind) {
    case TEST_TOKEN:
        run->caller = scene_caller_of(&line->holdings, transport, run->arena);
        break;
    case TEST_TRANSPORT:
        run->caller.transport = line->name.text;
        break;
    case TEST_CALL:
        call(run, line);
        break;
    case TEST_LIST:
        if (run->tables->policy.tool_count)
            ask(run, 0, (struct str){0}, line->span);
        break;
    case TEST_EXPECT:
        run->results.expectation_count++;
        if (line->list.count && line->outcome != EXPECT_DENY)
            expect_list(run, line);
        else
            expect_answer(run, line);
        break;
    }
}

struct test_results run_tests(const struct tables *tables, struct arena *arena,
                              struct diag_list *diags)
{
    const struct policy *policy = tables->source;
    struct run run = {.tables = tables, .arena = arena, .diags = diags};
    run.rules = arena_array(arena, policy->rule_count + 1, sizeof *run.rules);
    run.results.rules = run.rules;
    run.results.test_count = policy->test_count;
    if (!judge_open(&run.judge, &tables->policy))
        arena_exhausted();
    for (uint32_t i = 0; i < policy->test_count; i++) {
        run.test = policy->tests[i];
        run.caller = (struct scene_caller){.transport = STR("http")};
        for (uint32_t at = 0; at < run.test->lines.count; at++)
            play(&run, &run.test->lines.at[at]);
    }
    judge_close(&run.judge);
    return run.results;
}

/*
 * Running tests: a block is a small scene, read from top to bottom. It begins with nobody, over
 * HTTP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/scene/run_tests.h"

#include "compiler/scene/misfit.h"

struct run {
    const struct tables *tables;
    struct arena *arena;
    struct diag_list *diags;
    struct judge judge;
    struct test_coverage *rules, *needs;
    struct test_results results;
    /* the scene at hand */
    const struct statement *test;
    struct scene_caller caller;
    struct decision decision; /* of the last call */
    struct str misfits;       /* what its arguments are that the tool's schema does not allow */
    struct trial trial;       /* the last call or list */
    struct caller asker;      /* of it */
};

/* ---- asking ---- */

static bool is_about(const struct rule *rule, uint32_t tool)
{
    for (uint32_t i = 0; i < rule->tools.count; i++)
        if (rule->tools.at[i] == tool)
            return true;
    return false;
}

static void count(struct test_coverage *coverage, bool holds)
{
    if (holds)
        coverage->held++;
    else
        coverage->failed++;
}

static void cover(struct run *run, const struct trial *trial)
{
    const struct policy *policy = run->tables->source;
    for (uint32_t i = 0; i < policy->rule_count; i++)
        if (is_about(&policy->rules[i], trial->tool))
            count(&run->rules[i], evaluate_guard(policy, &trial->caller, &trial->arguments,
                                                 policy->rules[i].guard));
    if (run->decision.kind != DECISION_UNKNOWN_TOOL)
        count(&run->needs[trial->tool],
              evaluate_condition(policy, &trial->caller, &trial->arguments,
                                 policy->tools[trial->tool].needs));
}

/* A call that the policy allows is still checked against the tool's input schema. */
static void find_misfits(struct run *run)
{
    const struct evaluate_json *json = &run->trial.arguments;
    struct json_place place = {json->text, json->text ? json->tape->nodes : NULL, json->node};
    run->misfits = (struct str){0};
    if (run->decision.kind == DECISION_ALLOW && json->text)
        run->misfits = str_copy(
            run->arena, misfit_find(run->judge.pool, run->decision.tool->input_schema, &place));
}

/* The tables' answer; the reference evaluator must agree. */
static void ask(struct run *run, uint32_t tool, struct str arguments, struct span span)
{
    const struct policy *policy = run->tables->source;
    struct trial *trial = &run->trial;
    if (!scene_make(policy, &run->caller, tool, arguments, run->arena, trial)) {
        diag_error(run->diags, "bad-test", span, "the claims or arguments are no JSON object");
        return;
    }
    run->decision = judge_decide(&run->judge, trial, &run->asker);
    struct verdict verdict = evaluate(policy, &trial->caller, tool, &trial->arguments);
    if (!judge_agrees(policy, &run->tables->policy, &verdict, &run->decision))
        diag_error(run->diags, "internal-error", span,
                   "the tables decide otherwise than the policy says");
    cover(run, trial);
    find_misfits(run);
}

static void call(struct run *run, const struct test_line *line)
{
    uint32_t tool = policy_tool(run->tables->source, line->name.text);
    run->decision = (struct decision){.kind = DECISION_UNKNOWN_TOOL};
    run->misfits = (struct str){0};
    run->trial = (struct trial){.tool = tool};
    if (tool < run->tables->source->tool_count)
        ask(run, tool, policy_value_json(&line->arguments, run->arena), line->span);
}

/* ---- expecting ---- */

/* The first `hide` that holds for the caller, or NULL. */
static const struct rule *hiding_rule(const struct run *run, uint32_t tool)
{
    const struct policy *policy = run->tables->source;
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const struct rule *rule = &policy->rules[i];
        if (rule->kind == RULE_HIDE && is_about(rule, tool) &&
            evaluate_guard(policy, &run->trial.caller, &run->trial.arguments, rule->guard))
            return rule;
    }
    return NULL;
}

/* Which statement made it so. */
static void add_reason(struct run *run, struct diag *diag, uint32_t tool)
{
    const struct policy *policy = run->tables->source;
    enum decision_kind kind = run->decision.kind;
    const struct rule *rule = scene_rule(run->tables, &run->decision);
    if (tool >= policy->tool_count)
        return;
    if (rule)
        diag_note(run->diags, diag, rule->origin, "this rule decided");
    else if (kind == DECISION_UNKNOWN_TOOL && (rule = hiding_rule(run, tool)))
        diag_note(run->diags, diag, rule->origin, "this rule hides it");
    else if (kind == DECISION_INSUFFICIENT_SCOPE || kind == DECISION_NEEDS_TOKEN)
        diag_note(run->diags, diag, policy->tools[tool].needs->span, "what it needs is here");
}

static struct diag *fail(struct run *run, const struct test_line *line, const char *cause)
{
    struct diag *diag = diag_error(run->diags, "failed-test", line->span, "\"%.*s\": %s",
                                   STR_ARG(run->test->name.text), cause);
    run->results.failed_count++;
    return diag;
}

static void fail_call(struct run *run, const struct test_line *line, const char *cause)
{
    add_reason(run, fail(run, line, cause), run->trial.tool);
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
        return kind == DECISION_ALLOW && !run->misfits.len;
    case EXPECT_TOKEN:
        return kind == DECISION_NEEDS_TOKEN;
    case EXPECT_HIDDEN:
        return kind == DECISION_UNKNOWN_TOOL;
    case EXPECT_DENY:
        return kind == DECISION_INSUFFICIENT_SCOPE || kind == DECISION_DENIED ||
               (kind == DECISION_CLAIM && !is_local);
    default:
        return kind == DECISION_REFUSED || kind == DECISION_ARGUMENT || kind == DECISION_FILLED ||
               (kind == DECISION_CLAIM && is_local) || run->misfits.len;
    }
}

static bool contains(struct str text, struct str part)
{
    for (size_t at = 0; at + part.len <= text.len; at++)
        if (str_equal(str_part(text, at, at + part.len), part))
            return true;
    return false;
}

/* A rule's message is given in whole; what is wrong with arguments may be given in part. */
static bool is_message(const struct run *run, struct str message)
{
    if (run->misfits.len)
        return contains(run->misfits, message);
    return str_equal(message, str_of(run->decision.rule ? run->decision.rule->message : ""));
}

static const char *answer_text(const struct run *run)
{
    struct str found = scene_describe(&run->tables->policy, &run->decision, run->arena);
    struct str_builder out = {.arena = run->arena};
    if (run->misfits.len)
        found = STR("refused: its arguments do not fit the tool's input schema");
    str_add_format(&out, "the call is %.*s", STR_ARG(found));
    for (size_t at = 0; at < run->misfits.len;) {
        struct str rest = str_from(run->misfits, at);
        size_t end = str_find(rest, '\n');
        str_add_text(&out, at ? "; " : ": ");
        str_add(&out, str_trimmed(str_part(rest, 0, end), "- "));
        at += end + 1;
    }
    return str_built(&out).at;
}

static void expect_answer(struct run *run, const struct test_line *line)
{
    bool has_message = run->misfits.len || (run->decision.rule && *run->decision.rule->message);
    if (!is_outcome(run, line) ||
        (line->outcome == EXPECT_DENY && line->list.count && !is_wanted(run, line)))
        fail_call(run, line, answer_text(run));
    else if (line->message.text.len && !is_message(run, line->message.text))
        fail_call(run, line,
                  has_message ? "the rule that decides says something else"
                              : "no rule with a message decides");
}

static void expect_list(struct run *run, const struct test_line *line)
{
    const struct mcpp_policy *policy = &run->tables->policy;
    for (uint32_t i = 0; i < line->list.count; i++) {
        struct str name = line->list.at[i].text;
        uint32_t tool = policy_tool(run->tables->source, name);
        bool is_shown = tool < policy->tool_count &&
                        decide_is_visible(policy, &run->asker, &policy->tools[tool]);
        if (is_shown == (line->outcome == EXPECT_SHOWN))
            continue;
        struct str text =
            str_format(run->arena, "%.*s is %s", STR_ARG(name), is_shown ? "shown" : "hidden");
        struct diag *diag = fail(run, line, text.at);
        const struct rule *rule = is_shown ? NULL : hiding_rule(run, tool);
        if (rule)
            diag_note(run->diags, diag, rule->origin, "this rule hides it");
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
    run.needs = arena_array(arena, policy->tool_count + 1, sizeof *run.needs);
    run.results.rules = run.rules;
    run.results.needs = run.needs;
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

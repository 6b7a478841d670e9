/*
 * Writing explanations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/scene/explain.h"

#include "compiler/policy/format.h"
#include "compiler/scene/change.h"

struct explanation {
    const struct tables *tables;
    const struct policy *policy;
    struct arena *arena;
    struct trial trial;
    struct decision decision;
    struct str_builder *out;
};

static void add_place(struct explanation *to, struct span span)
{
    if (span.source)
        str_add_format(to->out, "%.*s:%u", STR_ARG(span.source->name),
                       source_position(span.source, span.start).line);
}

/* ---- who ---- */

static void add_names(struct explanation *to, const char *noun, const struct str *names,
                      uint32_t count)
{
    if (!count)
        return;
    str_add_format(to->out, "%s%s", noun, count > 1 ? "s" : "");
    for (uint32_t i = 0; i < count; i++)
        str_add_format(to->out, " \"%.*s\"", STR_ARG(names[i]));
    str_add_text(to->out, "\n          ");
}

/* Roles that follow from conditions, and scopes that come with others, are seen here. */
static void add_held(struct explanation *to)
{
    const struct logic *logic = to->tables->logic;
    const bool *values = change_values(logic, &to->trial, to->arena);
    const char *joint = "holds     ";
    for (uint32_t i = 0; i < logic->atoms.fact_count; i++) {
        enum atom_kind kind = logic->atoms.at[i].kind;
        if (!values[i] || (kind != ATOM_SCOPE && kind != ATOM_ROLE))
            continue;
        struct str text = atom_text(&logic->atoms, i, to->arena);
        str_add_format(to->out, "%s%.*s", joint, STR_ARG(text));
        joint = ", ";
    }
    str_add_text(to->out, *joint == ',' ? "\n" : "holds     no scope and no role\n");
}

static void add_caller(struct explanation *to)
{
    static const char *const kinds[] = {
        [EVALUATE_ANONYMOUS] = "nobody: no token is shown",
        [EVALUATE_VERIFIED] = "a token",
        [EVALUATE_OPERATOR] = "the local operator, who holds everything",
        [EVALUATE_NARROWED] = "the local operator, as the policy narrows it"};
    const struct evaluate_caller *caller = &to->trial.caller;
    str_add_format(to->out, "caller    %s", kinds[caller->kind]);
    if (caller->kind == EVALUATE_VERIFIED && caller->verifier.len)
        str_add_format(to->out, " that %.*s accepts", STR_ARG(caller->verifier));
    str_add_format(to->out, ", over %.*s\n          ", STR_ARG(caller->transport));
    add_names(to, "scope", caller->scopes, caller->scope_count);
    add_names(to, "role", caller->roles, caller->role_count);
    to->out->len -= 10; /* the indentation of a line that is not there */
    if (caller->kind == EVALUATE_VERIFIED || caller->kind == EVALUATE_NARROWED)
        add_held(to);
}

/* ---- why ---- */

static void add_value(struct explanation *to, bool holds)
{
    str_add_text(to->out, holds ? "  yes  " : "  no   ");
}

/* Each test in a condition, once. */
static void add_parts(struct explanation *to, const struct condition *condition, struct map *seen)
{
    if (!condition)
        return;
    if (condition->kind == CONDITION_AND || condition->kind == CONDITION_OR ||
        condition->kind == CONDITION_NOT) {
        add_parts(to, condition->left, seen);
        add_parts(to, condition->right, seen);
        return;
    }
    struct str_builder text = {.arena = to->arena};
    policy_format_condition(condition, &text);
    if (map_add(seen, str_built(&text), seen))
        return;
    str_add_text(to->out, "     ");
    add_value(to,
              evaluate_condition(to->policy, &to->trial.caller, &to->trial.arguments, condition));
    bool is_scope = condition->kind == CONDITION_SCOPE;
    str_add_format(to->out, "%s%.*s\n", is_scope && text.at[0] == '"' ? "scope " : "",
                   STR_ARG(str_built(&text)));
}

static bool is_about(const struct rule *rule, uint32_t tool)
{
    for (uint32_t i = 0; i < rule->tools.count; i++)
        if (rule->tools.at[i] == tool)
            return true;
    return false;
}

static void add_rule(struct explanation *to, const struct rule *rule)
{
    struct map seen = {.arena = to->arena};
    struct str_builder text = {.arena = to->arena};
    bool holds = evaluate_guard(to->policy, &to->trial.caller, &to->trial.arguments, rule->guard);
    policy_format_statement(rule->statement, &text);
    add_value(to, holds);
    str_add(to->out, str_built(&text));
    str_add_text(to->out, "  # ");
    add_place(to, rule->origin);
    str_add_text(to->out, rule == scene_rule(to->tables, &to->decision) ? ", decides\n" : "\n");
    add_parts(to, rule->guard.when, &seen);
    add_parts(to, rule->guard.unless, &seen);
}

static void add_reasons(struct explanation *to)
{
    const struct tool *tool = &to->policy->tools[to->trial.tool];
    struct map seen = {.arena = to->arena};
    struct str_builder needs = {.arena = to->arena};
    bool holds =
        evaluate_condition(to->policy, &to->trial.caller, &to->trial.arguments, tool->needs);
    policy_format_condition(tool->needs, &needs);
    str_add_text(to->out, "\nneeds\n");
    add_value(to, holds);
    str_add_format(to->out, "%.*s  # ", STR_ARG(str_built(&needs)));
    add_place(to, tool->origin);
    str_add_byte(to->out, '\n');
    if (tool->needs->kind == CONDITION_AND || tool->needs->kind == CONDITION_OR)
        add_parts(to, tool->needs, &seen);
    bool has_head = false;
    for (uint32_t i = 0; i < to->policy->rule_count; i++) {
        if (!is_about(&to->policy->rules[i], to->trial.tool))
            continue;
        str_add_text(to->out, has_head ? "" : "\nrules\n");
        has_head = true;
        add_rule(to, &to->policy->rules[i]);
    }
}

/* ---- what else ---- */

static void add_changes(struct explanation *to)
{
    const struct logic *logic = to->tables->logic;
    bool is_allowed = to->decision.kind == DECISION_ALLOW;
    struct changes changes = change_find(logic, &to->trial, !is_allowed, to->arena);
    const char *then = is_allowed ? "not be allowed" : "be allowed";
    if (!changes.is_possible) {
        str_add_format(to->out, "\n%s, whatever else held\n",
                       is_allowed ? "it would be allowed" : "it would not be allowed");
        return;
    }
    if (!changes.list.count)
        return;
    str_add_format(to->out, "\nit would %s\n", then);
    for (size_t i = 0; i < changes.list.count; i++) {
        struct change change = changes.list.at[i];
        struct str text = atom_text(&logic->atoms, change.atom, to->arena);
        str_add_format(to->out, "  %s %s %.*s\n", i ? "and" : "if ",
                       change.holds ? "this held:     " : "this did not:  ", STR_ARG(text));
    }
}

bool explain(const struct tables *tables, const struct scene_caller *caller, uint32_t tool,
             struct str arguments, struct arena *arena, struct str_builder *out)
{
    struct explanation to = {
        .tables = tables, .policy = tables->source, .arena = arena, .out = out};
    struct judge judge;
    struct caller asker;
    if (!scene_make(tables->source, caller, tool, arguments, arena, &to.trial))
        return false;
    if (!judge_open(&judge, &tables->policy))
        arena_exhausted();
    to.decision = judge_decide(&judge, &to.trial, &asker);
    struct str answer = scene_describe(&tables->policy, &to.decision, arena);
    str_add_format(out, "%.*s: %.*s\n", STR_ARG(tables->source->tools[tool].name), STR_ARG(answer));
    if (to.decision.rule && to.decision.rule->message[0])
        str_add_format(out, "          \"%s\"\n", to.decision.rule->message);
    str_add_byte(out, '\n');
    add_caller(&to);
    add_reasons(&to);
    add_changes(&to);
    judge_close(&judge);
    return true;
}

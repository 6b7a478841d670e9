/*
 * Composing what each tool decides. Rules are laid around the permission from the last to the
 * first, so that of several that deny the first in the policy is the one that is named; that a call
 * is denied does not depend on their order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/logic/logic.h"

#include <string.h>

/* A rule's guard, made once for all tools. */
struct rule_logic {
    diagram guard, operator_guard;
    bool is_foreign; /* looks at claims or verifiers, which the operator has not got */
    const uint32_t *tests;
    uint32_t test_count;
};

struct build {
    const struct policy *policy;
    struct arena *arena;
    struct diag_list *diags;
    struct logic *out;
    struct rule_logic *rules;
    uint32_t **tool_rules; /* tool -> its rules, ascending */
    uint32_t *tool_rule_counts;
};

static struct condition_builder builder_of(const struct build *build, enum condition_view view)
{
    return (struct condition_builder){build->out->store, &build->out->atoms, view};
}

static bool check_size(struct build *build, struct span span, const char *what, struct str name)
{
    if (!diagram_is_too_large(build->out->store))
        return true;
    struct diag *diag = diag_error(build->diags, "too-complex", span,
                                   "%s%.*s is too complex to be compiled", what, STR_ARG(name));
    diag_help(build->diags, diag, "name parts of the conditions as roles");
    return false;
}

/* ---- rules ---- */

static bool is_foreign(const struct condition *condition)
{
    if (!condition)
        return false;
    switch (condition->kind) {
    case CONDITION_VERIFIER:
    case CONDITION_CLAIM:
    case CONDITION_CLAIM_IS_ARGUMENT:
        return true;
    default:
        return is_foreign(condition->left) || is_foreign(condition->right);
    }
}

static void mark_tests(const struct atoms *atoms, const struct condition *condition, bool *marks)
{
    if (!condition)
        return;
    if (condition->kind == CONDITION_ARGUMENT || condition->kind == CONDITION_CLAIM_IS_ARGUMENT)
        marks[atoms_find(atoms, condition) - atoms->fact_count] = true;
    mark_tests(atoms, condition->left, marks);
    mark_tests(atoms, condition->right, marks);
}

/* The marked tests as atoms; the marks are free again. */
static uint32_t *list_tests(struct build *build, bool *marks, uint32_t *count)
{
    const struct atoms *atoms = &build->out->atoms;
    uint32_t test_count = atoms->count - atoms->fact_count;
    *count = 0;
    for (uint32_t i = 0; i < test_count; i++)
        *count += marks[i];
    uint32_t *list = arena_array(build->arena, *count, sizeof *list), used = 0;
    for (uint32_t i = 0; i < test_count; i++)
        if (marks[i])
            list[used++] = atoms->fact_count + i;
    memset(marks, 0, test_count);
    return list;
}

static bool build_rules(struct build *build, bool *marks)
{
    const struct policy *policy = build->policy;
    struct condition_builder caller = builder_of(build, VIEW_CALLER);
    struct condition_builder local = builder_of(build, VIEW_OPERATOR);
    build->rules = arena_array(build->arena, policy->rule_count, sizeof *build->rules);
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const struct rule *rule = &policy->rules[i];
        struct rule_logic *logic = &build->rules[i];
        diagram_set_budget(build->out->store, LOGIC_NODES_MAX);
        logic->guard = condition_build_guard(&caller, rule->guard);
        logic->operator_guard = condition_build_guard(&local, rule->guard);
        logic->is_foreign = is_foreign(rule->guard.when) || is_foreign(rule->guard.unless);
        mark_tests(caller.atoms, rule->guard.when, marks);
        mark_tests(caller.atoms, rule->guard.unless, marks);
        logic->tests = list_tests(build, marks, &logic->test_count);
        if (!check_size(build, rule->origin, "the condition of this rule", (struct str){0}))
            return false;
    }
    return true;
}

static void assign_rules(struct build *build)
{
    const struct policy *policy = build->policy;
    uint32_t *counts = arena_array(build->arena, policy->tool_count, sizeof *counts);
    build->tool_rule_counts = counts;
    build->tool_rules = arena_array(build->arena, policy->tool_count, sizeof(uint32_t *));
    for (uint32_t i = 0; i < policy->rule_count; i++)
        for (uint32_t j = 0; j < policy->rules[i].tools.count; j++)
            counts[policy->rules[i].tools.at[j]]++;
    for (uint32_t i = 0; i < policy->tool_count; i++)
        build->tool_rules[i] = arena_array(build->arena, counts[i], sizeof(uint32_t));
    memset(counts, 0, policy->tool_count * sizeof *counts);
    for (uint32_t i = 0; i < policy->rule_count; i++)
        for (uint32_t j = 0; j < policy->rules[i].tools.count; j++) {
            uint32_t tool = policy->rules[i].tools.at[j];
            build->tool_rules[tool][counts[tool]++] = i;
        }
}

/* ---- tools ---- */

/* The rules of one tool, as they are for a caller or for the operator. */
struct tool_rules {
    struct build *build;
    const uint32_t *at;
    uint32_t count;
    bool for_operator;
    bool has_argument_allow; /* an `allow only` that looks at arguments */
    diagram allowed;         /* some `allow only` holds, or there is none */
};

static diagram guard_of(const struct tool_rules *rules, uint32_t rule)
{
    const struct rule_logic *logic = &rules->build->rules[rule];
    return rules->for_operator ? logic->operator_guard : logic->guard;
}

static struct tool_rules rules_of(struct build *build, uint32_t tool, bool for_operator)
{
    struct tool_rules rules = {.build = build,
                               .at = build->tool_rules[tool],
                               .count = build->tool_rule_counts[tool],
                               .for_operator = for_operator,
                               .allowed = MCPP_HOLDS};
    bool has_allow = false;
    for (uint32_t i = 0; i < rules.count; i++) {
        const struct rule *rule = &build->policy->rules[rules.at[i]];
        if (rule->kind != RULE_ALLOW_ONLY)
            continue;
        diagram guard = guard_of(&rules, rules.at[i]);
        if (for_operator && build->rules[rules.at[i]].is_foreign)
            guard = MCPP_HOLDS;
        rules.allowed = has_allow ? diagram_or(build->out->store, rules.allowed, guard) : guard;
        has_allow = true;
        rules.has_argument_allow |= rule->mentions_arguments;
    }
    return rules;
}

/* Lays the rules of one kind, on callers or on arguments, around what is decided otherwise. */
static diagram lay_rules(const struct tool_rules *rules, bool on_arguments, diagram otherwise)
{
    const struct policy *policy = rules->build->policy;
    struct diagram_store *store = rules->build->out->store;
    uint32_t first_allow = rules->count;
    bool has_allow = rules->has_argument_allow == on_arguments;
    for (uint32_t i = rules->count; has_allow && i-- > 0;) {
        const struct rule *rule = &policy->rules[rules->at[i]];
        if (rule->kind == RULE_ALLOW_ONLY && rule->mentions_arguments == on_arguments)
            first_allow = i;
    }
    for (uint32_t i = rules->count; i-- > 0;) {
        const struct rule *rule = &policy->rules[rules->at[i]];
        diagram deny = MCPP_DENY(rules->at[i]);
        if (i == first_allow)
            otherwise = diagram_choose(store, rules->allowed, otherwise, deny);
        else if (rule->kind == RULE_DENY && rule->mentions_arguments == on_arguments)
            otherwise = diagram_choose(store, guard_of(rules, rules->at[i]), deny, otherwise);
    }
    return otherwise;
}

static diagram hidden_when(struct build *build, uint32_t tool)
{
    diagram hidden = MCPP_FAILS;
    for (uint32_t i = 0; i < build->tool_rule_counts[tool]; i++) {
        uint32_t rule = build->tool_rules[tool][i];
        if (build->policy->rules[rule].kind == RULE_HIDE)
            hidden = diagram_or(build->out->store, hidden, build->rules[rule].guard);
    }
    return hidden;
}

static bool build_tool(struct build *build, uint32_t index, bool *marks, struct tool_logic *out)
{
    const struct tool *tool = &build->policy->tools[index];
    struct diagram_store *store = build->out->store;
    struct condition_builder builder = builder_of(build, VIEW_CALLER);
    diagram_set_budget(store, LOGIC_NODES_MAX);
    struct tool_rules rules = rules_of(build, index, false);
    diagram decision = lay_rules(&rules, false, lay_rules(&rules, true, MCPP_ALLOW));
    decision = diagram_choose(store, condition_build(&builder, tool->needs), decision, MCPP_NEEDS);
    diagram hidden = hidden_when(build, index);
    struct tool_rules local = rules_of(build, index, true);
    *out = (struct tool_logic){.shown = diagram_choose(store, hidden, MCPP_HIDDEN, MCPP_ALLOW),
                               .decision = diagram_choose(store, hidden, MCPP_HIDDEN, decision),
                               .operator_decision = lay_rules(&local, true, MCPP_ALLOW)};
    for (uint32_t i = 0; i < rules.count; i++)
        for (uint32_t j = 0; j < build->rules[rules.at[i]].test_count; j++)
            marks[build->rules[rules.at[i]].tests[j] - build->out->atoms.fact_count] = true;
    if (rules.count)
        out->tests = list_tests(build, marks, &out->test_count);
    return check_size(build, tool->origin, "what decides over ", tool->name);
}

/* ---- facts that follow from facts ---- */

static bool build_derived(struct build *build)
{
    const struct policy *policy = build->policy;
    struct condition_builder builder = builder_of(build, VIEW_CALLER);
    diagram *all = arena_array(build->arena, policy->derivation_count, sizeof *all);
    build->out->derived = all;
    for (uint32_t i = 0; i < policy->derivation_count; i++) {
        struct derivation of = policy->derivations[i];
        diagram_set_budget(build->out->store, LOGIC_NODES_MAX);
        if (of.is_role) {
            const struct role *role = &policy->roles[of.index];
            all[i] = condition_build_guard(&builder, role->guard);
            if (!check_size(build, role->origin, "the role ", role->name))
                return false;
            continue;
        }
        /* only a token carries scopes, granted ones too */
        const struct scope *scope = &policy->scopes[of.index];
        all[i] = diagram_and(builder.store, diagram_of_variable(builder.store, ATOM_OF_TOKEN),
                             condition_build_guard(&builder, scope->granted));
        if (!check_size(build, scope->origin, "the scope ", scope->name))
            return false;
    }
    return true;
}

bool logic_build(const struct policy *policy, struct arena *arena, struct diag_list *diags,
                 struct logic *out)
{
    struct build build = {.policy = policy, .arena = arena, .diags = diags, .out = out};
    *out = (struct logic){.policy = policy, .store = diagram_store_new(arena)};
    atoms_collect(policy, arena, &out->atoms);
    bool *marks = arena_array(arena, out->atoms.count - out->atoms.fact_count + 1, sizeof *marks);
    if (!build_derived(&build) || !build_rules(&build, marks))
        return false;
    assign_rules(&build);
    struct tool_logic *tools = arena_array(arena, policy->tool_count, sizeof *tools);
    out->tools = tools;
    for (uint32_t i = 0; i < policy->tool_count; i++)
        if (!build_tool(&build, i, marks, &tools[i]))
            return false;
    return true;
}

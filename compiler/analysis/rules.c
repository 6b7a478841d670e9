/*
 * Rules that cannot matter, and tools that nobody can call. A rule matters when some caller and
 * call would be answered otherwise without it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/analysis/analysis.h"

struct view {
    const struct analysis *analysis;
    struct diagram_store *store;
    diagram *guards; /* of the rules */
    bool *matters;   /* likewise */
};

/* The rules about one tool. */
struct tool_view {
    LIST(uint32_t) rules;
};

static diagram either(const struct view *view, diagram left, diagram right)
{
    return diagram_or(view->store, left, right);
}

/* Whether some rule of this kind, other than `but`, holds. */
static diagram any_of(const struct view *view, const struct tool_view *tool, enum rule_kind kind,
                      uint32_t but, uint32_t *count)
{
    diagram any = MCPP_FAILS;
    *count = 0;
    for (size_t i = 0; i < tool->rules.count; i++) {
        uint32_t rule = tool->rules.at[i];
        if (view->analysis->policy->rules[rule].kind != kind || rule == but)
            continue;
        any = either(view, any, view->guards[rule]);
        ++*count;
    }
    return any;
}

/* When the tool may be called if `but` were not there; MCPP_NONE: with all rules. */
static diagram allowed_without(const struct view *view, const struct tool_view *rules,
                               const struct tool *tool, uint32_t but)
{
    uint32_t count;
    diagram refused = either(view, any_of(view, rules, RULE_HIDE, but, &count),
                             any_of(view, rules, RULE_DENY, but, &count));
    diagram allow = any_of(view, rules, RULE_ALLOW_ONLY, but, &count);
    diagram open = condition_build(&view->analysis->space.builder, tool->needs);
    if (count)
        open = diagram_and(view->store, open, allow);
    return diagram_choose(view->store, refused, MCPP_FAILS, open);
}

/* Where two yes-or-no functions differ. */
static diagram difference(const struct view *view, diagram left, diagram right)
{
    return diagram_choose(view->store, left, diagram_not(view->store, right), right);
}

/* A hide says "unknown" where a deny says no, so that it matters wherever no other one hides. */
static diagram effect_of(const struct view *view, const struct tool_view *rules,
                         const struct tool *tool, uint32_t rule, diagram allowed)
{
    uint32_t count;
    if (view->analysis->policy->rules[rule].kind != RULE_HIDE)
        return difference(view, allowed, allowed_without(view, rules, tool, rule));
    diagram others = any_of(view, rules, RULE_HIDE, rule, &count);
    return diagram_choose(view->store, others, MCPP_FAILS, view->guards[rule]);
}

static void look_at_tool(struct view *view, const struct tool_view *rules, uint32_t index)
{
    const struct analysis *analysis = view->analysis;
    const struct tool *tool = &analysis->policy->tools[index];
    diagram_set_budget(view->store, LOGIC_NODES_MAX);
    diagram allowed = allowed_without(view, rules, tool, MCPP_NONE);
    bool is_known = !diagram_is_too_large(view->store);
    if (is_known && !space_meets(&analysis->space, allowed))
        diag_warning(analysis->diags, "unreachable-tool", tool->origin, "no caller can call %.*s",
                     STR_ARG(tool->name));
    for (size_t i = 0; i < rules->rules.count; i++) {
        uint32_t rule = rules->rules.at[i];
        if (view->matters[rule])
            continue;
        diagram_set_budget(view->store, LOGIC_NODES_MAX);
        diagram effect = effect_of(view, rules, tool, rule, allowed);
        view->matters[rule] =
            !is_known || diagram_is_too_large(view->store) || space_meets(&analysis->space, effect);
    }
}

/* Another rule of its kind that alone holds whenever this one does, about all of its tools. */
static const struct rule *shadow_of(const struct view *view, uint32_t rule)
{
    const struct policy *policy = view->analysis->policy;
    const struct rule *self = &policy->rules[rule];
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const struct rule *other = &policy->rules[i];
        uint32_t at = 0, found = 0;
        if (i == rule || other->kind != self->kind)
            continue;
        for (uint32_t own = 0; own < self->tools.count; own++) {
            while (at < other->tools.count && other->tools.at[at] < self->tools.at[own])
                at++;
            found += at < other->tools.count && other->tools.at[at] == self->tools.at[own];
        }
        diagram alone =
            diagram_choose(view->store, view->guards[i], MCPP_FAILS, view->guards[rule]);
        if (found == self->tools.count && !space_meets(&view->analysis->space, alone))
            return other;
    }
    return NULL;
}

static void report(const struct view *view, uint32_t index)
{
    const struct analysis *analysis = view->analysis;
    const struct rule *rule = &analysis->policy->rules[index];
    if (view->matters[index] || !analysis_is_own(rule->origin) || rule->tools.count == 0 ||
        !space_meets(&analysis->space, view->guards[index]))
        return;
    const struct rule *shadow = shadow_of(view, index);
    struct diag *diag = diag_warning(analysis->diags, "dead-rule", rule->origin,
                                     "no call is allowed or refused because of this rule");
    if (shadow)
        diag_note(analysis->diags, diag, shadow->origin, "this one holds whenever it does");
}

void analysis_of_rules(const struct analysis *analysis)
{
    const struct policy *policy = analysis->policy;
    struct arena *arena = analysis->arena;
    struct view view = {analysis, analysis->space.logic->store,
                        arena_array(arena, policy->rule_count + 1, sizeof *view.guards),
                        arena_array(arena, policy->rule_count + 1, sizeof *view.matters)};
    struct tool_view *tools = arena_array(arena, policy->tool_count + 1, sizeof *tools);
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const struct rule *rule = &policy->rules[i];
        diagram_set_budget(view.store, LOGIC_NODES_MAX);
        view.guards[i] = condition_build_guard(&analysis->space.builder, rule->guard);
        for (uint32_t at = 0; at < rule->tools.count; at++)
            *list_add(arena, &tools[rule->tools.at[at]].rules) = i;
    }
    for (uint32_t i = 0; i < policy->tool_count; i++)
        look_at_tool(&view, &tools[i], i);
    for (uint32_t i = 0; i < policy->rule_count; i++)
        report(&view, i);
}

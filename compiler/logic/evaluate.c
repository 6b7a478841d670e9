/*
 * Reading the policy for one caller and one call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/logic/evaluate.h"

#include "compiler/logic/compare.h"

struct question {
    const struct policy *policy;
    const struct evaluate_caller *caller;
    const struct evaluate_json *arguments;
    const struct condition *misfit; /* the first test that an argument does not fit */
};

static bool holds(struct question *question, const struct condition *condition);
static bool guard_holds(struct question *question, struct guard guard);

static bool is_local(const struct question *question)
{
    return question->caller->kind == EVALUATE_OPERATOR;
}

static bool has_token(const struct question *question)
{
    return question->caller->kind == EVALUATE_VERIFIED ||
           question->caller->kind == EVALUATE_NARROWED;
}

static bool lists(const struct str *names, uint32_t count, struct str name)
{
    for (uint32_t i = 0; i < count; i++)
        if (str_equal(names[i], name))
            return true;
    return false;
}

/* A narrowed operator who was given claims alone. */
static bool holds_all(const struct question *question)
{
    const struct evaluate_caller *caller = question->caller;
    return caller->kind == EVALUATE_NARROWED && !caller->scope_count && !caller->role_count;
}

/* ---- atoms about the caller ---- */

/* The token carries it, or a condition grants it. */
static bool has_scope_itself(struct question *question, const struct scope *scope)
{
    const struct evaluate_caller *caller = question->caller;
    bool is_granted = scope->granted.when || scope->granted.unless;
    return holds_all(question) || lists(caller->scopes, caller->scope_count, scope->name) ||
           (is_granted && guard_holds(question, scope->granted));
}

static bool has_scope(struct question *question, uint32_t wanted)
{
    const struct policy *policy = question->policy;
    if (!has_token(question))
        return false;
    for (uint32_t i = 0; i < policy->scope_count; i++) {
        const struct scope *scope = &policy->scopes[i];
        bool implies = i == wanted;
        for (uint32_t j = 0; j < scope->implies_count; j++)
            implies |= scope->implies[j] == wanted;
        if (implies && has_scope_itself(question, scope))
            return true;
    }
    return false;
}

static bool has_role(struct question *question, const struct role *role)
{
    const struct evaluate_caller *caller = question->caller;
    bool is_listed = lists(caller->roles, caller->role_count, role->name);
    if (caller->kind == EVALUATE_NARROWED && (is_listed || holds_all(question)))
        return true;
    if (role->guard.when || role->guard.unless)
        return guard_holds(question, role->guard);
    return has_token(question) && is_listed;
}

static bool find_claim(const struct question *question, struct word path, struct arena *arena,
                       struct evaluate_json *out)
{
    bool is_blocked;
    return has_token(question) &&
           compare_find(&question->caller->claims, policy_claim_path(path, arena), out,
                        &is_blocked) &&
           out->tape->nodes[out->node].kind != JSON_NULL;
}

static bool claim_holds(const struct question *question, const struct condition *test)
{
    struct arena scratch = {0};
    struct evaluate_json value;
    bool result = find_claim(question, test->word, &scratch, &value) &&
                  (test->comparison == COMPARE_EXISTS ||
                   compare_with_literals(test, &value) == COMPARE_HOLDS);
    arena_free(&scratch);
    return test->comparison == COMPARE_NOT_EQUAL ? !result : result;
}

/* ---- atoms about arguments ---- */

static enum compare_result compare_argument(const struct question *question,
                                            const struct condition *test, struct arena *arena)
{
    struct evaluate_json value, claim;
    bool is_blocked, is_compared = test->kind == CONDITION_CLAIM_IS_ARGUMENT;
    if (is_compared && !find_claim(question, test->word, arena, &claim))
        return COMPARE_FAILS;
    if (!compare_find(question->arguments, policy_argument_path(test->argument, arena), &value,
                      &is_blocked))
        return is_blocked ? COMPARE_MISFITS : COMPARE_FAILS;
    if (value.tape->nodes[value.node].kind == JSON_NULL)
        return COMPARE_MISFITS;
    if (is_compared)
        return compare_claim_with_argument(&claim, &value);
    return test->comparison == COMPARE_EXISTS ? COMPARE_HOLDS : compare_with_literals(test, &value);
}

static bool argument_holds(struct question *question, const struct condition *test)
{
    struct arena scratch = {0};
    enum compare_result result = compare_argument(question, test, &scratch);
    arena_free(&scratch);
    if (result == COMPARE_MISFITS && !question->misfit)
        question->misfit = test;
    return (result == COMPARE_HOLDS) != (test->comparison == COMPARE_NOT_EQUAL);
}

/* ---- conditions ---- */

static bool holds(struct question *question, const struct condition *condition)
{
    bool left;
    switch (condition->kind) {
    case CONDITION_NOTHING:
        return true;
    case CONDITION_TOKEN:
        return is_local(question) || has_token(question);
    case CONDITION_SCOPE:
        return is_local(question) ||
               has_scope(question, policy_scope(question->policy, condition->word.text));
    case CONDITION_ROLE:
        return is_local(question) ||
               has_role(
                   question,
                   &question->policy->roles[policy_role(question->policy, condition->word.text)]);
    case CONDITION_VERIFIER:
        return question->caller->kind == EVALUATE_VERIFIED &&
               str_equal(question->caller->verifier, condition->word.text);
    case CONDITION_TRANSPORT:
        return str_equal(question->caller->transport, condition->word.text);
    case CONDITION_CLAIM:
        return claim_holds(question, condition);
    case CONDITION_ARGUMENT:
    case CONDITION_CLAIM_IS_ARGUMENT:
        return argument_holds(question, condition);
    case CONDITION_NOT:
        return !holds(question, condition->left);
    case CONDITION_AND:
    case CONDITION_OR:
        break;
    }
    /* both sides are always looked at: a misfit must not hide behind the other one */
    left = holds(question, condition->left);
    bool right = holds(question, condition->right);
    return condition->kind == CONDITION_AND ? left && right : left || right;
}

static bool guard_holds(struct question *question, struct guard guard)
{
    bool when = !guard.when || holds(question, guard.when);
    bool unless = guard.unless && holds(question, guard.unless);
    return when && !unless;
}

bool evaluate_condition(const struct policy *policy, const struct evaluate_caller *caller,
                        const struct evaluate_json *arguments, const struct condition *condition)
{
    struct question question = {policy, caller, arguments, NULL};
    return holds(&question, condition);
}

bool evaluate_guard(const struct policy *policy, const struct evaluate_caller *caller,
                    const struct evaluate_json *arguments, struct guard guard)
{
    struct question question = {policy, caller, arguments, NULL};
    return guard_holds(&question, guard);
}

/* ---- rules ---- */

static bool is_about(const struct rule *rule, uint32_t tool)
{
    for (uint32_t i = 0; i < rule->tools.count; i++)
        if (rule->tools.at[i] == tool)
            return true;
    return false;
}

static bool mentions(const struct condition *condition, bool (*what)(enum condition_kind kind))
{
    return condition && (what(condition->kind) || mentions(condition->left, what) ||
                         mentions(condition->right, what));
}

static bool guard_mentions(const struct rule *rule, bool (*what)(enum condition_kind kind))
{
    return mentions(rule->guard.when, what) || mentions(rule->guard.unless, what);
}

static bool is_argument(enum condition_kind kind)
{
    return kind == CONDITION_ARGUMENT || kind == CONDITION_CLAIM_IS_ARGUMENT;
}

static bool is_identity(enum condition_kind kind)
{
    return kind == CONDITION_TOKEN || kind == CONDITION_SCOPE || kind == CONDITION_ROLE ||
           kind == CONDITION_VERIFIER || kind == CONDITION_CLAIM;
}

/* What the operator cannot show. */
static bool is_foreign(enum condition_kind kind)
{
    return kind == CONDITION_VERIFIER || kind == CONDITION_CLAIM ||
           kind == CONDITION_CLAIM_IS_ARGUMENT;
}

/* What the `allow only` rules of a tool say together. */
struct allowance {
    bool exists, is_met, has_arguments;
};

static struct allowance allowance_of(struct question *question, uint32_t tool)
{
    struct allowance all = {0};
    for (uint32_t i = 0; i < question->policy->rule_count; i++) {
        const struct rule *rule = &question->policy->rules[i];
        if (rule->kind != RULE_ALLOW_ONLY || !is_about(rule, tool))
            continue;
        all.exists = true;
        all.has_arguments |= guard_mentions(rule, is_argument);
        all.is_met |= is_local(question) && guard_mentions(rule, is_foreign);
        all.is_met |= guard_holds(question, rule->guard);
    }
    return all;
}

/* The first rule of one kind, on callers or on arguments, that denies; NULL: none does. */
static const struct rule *find_denial(struct question *question, uint32_t tool, bool on_arguments)
{
    struct allowance allowance = allowance_of(question, tool);
    bool misses = allowance.exists && !allowance.is_met && allowance.has_arguments == on_arguments;
    for (uint32_t i = 0; i < question->policy->rule_count; i++) {
        const struct rule *rule = &question->policy->rules[i];
        if (!is_about(rule, tool) || guard_mentions(rule, is_argument) != on_arguments)
            continue;
        if (rule->kind == RULE_ALLOW_ONLY && misses)
            return rule;
        if (rule->kind == RULE_DENY && guard_holds(question, rule->guard))
            return rule;
    }
    return NULL;
}

static bool is_hidden(struct question *question, uint32_t tool)
{
    for (uint32_t i = 0; i < question->policy->rule_count; i++) {
        const struct rule *rule = &question->policy->rules[i];
        if (rule->kind == RULE_HIDE && is_about(rule, tool) && guard_holds(question, rule->guard))
            return true;
    }
    return false;
}

/* Looks at every test of every rule of the tool, whatever it decides. */
static const struct condition *find_misfit(struct question *question, uint32_t tool)
{
    question->misfit = NULL;
    for (uint32_t i = 0; i < question->policy->rule_count; i++)
        if (is_about(&question->policy->rules[i], tool))
            guard_holds(question, question->policy->rules[i].guard);
    return question->misfit;
}

/* ---- the decision ---- */

/* Steps 1 to 4 as far as arguments do not matter; VERDICT_ALLOWED: nothing forbids it yet. */
static struct verdict judge_caller(struct question *question, uint32_t tool)
{
    bool is_anonymous = question->caller->kind == EVALUATE_ANONYMOUS;
    if (is_local(question))
        return (struct verdict){.kind = VERDICT_ALLOWED};
    if (is_hidden(question, tool))
        return (struct verdict){.kind = VERDICT_UNKNOWN};
    if (!holds(question, question->policy->tools[tool].needs))
        return (struct verdict){.kind = is_anonymous ? VERDICT_TOKEN : VERDICT_NEEDS};
    const struct rule *rule = find_denial(question, tool, false);
    if (!rule)
        return (struct verdict){.kind = VERDICT_ALLOWED};
    bool asks_for_token = is_anonymous && guard_mentions(rule, is_identity);
    return (struct verdict){.kind = asks_for_token ? VERDICT_TOKEN : VERDICT_DENIED, .rule = rule};
}

static bool is_given(struct question *question, struct str name)
{
    struct path path = {&name, 1};
    struct evaluate_json value;
    bool is_blocked;
    return compare_find(question->arguments, path, &value, &is_blocked);
}

/* Arrays and objects have no place in one argument. */
static bool can_fill(struct question *question, const struct fill *fill)
{
    const struct claim *claim = &question->policy->claims[fill->claim];
    struct evaluate_json value;
    bool is_blocked;
    if (!has_token(question) ||
        !compare_find(&question->caller->claims, claim->path, &value, &is_blocked))
        return false;
    uint8_t kind = value.tape->nodes[value.node].kind;
    return kind != JSON_NULL && kind != JSON_ARRAY && kind != JSON_OBJECT;
}

static struct verdict judge_fills(struct question *question, const struct tool *tool)
{
    for (uint32_t i = 0; i < tool->fill_count; i++)
        if (is_given(question, tool->operation->arguments[tool->fills[i].argument].name))
            return (struct verdict){.kind = VERDICT_FILLED};
    for (uint32_t i = 0; i < tool->fill_count; i++)
        if (!can_fill(question, &tool->fills[i]))
            return (struct verdict){.kind = question->caller->kind == EVALUATE_ANONYMOUS
                                                ? VERDICT_TOKEN
                                                : VERDICT_CLAIM};
    return (struct verdict){.kind = VERDICT_ALLOWED};
}

struct verdict evaluate(const struct policy *policy, const struct evaluate_caller *caller,
                        uint32_t tool, const struct evaluate_json *arguments)
{
    struct question question = {policy, caller, arguments, NULL};
    struct verdict verdict = judge_caller(&question, tool);
    if (verdict.kind != VERDICT_ALLOWED)
        return verdict;
    const struct condition *misfit = find_misfit(&question, tool);
    if (misfit)
        return (struct verdict){.kind = VERDICT_ARGUMENT, .test = misfit};
    const struct rule *rule = find_denial(&question, tool, true);
    if (rule)
        return (struct verdict){.kind = VERDICT_REFUSED, .rule = rule};
    return judge_fills(&question, &policy->tools[tool]);
}

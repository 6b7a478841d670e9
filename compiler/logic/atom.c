/*
 * Numbering atoms. Two tests are one atom when they say the same: path, comparison, literals.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/logic/atom.h"

#include "compiler/policy/format.h"

struct collect {
    struct arena *arena;
    struct map tests; /* what a test says -> its condition */
    LIST(const struct condition *) facts;
    LIST(const struct condition *) arguments;
};

/* ---- what a test says ---- */

static void add_length(struct str text, struct str_builder *out)
{
    str_add_format(out, "%zu:", text.len);
    str_add(out, text);
}

/* Quoting matters where a path is divided at its dots. */
static void add_path(struct word path, struct str_builder *out)
{
    str_add_byte(out, path.is_string ? '"' : 'n');
    add_length(path.text, out);
}

static struct str key_of(const struct condition *condition, struct arena *arena)
{
    struct str_builder out = {.arena = arena};
    enum comparison comparison =
        condition->comparison == COMPARE_NOT_EQUAL ? COMPARE_EQUAL : condition->comparison;
    str_add_format(&out, "%d %d ", (int)condition->kind, (int)comparison);
    if (condition->kind != CONDITION_ARGUMENT)
        add_length(condition->word.text, &out);
    if (condition->kind == CONDITION_ARGUMENT || condition->kind == CONDITION_CLAIM_IS_ARGUMENT)
        add_path(condition->argument, &out);
    for (uint32_t i = 0; i < condition->literals.count; i++) {
        str_add_format(&out, " %d ", (int)condition->literals.at[i].kind);
        add_length(condition->literals.at[i].word.text, &out);
    }
    return str_built(&out);
}

/* ---- collecting ---- */

static void collect(struct collect *all, const struct condition *condition)
{
    bool is_argument = false;
    if (!condition)
        return;
    switch (condition->kind) {
    case CONDITION_NOTHING:
    case CONDITION_TOKEN:
    case CONDITION_SCOPE:
    case CONDITION_ROLE:
        return;
    case CONDITION_NOT:
    case CONDITION_AND:
    case CONDITION_OR:
        collect(all, condition->left);
        collect(all, condition->right);
        return;
    case CONDITION_VERIFIER:
    case CONDITION_TRANSPORT:
    case CONDITION_CLAIM:
        break;
    case CONDITION_ARGUMENT:
    case CONDITION_CLAIM_IS_ARGUMENT:
        is_argument = true;
        break;
    }
    if (map_add(&all->tests, key_of(condition, all->arena), (void *)(uintptr_t)condition))
        return;
    if (is_argument)
        *list_add(all->arena, &all->arguments) = condition;
    else
        *list_add(all->arena, &all->facts) = condition;
}

static void collect_guard(struct collect *all, struct guard guard)
{
    collect(all, guard.when);
    collect(all, guard.unless);
}

static void collect_all(struct collect *all, const struct policy *policy)
{
    for (uint32_t i = 0; i < policy->scope_count; i++)
        collect_guard(all, policy->scopes[i].granted);
    for (uint32_t i = 0; i < policy->role_count; i++)
        collect_guard(all, policy->roles[i].guard);
    for (uint32_t i = 0; i < policy->tool_count; i++)
        collect(all, policy->tools[i].needs);
    for (uint32_t i = 0; i < policy->rule_count; i++)
        collect_guard(all, policy->rules[i].guard);
}

static struct atom atom_of_test(const struct policy *policy, const struct condition *test)
{
    switch (test->kind) {
    case CONDITION_VERIFIER:
        return (struct atom){ATOM_VERIFIER, policy_verifier(policy, test->word.text), test};
    case CONDITION_TRANSPORT:
        return (struct atom){ATOM_TRANSPORT, 0, test};
    case CONDITION_CLAIM:
        return (struct atom){ATOM_CLAIM, 0, test};
    default:
        return (struct atom){ATOM_ARGUMENT, 0, test};
    }
}

void atoms_collect(const struct policy *policy, struct arena *arena, struct atoms *out)
{
    struct collect all = {.arena = arena, .tests = {.arena = arena}};
    collect_all(&all, policy);
    uint32_t role_first = ATOM_FIRST_SCOPE + policy->scope_count, count = role_first;
    struct atom *atoms =
        arena_array(arena, role_first + policy->role_count + all.facts.count + all.arguments.count,
                    sizeof *atoms);
    atoms[ATOM_OF_TOKEN].kind = ATOM_TOKEN;
    for (uint32_t i = 0; i < policy->scope_count; i++)
        atoms[ATOM_FIRST_SCOPE + i] = (struct atom){ATOM_SCOPE, i, NULL};
    for (uint32_t i = 0; i < policy->role_count; i++)
        atoms[count++] = (struct atom){ATOM_ROLE, i, NULL};
    for (size_t i = 0; i < all.facts.count; i++)
        atoms[count++] = atom_of_test(policy, all.facts.at[i]);
    uint32_t fact_count = count;
    for (size_t i = 0; i < all.arguments.count; i++)
        atoms[count++] = atom_of_test(policy, all.arguments.at[i]);
    *out = (struct atoms){.at = atoms,
                          .count = count,
                          .fact_count = fact_count,
                          .role_first = role_first,
                          .policy = policy,
                          .tests = {.arena = arena}};
    for (uint32_t i = role_first + policy->role_count; i < count; i++)
        map_add(&out->tests, key_of(atoms[i].test, arena), &atoms[i]);
}

uint32_t atoms_find(const struct atoms *atoms, const struct condition *condition)
{
    if (condition->kind == CONDITION_TOKEN)
        return ATOM_OF_TOKEN;
    if (condition->kind == CONDITION_SCOPE)
        return atoms_of_scope(policy_scope(atoms->policy, condition->word.text));
    if (condition->kind == CONDITION_ROLE)
        return atoms_of_role(atoms, policy_role(atoms->policy, condition->word.text));
    struct arena scratch = {0};
    const struct atom *found = map_get(&atoms->tests, key_of(condition, &scratch));
    arena_free(&scratch);
    return (uint32_t)(found - atoms->at);
}

struct str atom_text(const struct atoms *atoms, uint32_t atom, struct arena *arena)
{
    const struct atom *of = &atoms->at[atom];
    struct str_builder out = {.arena = arena};
    switch (of->kind) {
    case ATOM_TOKEN:
        return STR("token");
    case ATOM_SCOPE:
        return str_format(arena, "scope \"%.*s\"", STR_ARG(atoms->policy->scopes[of->index].name));
    case ATOM_ROLE:
        return str_format(arena, "role %.*s", STR_ARG(atoms->policy->roles[of->index].name));
    default:
        break;
    }
    struct condition test = *of->test;
    if (test.comparison == COMPARE_NOT_EQUAL)
        test.comparison = COMPARE_EQUAL;
    policy_format_condition(&test, &out);
    return str_built(&out);
}

/*
 * Conditions as disjunctive normal form, with absorption on the way so that it stays small.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/needs.h"

#include <string.h>

/* Alternatives: sets closed under implication, none covering another, in the order of writing.
 * Closed sets make absorption exact: a caller that holds a set holds all that it implies. */
struct alternatives {
    uint64_t *sets;
    uint32_t count;
};

struct build {
    const struct facts *facts;
    struct arena *arena;
    bool is_too_large;
};

static uint64_t *set_at(const struct build *build, const struct alternatives *all, uint32_t i)
{
    return all->sets + (size_t)i * build->facts->words;
}

static size_t set_bytes(const struct build *build)
{
    return build->facts->words * sizeof(uint64_t);
}

static struct alternatives no_alternatives(struct build *build)
{
    size_t words = (size_t)(NEEDS_SETS_MAX + 1) * build->facts->words;
    return (struct alternatives){arena_array(build->arena, words, sizeof(uint64_t)), 0};
}

/* Adds a closed set unless one there asks for no more; drops those that ask for more. */
static void add_set(struct build *build, struct alternatives *all, const uint64_t *set)
{
    uint32_t kept = 0, words = build->facts->words;
    for (uint32_t i = 0; i < all->count; i++)
        if (fact_set_covers(set, set_at(build, all, i), words))
            return;
    for (uint32_t i = 0; i < all->count; i++)
        if (!fact_set_covers(set_at(build, all, i), set, words))
            memmove(set_at(build, all, kept++), set_at(build, all, i), set_bytes(build));
    all->count = kept;
    if (all->count == NEEDS_SETS_MAX) {
        build->is_too_large = true;
        return;
    }
    memcpy(set_at(build, all, all->count++), set, set_bytes(build));
}

static struct alternatives one_fact(struct build *build, uint32_t fact)
{
    size_t words = build->facts->words;
    struct alternatives all = {arena_array(build->arena, words, sizeof(uint64_t)), 1};
    memcpy(all.sets, build->facts->at[fact].implies, set_bytes(build));
    return all;
}

static struct alternatives either(struct build *build, const struct alternatives *left,
                                  const struct alternatives *right)
{
    struct alternatives all = no_alternatives(build);
    for (uint32_t i = 0; i < left->count; i++)
        add_set(build, &all, set_at(build, left, i));
    for (uint32_t i = 0; i < right->count && !build->is_too_large; i++)
        add_set(build, &all, set_at(build, right, i));
    return all;
}

static struct alternatives both(struct build *build, const struct alternatives *left,
                                const struct alternatives *right)
{
    struct alternatives all = no_alternatives(build);
    uint64_t *set = arena_array(build->arena, build->facts->words, sizeof *set);
    for (uint32_t i = 0; i < left->count; i++) {
        for (uint32_t j = 0; j < right->count && !build->is_too_large; j++) {
            for (uint32_t k = 0; k < build->facts->words; k++)
                set[k] = set_at(build, left, i)[k] | set_at(build, right, j)[k];
            add_set(build, &all, set);
        }
    }
    return all;
}

/* Satisfied without any scope. */
static struct alternatives nothing(struct build *build)
{
    return (struct alternatives){arena_array(build->arena, build->facts->words, sizeof(uint64_t)),
                                 1};
}

static struct alternatives expand(struct build *build, const struct condition *condition);

/* A role without a condition is listed by issuers; no scope grants it. Its `unless` is left out:
 * whoever is exempt learns it from the next refusal. */
static struct alternatives expand_role(struct build *build, const struct role *role)
{
    if (role->is_listed)
        return (struct alternatives){0};
    return role->guard.when ? expand(build, role->guard.when) : nothing(build);
}

static struct alternatives expand(struct build *build, const struct condition *condition)
{
    const struct policy *policy = build->facts->atoms->policy;
    struct alternatives left, right;
    if (build->is_too_large)
        return (struct alternatives){0};
    switch (condition->kind) {
    case CONDITION_NOTHING:
    case CONDITION_NOT: /* nothing to ask for helps against it */
        return nothing(build);
    case CONDITION_TOKEN:
    case CONDITION_SCOPE:
        return one_fact(build, atoms_find(build->facts->atoms, condition));
    case CONDITION_ROLE:
        return expand_role(build, &policy->roles[policy_role(policy, condition->word.text)]);
    case CONDITION_AND:
    case CONDITION_OR:
        left = expand(build, condition->left);
        right = expand(build, condition->right);
        return condition->kind == CONDITION_AND ? both(build, &left, &right)
                                                : either(build, &left, &right);
    case CONDITION_VERIFIER:
    case CONDITION_TRANSPORT:
    case CONDITION_CLAIM:
    case CONDITION_ARGUMENT:
    case CONDITION_CLAIM_IS_ARGUMENT:
        break;
    }
    return (struct alternatives){0};
}

/* The fewest facts that imply the same: drops each fact that another one of the set implies. Of two
 * that imply each other the first in the policy stays. */
static void reduce(const struct facts *facts, uint64_t *set)
{
    for (uint32_t fact = facts->count; fact-- > 0;) {
        bool is_implied = false;
        for (uint32_t other = 0; other < facts->count && fact_set_has(set, fact); other++)
            is_implied |= other != fact && fact_set_has(set, other) &&
                          fact_set_has(facts->at[other].implies, fact);
        if (is_implied)
            set[fact / 64] &= ~(UINT64_C(1) << fact % 64);
    }
}

/* A stable insertion sort by size: at most NEEDS_SETS_MAX sets. */
static void sort_by_size(struct build *build, struct alternatives *all)
{
    uint32_t words = build->facts->words;
    uint64_t *moved = arena_array(build->arena, words, sizeof *moved);
    for (uint32_t i = 1; i < all->count; i++) {
        uint32_t to = i;
        memcpy(moved, set_at(build, all, i), set_bytes(build));
        uint32_t size = fact_set_size(moved, words);
        while (to > 0 && fact_set_size(set_at(build, all, to - 1), words) > size) {
            memcpy(set_at(build, all, to), set_at(build, all, to - 1), set_bytes(build));
            to--;
        }
        memcpy(set_at(build, all, to), moved, set_bytes(build));
    }
}

bool needs_build(const struct facts *facts, const struct condition *condition, struct arena *arena,
                 struct mcpp_any_of *out)
{
    struct arena scratch = {0};
    struct build build = {facts, &scratch, false};
    struct alternatives all = expand(&build, condition);
    if (!build.is_too_large) {
        for (uint32_t i = 0; i < all.count; i++)
            reduce(facts, set_at(&build, &all, i));
        sort_by_size(&build, &all);
        uint64_t *sets = arena_array(arena, (size_t)all.count * facts->words, sizeof *sets);
        if (all.count)
            memcpy(sets, all.sets, all.count * set_bytes(&build));
        *out = (struct mcpp_any_of){all.count, sets};
    }
    arena_free(&scratch);
    return !build.is_too_large;
}

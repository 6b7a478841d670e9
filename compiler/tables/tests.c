/*
 * Tests as the tables have them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/tests.h"

static const struct mcpp_literal *literals_of(const struct condition *condition,
                                              struct arena *arena)
{
    static const enum mcpp_literal_kind kinds[] = {[LITERAL_STRING] = MCPP_STRING,
                                                   [LITERAL_NUMBER] = MCPP_NUMBER,
                                                   [LITERAL_TRUE] = MCPP_TRUE,
                                                   [LITERAL_FALSE] = MCPP_FALSE};
    const struct literals *literals = &condition->literals;
    struct mcpp_literal *all = arena_array(arena, literals->count, sizeof *all);
    for (uint32_t i = 0; i < literals->count; i++)
        all[i] = (struct mcpp_literal){kinds[literals->at[i].kind],
                                       str_text(arena, literals->at[i].word.text)};
    return literals->count ? all : NULL;
}

static const char *const *names_of(struct path path, struct arena *arena)
{
    const char **names = arena_array(arena, path.count + 1, sizeof *names);
    for (uint32_t i = 0; i < path.count; i++)
        names[i] = str_text(arena, path.names[i]);
    return names;
}

static struct mcpp_test build_test(const struct policy *policy, const struct condition *condition,
                                   struct arena *arena)
{
    static const enum mcpp_comparison comparisons[] = {
        [COMPARE_EQUAL] = MCPP_EQUAL,
        [COMPARE_NOT_EQUAL] = MCPP_EQUAL, /* diagrams know how to say no */
        [COMPARE_LESS] = MCPP_LESS,
        [COMPARE_LESS_OR_EQUAL] = MCPP_LESS_OR_EQUAL,
        [COMPARE_GREATER] = MCPP_GREATER,
        [COMPARE_GREATER_OR_EQUAL] = MCPP_GREATER_OR_EQUAL,
        [COMPARE_CONTAINS] = MCPP_CONTAINS,
        [COMPARE_EXISTS] = MCPP_EXISTS,
        [COMPARE_IN] = MCPP_IN,
        [COMPARE_MATCHES] = MCPP_MATCHES};
    bool has_claim = condition->kind != CONDITION_ARGUMENT;
    bool has_argument = condition->kind != CONDITION_CLAIM;
    bool has_both = has_claim && has_argument;
    return (struct mcpp_test){
        .comparison = has_both ? MCPP_IS_CLAIM : comparisons[condition->comparison],
        .argument =
            has_argument ? names_of(policy_argument_path(condition->argument, arena), arena) : NULL,
        .claim = has_claim ? policy_claim(policy, condition->word.text) : MCPP_NONE,
        .literals = literals_of(condition, arena),
        .literal_count = condition->literals.count};
}

void tests_build(const struct atoms *atoms, struct arena *arena, struct tests *out)
{
    struct mcpp_test *tests = arena_array(arena, atoms->count, sizeof *tests);
    uint32_t *of = arena_array(arena, atoms->count, sizeof *of), count = 0;
    for (uint32_t i = atoms->fact_count; i < atoms->count; i++)
        of[count++] = i;
    for (uint32_t i = 0; i < atoms->fact_count; i++)
        if (atoms->at[i].kind == ATOM_CLAIM)
            of[count++] = i;
    for (uint32_t i = 0; i < count; i++)
        tests[i] = build_test(atoms->policy, atoms->at[of[i]].test, arena);
    *out = (struct tests){tests, count, atoms->count - atoms->fact_count, of};
}

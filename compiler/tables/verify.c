/*
 * The tables against the policy.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/verify.h"

#include <string.h>

#include "compiler/tables/facts.h"
#include "compiler/tables/needs.h"
#include "runtime/decide/decision.h"
#include "runtime/decide/lookup.h"

/* 2^12 sets take a moment; a condition over more facts gets as many random ones. */
enum { EXHAUSTIVE_FACTS_MAX = 12, RANDOM_SETS = 4096, SURROUNDINGS = 16 };

struct trial {
    const struct policy *source;
    const struct mcpp_policy *policy;
    struct facts facts;
    struct diag_list *diags;
    struct arena *arena;
    uint64_t random;        /* xorshift: the same sets on every run */
    uint64_t *set, *closed; /* the caller at hand; the set that it was told */
    const uint64_t *nothing;
};

static bool differs(struct trial *trial, const struct tool *tool, const char *what)
{
    diag_error(trial->diags, "internal-error", tool->origin,
               "the tables do not agree with the policy about '%.*s': %s", STR_ARG(tool->name),
               what);
    return false;
}

static uint64_t next_random(struct trial *trial)
{
    trial->random ^= trial->random << 13;
    trial->random ^= trial->random >> 7;
    trial->random ^= trial->random << 17;
    return trial->random;
}

/* ---- names ---- */

static bool agrees_on_name(const struct trial *trial, const struct map *index, struct str name)
{
    const struct tool *wanted = map_get(index, name);
    const struct mcpp_tool *found = lookup_tool(trial->policy, (struct slice){name.at, name.len});
    if (!wanted)
        return !found;
    return found == &trial->policy->tools[wanted - trial->source->tools];
}

/* The name itself, without its last byte, with one more, and with each byte changed. */
static bool agrees_near_name(const struct trial *trial, const struct map *index, struct str name)
{
    char near[256];
    if (!agrees_on_name(trial, index, name) ||
        !agrees_on_name(trial, index, str_part(name, 0, name.len - (name.len > 0))))
        return false;
    if (name.len >= sizeof near)
        return true;
    memcpy(near, name.at, name.len);
    near[name.len] = 'x';
    if (!agrees_on_name(trial, index, (struct str){near, name.len + 1}))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        near[i] ^= 0x20;
        if (!agrees_on_name(trial, index, (struct str){near, name.len}))
            return false;
        near[i] ^= 0x20;
    }
    return true;
}

static bool verify_names(struct trial *trial)
{
    struct map index = {.arena = trial->arena};
    const struct tool *tools = trial->source->tools;
    for (uint32_t i = 0; i < trial->source->tool_count; i++)
        map_add(&index, tools[i].name, (void *)(uintptr_t)&tools[i]);
    for (uint32_t i = 0; i < trial->source->tool_count; i++)
        if (!agrees_near_name(trial, &index, tools[i].name))
            return differs(trial, &tools[i], "the lookup of its name finds something else");
    return true;
}

/* ---- decisions ---- */

static bool wanted_is_enough(struct trial *trial, const struct tool *tool, const uint64_t *wanted)
{
    for (uint32_t i = 0; i < trial->facts.words; i++)
        trial->closed[i] = wanted[i];
    facts_close(&trial->facts, trial->closed);
    return needs_hold(trial->source, tool->needs, trial->closed);
}

/* Compares one caller; `facts` NULL: anonymous. */
static bool agrees_on_caller(struct trial *trial, const struct tool *tool, const uint64_t *facts)
{
    struct caller caller = {.kind = facts ? CALLER_VERIFIED : CALLER_ANONYMOUS, .facts = facts};
    bool allowed = needs_hold(trial->source, tool->needs, facts ? facts : trial->nothing);
    struct decision decision =
        decide(trial->policy, &caller, (struct slice){tool->name.at, tool->name.len});
    if (allowed)
        return decision.kind == DECISION_ALLOW;
    return decision.kind == (facts ? DECISION_INSUFFICIENT_SCOPE : DECISION_NEEDS_TOKEN) &&
           decision.wanted && wanted_is_enough(trial, tool, decision.wanted);
}

/* The facts that a condition speaks about, each once; gives their number. */
static uint32_t collect_facts(const struct trial *trial, const struct condition *condition,
                              uint32_t *facts, uint32_t count)
{
    switch (condition->kind) {
    case CONDITION_NOTHING:
    case CONDITION_TOKEN:
    default: /* tables_build has refused the rest */
        return count;
    case CONDITION_SCOPE:
        break;
    case CONDITION_AND:
    case CONDITION_OR:
        count = collect_facts(trial, condition->left, facts, count);
        return collect_facts(trial, condition->right, facts, count);
    }
    uint32_t fact = FACT_FIRST_SCOPE + policy_scope(trial->source, condition->word.text);
    for (uint32_t i = 0; i < count; i++)
        if (facts[i] == fact)
            return count;
    facts[count] = fact;
    return count + 1;
}

/* The caller's facts: a token, and those chosen facts whose bit is set, with all they imply. */
static void make_set(struct trial *trial, const uint32_t *chosen, uint32_t count)
{
    uint64_t bits = 0;
    memset(trial->set, 0, trial->facts.words * sizeof *trial->set);
    fact_set_add(trial->set, FACT_TOKEN);
    for (uint32_t i = 0; i < count; i++) {
        if (i % 64 == 0)
            bits = next_random(trial);
        if (bits >> i % 64 & 1)
            fact_set_add(trial->set, chosen[i]);
    }
}

static bool verify_exhaustively(struct trial *trial, const struct tool *tool,
                                const uint32_t *chosen, uint32_t count)
{
    for (uint32_t bits = 0; bits < UINT32_C(1) << count; bits++) {
        make_set(trial, chosen, 0);
        for (uint32_t i = 0; i < count; i++)
            if (bits >> i & 1)
                fact_set_add(trial->set, chosen[i]);
        facts_close(&trial->facts, trial->set);
        if (!agrees_on_caller(trial, tool, trial->set))
            return false;
    }
    return true;
}

static bool verify_randomly(struct trial *trial, const struct tool *tool, const uint32_t *chosen,
                            uint32_t count, uint32_t tries)
{
    for (uint32_t i = 0; i < tries; i++) {
        make_set(trial, chosen, count);
        facts_close(&trial->facts, trial->set);
        if (!agrees_on_caller(trial, tool, trial->set))
            return false;
    }
    return true;
}

static bool verify_tool(struct trial *trial, const struct tool *tool, uint32_t *chosen,
                        const uint32_t *every)
{
    struct caller local = {.kind = CALLER_OPERATOR};
    struct decision decision =
        decide(trial->policy, &local, (struct slice){tool->name.at, tool->name.len});
    if (decision.kind != DECISION_ALLOW || !agrees_on_caller(trial, tool, NULL))
        return false;
    uint32_t count = collect_facts(trial, tool->needs, chosen, 0);
    if (count <= EXHAUSTIVE_FACTS_MAX ? !verify_exhaustively(trial, tool, chosen, count)
                                      : !verify_randomly(trial, tool, chosen, count, RANDOM_SETS))
        return false;
    /* other facts must not matter */
    return verify_randomly(trial, tool, every, trial->facts.count, SURROUNDINGS);
}

bool tables_verify(const struct tables *tables, struct diag_list *diags)
{
    struct arena arena = {0};
    const struct mcpp_policy *policy = &tables->policy;
    struct trial trial = {.source = tables->source,
                          .policy = policy,
                          .facts = {policy->facts, policy->fact_count, policy->fact_words},
                          .diags = diags,
                          .arena = &arena,
                          .random = UINT64_C(0x9e3779b97f4a7c15)};
    trial.set = arena_array(&arena, policy->fact_words, sizeof *trial.set);
    trial.closed = arena_array(&arena, policy->fact_words, sizeof *trial.closed);
    trial.nothing = arena_array(&arena, policy->fact_words, sizeof *trial.nothing);
    uint32_t *chosen = arena_array(&arena, policy->fact_count, sizeof *chosen);
    uint32_t *every = arena_array(&arena, policy->fact_count, sizeof *every);
    for (uint32_t i = 0; i < policy->fact_count; i++)
        every[i] = i;
    bool agrees = verify_names(&trial);
    for (uint32_t i = 0; agrees && i < tables->source->tool_count; i++) {
        const struct tool *tool = &tables->source->tools[i];
        if (!verify_tool(&trial, tool, chosen, every))
            agrees = differs(&trial, tool, "a caller is decided differently");
    }
    arena_free(&arena);
    return agrees;
}

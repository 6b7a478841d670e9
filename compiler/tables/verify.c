/*
 * The tables against the policy.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/verify.h"

#include <string.h>

#include "compiler/tables/judge.h"
#include "runtime/decide/lookup.h"

enum { TRIALS_MIN = 1000 };

struct proof {
    const struct tables *tables;
    struct diag_list *diags;
    struct arena *arena;
    diagram *nodes; /* the function that each node of the tables stands for */
};

static bool differs(const struct proof *proof, struct span origin, const char *what,
                    struct str name, const char *how)
{
    diag_error(proof->diags, "internal-error", origin,
               "the tables do not agree with the policy about %s'%.*s': %s", what, STR_ARG(name),
               how);
    return false;
}

static bool tool_differs(const struct proof *proof, const struct tool *tool, const char *how)
{
    return differs(proof, tool->origin, "", tool->name, how);
}

/* ---- names ---- */

static bool agrees_on_name(const struct proof *proof, const struct map *index, struct str name)
{
    const struct tool *wanted = map_get(index, name);
    const struct mcpp_tool *found =
        lookup_tool(&proof->tables->policy, (struct slice){name.at, name.len});
    if (!wanted)
        return !found;
    return found == &proof->tables->policy.tools[wanted - proof->tables->source->tools];
}

/* The name itself, without its last byte, with one more, and with each byte changed. */
static bool agrees_near_name(const struct proof *proof, const struct map *index, struct str name)
{
    char near[256];
    if (!agrees_on_name(proof, index, name) ||
        !agrees_on_name(proof, index, str_part(name, 0, name.len - (name.len > 0))))
        return false;
    if (name.len >= sizeof near)
        return true;
    memcpy(near, name.at, name.len);
    near[name.len] = 'x';
    if (!agrees_on_name(proof, index, (struct str){near, name.len + 1}))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        near[i] ^= 0x20;
        if (!agrees_on_name(proof, index, (struct str){near, name.len}))
            return false;
        near[i] ^= 0x20;
    }
    return true;
}

static bool verify_names(struct proof *proof)
{
    struct map index = {.arena = proof->arena};
    const struct tool *tools = proof->tables->source->tools;
    for (uint32_t i = 0; i < proof->tables->source->tool_count; i++)
        map_add(&index, tools[i].name, (void *)(uintptr_t)&tools[i]);
    for (uint32_t i = 0; i < proof->tables->source->tool_count; i++)
        if (!agrees_near_name(proof, &index, tools[i].name))
            return tool_differs(proof, &tools[i], "the lookup of its name finds something else");
    return true;
}

/* ---- functions ---- */

static diagram function_of(const struct proof *proof, uint32_t reference)
{
    return diagram_is_outcome(reference) ? reference : proof->nodes[reference];
}

/* Whether a walk from here ends, and meets variables in ascending order. */
static bool leads_on(const struct mcpp_policy *policy, uint32_t from, uint32_t to)
{
    return diagram_is_outcome(to) || (to > from && to < policy->node_count &&
                                      policy->nodes[to].variable > policy->nodes[from].variable);
}

/* From the last node to the first, so that what a node leads to is there. */
static bool read_nodes(struct proof *proof)
{
    const struct mcpp_policy *policy = &proof->tables->policy;
    struct diagram_store *store = proof->tables->logic->store;
    proof->nodes = arena_array(proof->arena, policy->node_count, sizeof *proof->nodes);
    diagram_set_budget(store, policy->node_count);
    for (uint32_t i = policy->node_count; i-- > 0;) {
        const struct mcpp_node *node = &policy->nodes[i];
        if (!leads_on(policy, i, node->no) || !leads_on(policy, i, node->yes) ||
            node->variable >= policy->fact_count + proof->tables->tests.argument_count)
            return differs(proof, (struct span){0}, "", STR("nodes"), "a walk may not end");
        proof->nodes[i] = diagram_node(store, node->variable, function_of(proof, node->no),
                                       function_of(proof, node->yes));
    }
    return true;
}

/* Each derived fact stands behind all that it looks at. */
static bool verify_order(struct proof *proof)
{
    const struct mcpp_policy *policy = &proof->tables->policy;
    uint64_t *later = arena_array(proof->arena, policy->fact_words, sizeof *later);
    for (uint32_t i = policy->derived_count; i-- > 0;) {
        const struct mcpp_derived *derived = &policy->derived[i];
        for (uint32_t word = 0; word < policy->fact_words; word++)
            later[word] |= policy->facts[derived->fact].implies[word];
        later[0] &= ~UINT64_C(1); /* whether there is a token is settled before */
        bool *seen = arena_array(proof->arena, policy->node_count + 1, sizeof *seen);
        if (!diagram_is_outcome(derived->root))
            seen[derived->root] = true;
        for (uint32_t at = 0; at < policy->node_count; at++) {
            const struct mcpp_node *node = &policy->nodes[at];
            if (!seen[at])
                continue;
            if (node->variable >= policy->fact_count || fact_set_has(later, node->variable))
                return differs(proof, fact_origin(proof->tables->facts.atoms, derived->fact), "",
                               str_of(policy->facts[derived->fact].name),
                               "it is derived before what it looks at");
            if (!diagram_is_outcome(node->no))
                seen[node->no] = true;
            if (!diagram_is_outcome(node->yes))
                seen[node->yes] = true;
        }
    }
    return true;
}

static bool verify_functions(struct proof *proof)
{
    const struct mcpp_policy *policy = &proof->tables->policy;
    const struct logic *logic = proof->tables->logic;
    for (uint32_t i = 0; i < policy->derived_count; i++)
        if (function_of(proof, policy->derived[i].root) != logic->derived[i])
            return differs(proof, (struct span){0}, "",
                           str_of(policy->facts[policy->derived[i].fact].name),
                           "it holds for other callers");
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        const struct mcpp_tool *tool = &policy->tools[i];
        const struct tool *source = &proof->tables->source->tools[i];
        if (function_of(proof, tool->shown) != logic->tools[i].shown)
            return tool_differs(proof, source, "it is shown to others");
        if (function_of(proof, tool->decision) != logic->tools[i].decision)
            return tool_differs(proof, source, "a caller is decided differently");
        if (function_of(proof, tool->operator_decision) != logic->tools[i].operator_decision)
            return tool_differs(proof, source, "the operator is decided differently");
    }
    return true;
}

/* ---- tests ---- */

static bool same_names(const char *const *names, struct path path)
{
    uint32_t i = 0;
    for (; names[i]; i++)
        if (i >= path.count || !str_is(path.names[i], names[i]))
            return false;
    return i == path.count;
}

static bool same_literals(const struct mcpp_test *test, const struct literals *literals)
{
    static const enum mcpp_literal_kind kinds[] = {[LITERAL_STRING] = MCPP_STRING,
                                                   [LITERAL_NUMBER] = MCPP_NUMBER,
                                                   [LITERAL_TRUE] = MCPP_TRUE,
                                                   [LITERAL_FALSE] = MCPP_FALSE};
    bool is_same = test->literal_count == literals->count;
    for (uint32_t i = 0; is_same && i < literals->count; i++)
        is_same = kinds[literals->at[i].kind] == test->literals[i].kind &&
                  str_is(literals->at[i].word.text, test->literals[i].text);
    return is_same;
}

static bool verify_test(const struct proof *proof, uint32_t index)
{
    const struct tables *tables = proof->tables;
    const struct mcpp_test *test = &tables->policy.tests[index];
    const struct condition *source = tables->logic->atoms.at[tables->tests.atoms[index]].test;
    bool has_claim = source->kind != CONDITION_ARGUMENT;
    bool has_argument = source->kind != CONDITION_CLAIM;
    return !test->argument == !has_argument && (test->claim == MCPP_NONE) == !has_claim &&
           (!has_argument ||
            same_names(test->argument, policy_argument_path(source->argument, proof->arena))) &&
           (!has_claim || (test->claim < tables->policy.claim_count &&
                           str_is(source->word.text, tables->policy.claims[test->claim].path))) &&
           (test->comparison == MCPP_IS_CLAIM) == (has_claim && has_argument) &&
           same_literals(test, &source->literals);
}

static bool verify_tests(const struct proof *proof)
{
    const struct tables *tables = proof->tables;
    for (uint32_t i = 0; i < tables->tests.count; i++)
        if (!verify_test(proof, i))
            return differs(proof, tables->logic->atoms.at[tables->tests.atoms[i]].test->span, "",
                           atom_text(&tables->logic->atoms, tables->tests.atoms[i], proof->arena),
                           "something else is compared");
    return true;
}

/* ---- the server's code ---- */

static bool verify_trial(struct proof *proof, struct judge *judge, uint32_t tool,
                         struct random *random)
{
    const struct tables *tables = proof->tables;
    struct arena arena = {0};
    struct trial trial;
    struct caller caller;
    trial_make(&tables->logic->atoms, tool, random, &arena, &trial);
    struct verdict verdict = evaluate(tables->source, &trial.caller, tool, &trial.arguments);
    struct decision decision = judge_decide(judge, &trial, &caller);
    bool agrees = judge_agrees(tables->source, judge->policy, &verdict, &decision) &&
                  (verdict.kind == VERDICT_UNKNOWN) ==
                      !decide_is_visible(judge->policy, &caller, &judge->policy->tools[tool]);
    if (!agrees)
        tool_differs(proof, &tables->source->tools[tool],
                     str_format(proof->diags->arena, "%.*s, and not %.*s, for %.*s",
                                STR_ARG(judge_text(&decision, &arena)),
                                STR_ARG(verdict_text(&verdict, &arena)),
                                STR_ARG(trial_text(tables->source, &trial, &arena)))
                         .at);
    arena_free(&arena);
    return agrees;
}

static bool verify_decisions(struct proof *proof)
{
    const struct mcpp_policy *policy = &proof->tables->policy;
    struct random random = {UINT64_C(0x9e3779b97f4a7c15)}; /* the same on every run */
    struct judge judge;
    if (!judge_open(&judge, policy))
        arena_exhausted();
    uint32_t count = policy->tool_count > TRIALS_MIN ? policy->tool_count : TRIALS_MIN;
    bool agrees = true;
    for (uint32_t i = 0; agrees && policy->tool_count && i < count; i++)
        agrees = verify_trial(proof, &judge, i % policy->tool_count, &random);
    judge_close(&judge);
    return agrees;
}

bool tables_verify(const struct tables *tables, struct diag_list *diags)
{
    struct arena arena = {0};
    struct proof proof = {.tables = tables, .diags = diags, .arena = &arena};
    bool agrees = verify_names(&proof) && read_nodes(&proof) && verify_order(&proof) &&
                  verify_functions(&proof) && verify_tests(&proof) && verify_decisions(&proof);
    arena_free(&arena);
    return agrees;
}

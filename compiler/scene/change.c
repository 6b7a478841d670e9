/*
 * A shortest path through the diagram of "allowed", where a step costs 1 when it leaves what holds
 * now. Roles with conditions follow from other atoms and cost nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/scene/change.h"

enum { FAR = 1 << 30 };

/* ---- what holds now ---- */

static bool atom_holds(const struct logic *logic, const struct trial *trial, uint32_t index)
{
    const struct atom *atom = &logic->atoms.at[index];
    const struct policy *policy = logic->policy;
    struct condition condition = {.kind = CONDITION_TOKEN};
    if (atom->test)
        condition = *atom->test;
    if (condition.comparison == COMPARE_NOT_EQUAL)
        condition.comparison = COMPARE_EQUAL;
    if (atom->kind == ATOM_SCOPE)
        condition = (struct condition){.kind = CONDITION_SCOPE,
                                       .word = {.text = policy->scopes[atom->index].name}};
    if (atom->kind == ATOM_ROLE)
        condition = (struct condition){.kind = CONDITION_ROLE,
                                       .word = {.text = policy->roles[atom->index].name}};
    return evaluate_condition(policy, &trial->caller, &trial->arguments, &condition);
}

const bool *change_values(const struct logic *logic, const struct trial *trial, struct arena *arena)
{
    bool *values = arena_array(arena, logic->atoms.count + 1, sizeof *values);
    for (uint32_t i = 0; i < logic->atoms.count; i++)
        values[i] = atom_holds(logic, trial, i);
    return values;
}

/* ---- diagrams ---- */

/* Answers kept by node. */
struct memory {
    struct arena *arena;
    struct map map; /* node -> uint32_t */
};

static uint32_t *recall(struct memory *memory, diagram node, bool *is_new)
{
    struct str key = {(const char *)&node, sizeof node};
    uint32_t *known = map_get(&memory->map, key);
    *is_new = !known;
    if (known)
        return known;
    uint32_t *value = arena_new(memory->arena, uint32_t);
    map_add(&memory->map, str_copy(memory->arena, key), value);
    return value;
}

/* Where a decision is to allow, as a yes-or-no function. */
static diagram allowed(const struct logic *logic, struct memory *memory, diagram at)
{
    bool is_new;
    if (diagram_is_outcome(at))
        return at == MCPP_ALLOW ? MCPP_HOLDS : MCPP_FAILS;
    uint32_t *found = recall(memory, at, &is_new);
    if (!is_new)
        return *found;
    struct mcpp_node node = *diagram_at(logic->store, at);
    diagram no = allowed(logic, memory, node.no);
    *found = diagram_node(logic->store, node.variable, no, allowed(logic, memory, node.yes));
    return *found;
}

struct search {
    const struct logic *logic;
    const bool *values;
    struct memory memory;
};

static uint32_t weight(const struct search *search, uint32_t atom)
{
    const struct atom *of = &search->logic->atoms.at[atom];
    bool follows = of->kind == ATOM_ROLE && !search->logic->policy->roles[of->index].is_listed;
    return follows ? 0 : 1;
}

static uint32_t cost(struct search *search, diagram at)
{
    bool is_new;
    if (diagram_is_outcome(at))
        return at == MCPP_HOLDS ? 0 : FAR;
    uint32_t *found = recall(&search->memory, at, &is_new);
    if (!is_new)
        return *found;
    const struct mcpp_node *node = diagram_at(search->logic->store, at);
    uint32_t step = weight(search, node->variable), no = cost(search, node->no),
             yes = cost(search, node->yes);
    no += search->values[node->variable] ? step : 0;
    yes += search->values[node->variable] ? 0 : step;
    *found = no < yes ? no : yes;
    return *found;
}

static struct changes walk(struct search *search, diagram at, struct arena *arena)
{
    struct changes changes = {.is_possible = cost(search, at) < FAR};
    while (changes.is_possible && !diagram_is_outcome(at)) {
        const struct mcpp_node *node = diagram_at(search->logic->store, at);
        bool now = search->values[node->variable];
        uint32_t step = weight(search, node->variable);
        uint32_t no = cost(search, node->no) + (now ? step : 0);
        uint32_t yes = cost(search, node->yes) + (now ? 0 : step);
        bool holds = yes < no || (yes == no && now);
        if (holds != now && step)
            *list_add(arena, &changes.list) = (struct change){node->variable, holds};
        at = holds ? node->yes : node->no;
    }
    return changes;
}

/* A scope that comes with another one that is new, and the token that all of them come with, need
 * no words. */
static bool is_plain(const struct logic *logic, const struct changes *changes,
                     const struct change *change)
{
    const struct policy *policy = logic->policy;
    const struct atom *atom = &logic->atoms.at[change->atom];
    for (size_t i = 0; i < changes->list.count; i++) {
        const struct change *other = &changes->list.at[i];
        const struct atom *from = &logic->atoms.at[other->atom];
        bool comes_along = other != change && other->holds && change->holds;
        if (comes_along && atom->kind == ATOM_TOKEN && from->kind != ATOM_ARGUMENT &&
            from->kind != ATOM_TRANSPORT)
            return true;
        if (!comes_along || atom->kind != ATOM_SCOPE || from->kind != ATOM_SCOPE)
            continue;
        const struct scope *scope = &policy->scopes[from->index];
        for (uint32_t at = 0; at < scope->implies_count; at++)
            if (scope->implies[at] == atom->index)
                return true;
    }
    return false;
}

struct changes change_find(const struct logic *logic, const struct trial *trial, bool to_allowed,
                           struct arena *arena)
{
    bool is_local = trial->caller.kind == EVALUATE_OPERATOR;
    const struct tool_logic *tool = &logic->tools[trial->tool];
    struct memory memory = {arena, {.arena = arena}};
    struct space space = space_build(logic);
    diagram_set_budget(logic->store, LOGIC_NODES_MAX);
    diagram wanted = allowed(logic, &memory, is_local ? tool->operator_decision : tool->decision);
    if (!to_allowed)
        wanted = diagram_not(logic->store, wanted);
    if (!is_local)
        wanted = diagram_and(logic->store, space.possible, wanted);
    struct changes none = {0}, said = {0};
    if (diagram_is_too_large(logic->store))
        return none;
    struct search search = {logic, change_values(logic, trial, arena), {arena, {.arena = arena}}};
    struct changes found = walk(&search, wanted, arena);
    said.is_possible = found.is_possible;
    for (size_t i = 0; i < found.list.count; i++)
        if (!is_plain(logic, &found, &found.list.at[i]))
            *list_add(arena, &said.list) = found.list.at[i];
    return said;
}

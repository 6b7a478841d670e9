/*
 * Building the space, one constraint after the other. What gets too complex is left out: then fewer
 * things are found, and none that is not so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/analysis/space.h"

#include "compiler/analysis/relation.h"

enum { CONSTRAINT_NODES_MAX = 1 << 15 };

static diagram variable(const struct space *space, uint32_t atom)
{
    return diagram_of_variable(space->logic->store, atom);
}

/* The budget is for a constraint and its conjunction: it is set anew before the next one is built.
 */
static void add(struct space *space, diagram constraint)
{
    struct diagram_store *store = space->logic->store;
    diagram both = diagram_and(store, space->possible, constraint);
    if (!diagram_is_too_large(store))
        space->possible = both;
    diagram_set_budget(store, CONSTRAINT_NODES_MAX);
}

static void add_implication(struct space *space, diagram left, diagram right)
{
    add(space, diagram_choose(space->logic->store, left, right, MCPP_HOLDS));
}

static void exclude(struct space *space, uint32_t left, uint32_t right)
{
    struct diagram_store *store = space->logic->store;
    add_implication(space, variable(space, left), diagram_not(store, variable(space, right)));
}

/* ---- scopes and roles ---- */

static void add_scopes(struct space *space)
{
    const struct policy *policy = space->logic->policy;
    for (uint32_t i = 0; i < policy->scope_count; i++) {
        diagram scope = variable(space, atoms_of_scope(i));
        add_implication(space, scope, variable(space, ATOM_OF_TOKEN));
        for (uint32_t at = 0; at < policy->scopes[i].implies_count; at++)
            add_implication(space, scope,
                            variable(space, atoms_of_scope(policy->scopes[i].implies[at])));
    }
}

static void add_derived(struct space *space)
{
    const struct logic *logic = space->logic;
    const struct policy *policy = logic->policy;
    for (uint32_t i = 0; i < policy->role_count; i++)
        if (policy->roles[i].is_listed)
            add_implication(space, variable(space, atoms_of_role(&logic->atoms, i)),
                            variable(space, ATOM_OF_TOKEN));
    for (uint32_t i = 0; i < policy->derivation_count; i++) {
        struct derivation of = policy->derivations[i];
        uint32_t atom =
            of.is_role ? atoms_of_role(&logic->atoms, of.index) : atoms_of_scope(of.index);
        add_implication(space, logic->derived[i], variable(space, atom));
        if (of.is_role) /* a scope may be carried as well */
            add_implication(space, variable(space, atom), logic->derived[i]);
    }
}

/* ---- tests ---- */

/* One verifier accepts a token, and a call comes by one transport. */
static bool are_exclusive(const struct condition *left, const struct condition *right)
{
    bool is_one_of = left->kind == CONDITION_VERIFIER || left->kind == CONDITION_TRANSPORT;
    return is_one_of && left->kind == right->kind && !str_equal(left->word.text, right->word.text);
}

static void add_pair(struct space *space, uint32_t left, uint32_t right)
{
    const struct atom *atoms = space->logic->atoms.at;
    const struct condition *test = atoms[left].test, *other = atoms[right].test;
    enum relation relation =
        are_exclusive(test, other) ? RELATION_EXCLUDES : relation_of(test, other);
    if (relation == RELATION_IMPLIES)
        add_implication(space, variable(space, left), variable(space, right));
    else if (relation == RELATION_EXCLUDES)
        exclude(space, left, right);
}

static void add_tests(struct space *space)
{
    const struct atoms *atoms = &space->logic->atoms;
    uint32_t first = atoms->role_first + space->logic->policy->role_count;
    for (uint32_t i = first; i < atoms->count; i++) {
        if (atoms->at[i].kind == ATOM_VERIFIER || atoms->at[i].kind == ATOM_CLAIM)
            add_implication(space, variable(space, i), variable(space, ATOM_OF_TOKEN));
        for (uint32_t at = first; at < atoms->count; at++)
            if (at != i)
                add_pair(space, i, at);
    }
}

/* A server has one of two transports. */
static void add_transport(struct space *space)
{
    const struct atoms *atoms = &space->logic->atoms;
    diagram any = MCPP_FAILS;
    uint32_t count = 0;
    for (uint32_t i = 0; i < atoms->fact_count; i++)
        if (atoms->at[i].kind == ATOM_TRANSPORT) {
            any = diagram_or(space->logic->store, any, variable(space, i));
            count++;
        }
    if (count == 2)
        add(space, any);
}

struct space space_build(const struct logic *logic)
{
    struct space space = {.logic = logic,
                          .builder = {logic->store, &logic->atoms, VIEW_CALLER},
                          .possible = MCPP_HOLDS};
    diagram_set_budget(logic->store, CONSTRAINT_NODES_MAX);
    add_scopes(&space);
    add_derived(&space);
    add_tests(&space);
    add_transport(&space);
    return space;
}

bool space_meets(const struct space *space, diagram condition)
{
    struct diagram_store *store = space->logic->store;
    diagram_set_budget(store, LOGIC_NODES_MAX);
    diagram both = diagram_and(store, space->possible, condition);
    return diagram_is_too_large(store) || both != MCPP_FAILS;
}

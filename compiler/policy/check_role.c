/*
 * Roles and granted scopes: what they follow from, and an order in which each comes after those
 * that it depends on. A circle through a condition has no such order and is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/checker.h"

#include "compiler/policy/text.h"

/* ---- dependencies ---- */

enum visit_state { NOT_VISITED, BEING_VISITED, VISITED };

/* Nodes are roles, then scopes. A scope depends on its own condition and on those that imply it. */
struct order {
    struct checker *checker;
    enum visit_state *states;
    struct derivation *derivations;
    uint32_t count;
    bool is_circular; /* reported: once */
};

static void visit(struct order *order, bool is_role, uint32_t index, struct span used_at);

static void visit_condition(struct order *order, const struct condition *condition)
{
    if (!condition)
        return;
    if (condition->kind == CONDITION_SCOPE || condition->kind == CONDITION_ROLE) {
        bool is_role = condition->kind == CONDITION_ROLE;
        const struct declared *found = resolve_look(
            &order->checker->names, is_role ? NAME_ROLE : NAME_SCOPE, condition->word.text);
        if (found)
            visit(order, is_role, found->index, condition->span);
    }
    visit_condition(order, condition->left);
    visit_condition(order, condition->right);
}

static bool implies(const struct scope *scope, uint32_t other)
{
    for (uint32_t i = 0; i < scope->implies_count; i++)
        if (scope->implies[i] == other)
            return true;
    return false;
}

static bool is_granted(const struct scope *scope)
{
    return scope->granted.when || scope->granted.unless;
}

/* Only scopes with a condition are visited: whatever implies a scope does so transitively, and what
 * implies without a condition asks for nothing. */
static void visit_scope(struct order *order, uint32_t index, struct span used_at)
{
    const struct policy *policy = order->checker->policy;
    for (uint32_t i = 0; i < policy->scope_count; i++)
        if (i != index && is_granted(&policy->scopes[i]) && implies(&policy->scopes[i], index))
            visit(order, false, i, used_at);
    visit_condition(order, policy->scopes[index].granted.when);
    visit_condition(order, policy->scopes[index].granted.unless);
}

static void report_circle(struct order *order, bool is_role, uint32_t index, struct span used_at)
{
    const struct policy *policy = order->checker->policy;
    struct str name = is_role ? policy->roles[index].name : policy->scopes[index].name;
    struct diag *diag = diag_error(order->checker->diags, "circular-role", used_at,
                                   "whether %s '%.*s' is held depends on itself",
                                   is_role ? "role" : "scope", STR_ARG(name));
    diag_note(order->checker->diags, diag,
              is_role ? policy->roles[index].origin : policy->scopes[index].origin,
              "it is declared here");
    order->is_circular = true;
}

static void visit(struct order *order, bool is_role, uint32_t index, struct span used_at)
{
    const struct policy *policy = order->checker->policy;
    enum visit_state *state = &order->states[is_role ? index : policy->role_count + index];
    if (*state == BEING_VISITED && !order->is_circular)
        report_circle(order, is_role, index, used_at);
    if (*state != NOT_VISITED)
        return;
    *state = BEING_VISITED;
    if (is_role) {
        visit_condition(order, policy->roles[index].guard.when);
        visit_condition(order, policy->roles[index].guard.unless);
    } else {
        visit_scope(order, index, used_at);
    }
    *state = VISITED;
    if (is_role ? !policy->roles[index].is_listed : is_granted(&policy->scopes[index]))
        order->derivations[order->count++] = (struct derivation){is_role, index};
}

static void order_derivations(struct checker *checker)
{
    struct policy *policy = checker->policy;
    size_t count = (size_t)policy->role_count + policy->scope_count;
    struct order order = {.checker = checker,
                          .states = arena_array(checker->arena, count, sizeof *order.states),
                          .derivations =
                              arena_array(checker->arena, count, sizeof *order.derivations)};
    for (uint32_t i = 0; i < policy->role_count; i++)
        visit(&order, true, i, policy->roles[i].origin);
    for (uint32_t i = 0; i < policy->scope_count; i++)
        if (is_granted(&policy->scopes[i]))
            visit(&order, false, i, policy->scopes[i].origin);
    policy->derivations = order.derivations;
    policy->derivation_count = order.count;
}

/* ---- declarations ---- */

static void read_role(struct checker *checker, const struct statement *statement, struct role *role)
{
    check_condition(checker, USE_ROLE, statement->guard.when);
    check_condition(checker, USE_ROLE, statement->guard.unless);
    *role = (struct role){.name = statement->name.text,
                          .guard = statement->guard,
                          .is_listed = !statement->guard.when && !statement->guard.unless,
                          .origin = statement->span};
}

static void check_granted(struct checker *checker)
{
    const struct statement *statement = NULL;
    while ((statement = check_next(checker, statement, STATEMENT_SCOPE))) {
        check_condition(checker, USE_GRANTED, statement->guard.when);
        check_condition(checker, USE_GRANTED, statement->guard.unless);
    }
}

void check_roles(struct checker *checker)
{
    uint32_t count = (uint32_t)checker->names.names[NAME_ROLE].all.count;
    struct role *roles = arena_array(checker->arena, count, sizeof *roles);
    const struct statement *statement = NULL;
    while ((statement = check_next(checker, statement, STATEMENT_ROLE))) {
        const struct declared *declared =
            resolve_look(&checker->names, NAME_ROLE, statement->name.text);
        if (declared->statement == statement)
            read_role(checker, statement, &roles[declared->index]);
    }
    for (uint32_t i = 0; i < count; i++)
        map_add(&checker->policy->role_index, roles[i].name, &roles[i]);
    checker->policy->roles = roles;
    checker->policy->role_count = count;
    check_granted(checker);
    order_derivations(checker);
}

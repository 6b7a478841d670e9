/*
 * From conditions to diagrams.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/logic/condition.h"

/* What the operator is, where that is settled; 0: it is not. */
static diagram settled_for_operator(enum condition_kind kind)
{
    switch (kind) {
    case CONDITION_TOKEN:
    case CONDITION_SCOPE:
    case CONDITION_ROLE:
        return MCPP_HOLDS;
    case CONDITION_VERIFIER:
    case CONDITION_CLAIM:
    case CONDITION_CLAIM_IS_ARGUMENT:
        return MCPP_FAILS;
    default:
        return 0;
    }
}

static diagram build_atom(const struct condition_builder *builder,
                          const struct condition *condition)
{
    diagram atom = builder->view == VIEW_OPERATOR ? settled_for_operator(condition->kind) : 0;
    if (!atom)
        atom = diagram_of_variable(builder->store, atoms_find(builder->atoms, condition));
    /* tests that are no comparison for equality leave `comparison` at COMPARE_EQUAL or their own */
    return condition->comparison == COMPARE_NOT_EQUAL ? diagram_not(builder->store, atom) : atom;
}

diagram condition_build(const struct condition_builder *builder, const struct condition *condition)
{
    diagram left;
    switch (condition->kind) {
    case CONDITION_NOTHING:
        return MCPP_HOLDS;
    case CONDITION_NOT:
        return diagram_not(builder->store, condition_build(builder, condition->left));
    case CONDITION_AND:
        left = condition_build(builder, condition->left);
        return diagram_and(builder->store, left, condition_build(builder, condition->right));
    case CONDITION_OR:
        left = condition_build(builder, condition->left);
        return diagram_or(builder->store, left, condition_build(builder, condition->right));
    default:
        return build_atom(builder, condition);
    }
}

diagram condition_build_guard(const struct condition_builder *builder, struct guard guard)
{
    diagram when = guard.when ? condition_build(builder, guard.when) : MCPP_HOLDS;
    if (!guard.unless)
        return when;
    diagram unless = condition_build(builder, guard.unless);
    return diagram_choose(builder->store, unless, MCPP_FAILS, when);
}

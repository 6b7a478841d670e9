/*
 * Conditions that are the same for every caller and call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/analysis/analysis.h"

static void judge(const struct analysis *analysis, const struct condition *condition)
{
    const struct space *space = &analysis->space;
    struct span span = condition ? condition->span : (struct span){0};
    if (!condition || !analysis_is_own(span))
        return;
    diagram holds = condition_build(&space->builder, condition);
    if (!space_meets(space, holds))
        diag_warning(analysis->diags, "never-true", span, "this never holds");
    else if (!space_meets(space, diagram_not(space->logic->store, holds)))
        diag_warning(analysis->diags, "always-true", span, "this always holds");
}

void analysis_of_conditions(const struct analysis *analysis)
{
    const struct policy *policy = analysis->policy;
    for (uint32_t i = 0; i < policy->scope_count; i++) {
        judge(analysis, policy->scopes[i].granted.when);
        judge(analysis, policy->scopes[i].granted.unless);
    }
    for (uint32_t i = 0; i < policy->role_count; i++) {
        judge(analysis, policy->roles[i].guard.when);
        judge(analysis, policy->roles[i].guard.unless);
    }
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        judge(analysis, policy->rules[i].guard.when);
        judge(analysis, policy->rules[i].guard.unless);
    }
}

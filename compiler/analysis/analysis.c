/*
 * All questions in turn.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/analysis/analysis.h"

bool analysis_is_own(struct span span)
{
    return span.source && !str_starts(span.source->name, "<");
}

void analyse(const struct policy_ast *ast, const struct logic *logic, struct arena *arena,
             struct diag_list *diags)
{
    struct analysis analysis = {ast, logic->policy, space_build(logic), arena, diags};
    analysis_of_names(&analysis);
    analysis_of_exposure(&analysis);
    analysis_of_conditions(&analysis);
    analysis_of_rules(&analysis);
}

/*
 * What can be said against a policy that is right: names that nothing uses, conditions that are
 * always or never true, rules that cannot matter, tools that nobody can reach or anybody can. Adds
 * warnings and notes; never errors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "compiler/analysis/space.h"

struct analysis {
    const struct policy_ast *ast;
    const struct policy *policy;
    struct space space;
    struct arena *arena;
    struct diag_list *diags;
};

/* Whether somebody wrote it for this policy: what a file of the standard library declares is for
 * whoever needs it. */
bool analysis_is_own(struct span span);

/* All of what follows. */
void analyse(const struct policy_ast *ast, const struct logic *logic, struct arena *arena,
             struct diag_list *diags);

/* unused.c: scopes, roles, groups */
void analysis_of_names(const struct analysis *analysis);

/* constant.c: conditions that always or never hold */
void analysis_of_conditions(const struct analysis *analysis);

/* rules.c: rules without effect, tools that nobody can call */
void analysis_of_rules(const struct analysis *analysis);

/* exposure.c: public tools that change data, the caller's token sent on */
void analysis_of_exposure(const struct analysis *analysis);

#endif

/*
 * What a policy opens that is seldom meant: tools for anybody that change something.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/analysis/analysis.h"

/* Methods that promise to change nothing (RFC 9110, section 9.2.1; QUERY). */
static bool is_safe(struct str method)
{
    static const char *const names[] = {"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(method, names[i]))
            return true;
    return false;
}

/* A rule may still keep strangers out. */
static bool is_ruled(const struct policy *policy, uint32_t tool)
{
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const struct rule *rule = &policy->rules[i];
        for (uint32_t at = 0; rule->mentions_caller && at < rule->tools.count; at++)
            if (rule->tools.at[at] == tool)
                return true;
    }
    return false;
}

void analysis_of_exposure(const struct analysis *analysis)
{
    const struct policy *policy = analysis->policy;
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        const struct tool *tool = &policy->tools[i];
        bool is_harmless = is_safe(tool->operation->method) || tool->hints & HINT_READ_ONLY;
        if (tool->needs->kind != CONDITION_NOTHING || is_harmless || is_ruled(policy, i))
            continue;
        struct diag *diag =
            diag_warning(analysis->diags, "public-change", tool->origin,
                         "anybody may call %.*s, which changes something", STR_ARG(tool->name));
        diag_help(analysis->diags, diag, "say what it needs, or `hint read_only` when it does not");
    }
}

/*
 * What became of a document: its operations in its order, their tools, what is left out and why,
 * names that changed, warnings and notes. The same input gives the same bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MCPC_REPORT_H
#define MCPC_REPORT_H

#include "compiler/policy/check.h"

struct report {
    const struct document *document;
    const struct policy_ast *ast;
    const struct policy *policy;
    const struct diag_list *diags;
};

void report_text(const struct report *report, struct str_builder *out);
void report_json(const struct report *report, struct str_builder *out);

#endif

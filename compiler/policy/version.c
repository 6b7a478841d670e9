/*
 * The version of the language.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/version.h"

enum { LANGUAGE_VERSION = 1 };

static const struct statement *find(const struct policy_ast *ast)
{
    for (uint32_t i = 0; i < ast->statement_count; i++)
        if (ast->statements[i].kind == STATEMENT_VERSION)
            return &ast->statements[i];
    return NULL;
}

bool version_check(const struct policy_ast *ast, struct diag_list *diags)
{
    const struct statement *version = find(ast);
    bool is_first = version && version == ast->statements;
    if (!is_first) {
        struct span span =
            ast->statement_count ? ast->statements[0].span : (struct span){ast->source, 0, 0};
        struct diag *diag = diag_error(diags, "missing-version", span,
                                       "the policy does not begin with its language version");
        diag_help(diags, diag, "begin with: mcpp %d", LANGUAGE_VERSION);
    }
    if (version && version->number != LANGUAGE_VERSION) {
        struct diag *diag =
            diag_error(diags, "unsupported-version", version->name.span,
                       "no version '%.*s' of the language is known", STR_ARG(version->name.text));
        diag_help(diags, diag, "this mcpc knows version %d", LANGUAGE_VERSION);
    }
    return is_first && version->number == LANGUAGE_VERSION;
}

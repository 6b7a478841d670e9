/*
 * Changing single statements of a parsed policy.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/override.h"

#include <string.h>

const struct statement *override_find(const struct policy_ast *ast, enum statement_kind kind)
{
    for (uint32_t i = 0; i < ast->statement_count; i++)
        if (ast->statements[i].kind == kind)
            return &ast->statements[i];
    return NULL;
}

/* Where a new statement goes: after the api statement, else at the end. */
static uint32_t place_for(const struct policy_ast *ast)
{
    const struct statement *api = override_find(ast, STATEMENT_API);
    return api ? (uint32_t)(api - ast->statements) + 1 : ast->statement_count;
}

void override_text(struct policy_ast *ast, struct arena *arena, enum statement_kind kind,
                   const char *text)
{
    if (!text)
        return;
    struct word word = {.text = str_of(text), .is_string = true};
    const struct statement *old = override_find(ast, kind);
    uint32_t at = old ? (uint32_t)(old - ast->statements) : place_for(ast);
    uint32_t count = ast->statement_count + !old;
    struct statement *all = arena_array(arena, count, sizeof *all);
    if (at)
        memcpy(all, ast->statements, at * sizeof *all);
    if (old) {
        all[at] = *old;
    } else {
        /* an empty place after the statement before it: statements stay in the order of the text */
        uint32_t end = at ? ast->statements[at - 1].span.end : 0;
        all[at] = (struct statement){.kind = kind, .span = {ast->source, end, end}};
    }
    all[at].name = word;
    uint32_t next = at + (old != NULL);
    if (next < ast->statement_count)
        memcpy(all + at + 1, ast->statements + next, (ast->statement_count - next) * sizeof *all);
    ast->statements = all;
    ast->statement_count = count;
}

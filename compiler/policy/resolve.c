/*
 * Names of a policy.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/resolve.h"

static struct names names_start(struct arena *arena)
{
    return (struct names){.declared = {.arena = arena}, .poisoned = {.arena = arena}};
}

static struct names *names_of(struct resolver *resolver, enum statement_kind kind)
{
    switch (kind) {
    case STATEMENT_SCOPE:
        return &resolver->scopes;
    case STATEMENT_VERIFIER:
        return &resolver->verifiers;
    case STATEMENT_TOOL:
        return &resolver->tools;
    default:
        return NULL;
    }
}

static void declare(struct resolver *resolver, struct names *names,
                    const struct statement *statement)
{
    struct declared *declared = arena_new(resolver->arena, struct declared);
    *declared = (struct declared){statement, (uint32_t)names->all.count, false};
    struct declared *first = map_add(&names->declared, statement->name.text, declared);
    if (!first) {
        *list_add(resolver->arena, &names->all) = statement->name.text;
        return;
    }
    static const char *const nouns[] = {
        [STATEMENT_SCOPE] = "scope", [STATEMENT_VERIFIER] = "verifier", [STATEMENT_TOOL] = "tool"};
    struct diag *diag =
        diag_error(resolver->diags, "duplicate", statement->name.span, "%s '%.*s' declared twice",
                   nouns[statement->kind], STR_ARG(statement->name.text));
    diag_note(resolver->diags, diag, first->statement->name.span, "first declared here");
}

void resolve_declarations(const struct policy_ast *ast, struct arena *arena,
                          struct diag_list *diags, struct resolver *out)
{
    *out = (struct resolver){.arena = arena,
                             .diags = diags,
                             .scopes = names_start(arena),
                             .verifiers = names_start(arena),
                             .tools = names_start(arena)};
    for (uint32_t i = 0; i < ast->statement_count; i++) {
        struct names *names = names_of(out, ast->statements[i].kind);
        if (names)
            declare(out, names, &ast->statements[i]);
    }
}

/* The declaration, or NULL; *is_new when nobody was told about the unknown name yet. */
static struct declared *find(struct names *names, struct word word, bool *is_new)
{
    static char poison;
    struct declared *found = map_get(&names->declared, word.text);
    *is_new = !found && !map_add(&names->poisoned, word.text, &poison);
    if (found)
        found->is_used = true;
    return found;
}

struct declared *resolve_scope(struct resolver *resolver, struct word word)
{
    bool is_new;
    struct names *names = &resolver->scopes;
    struct declared *found = find(names, word, &is_new);
    if (is_new) {
        struct diag *diag = diag_error(resolver->diags, "unknown-scope", word.span,
                                       "no scope '%.*s' is declared", STR_ARG(word.text));
        diag_suggest(resolver->diags, diag, "scope", word.text, names->all.at, names->all.count);
    }
    return found;
}

struct declared *resolve_verifier(struct resolver *resolver, struct word word)
{
    bool is_new;
    struct names *names = &resolver->verifiers;
    struct declared *found = find(names, word, &is_new);
    if (is_new) {
        struct diag *diag = diag_error(resolver->diags, "unknown-verifier", word.span,
                                       "no verifier '%.*s' is declared", STR_ARG(word.text));
        diag_suggest(resolver->diags, diag, "verifier", word.text, names->all.at, names->all.count);
    }
    return found;
}

struct declared *resolve_tool(struct resolver *resolver, struct word word)
{
    bool is_new;
    struct names *names = &resolver->tools;
    struct declared *found = find(names, word, &is_new);
    if (is_new) {
        struct diag *diag = diag_error(resolver->diags, "unknown-tool", word.span,
                                       "no tool '%.*s' is declared", STR_ARG(word.text));
        diag_suggest(resolver->diags, diag, "tool", word.text, names->all.at, names->all.count);
    }
    return found;
}

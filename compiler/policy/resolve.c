/*
 * Names of a policy.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/resolve.h"

static const char *const nouns[] = {
    [NAME_SCOPE] = "scope", [NAME_ROLE] = "role",   [NAME_VERIFIER] = "verifier",
    [NAME_TOOL] = "tool",   [NAME_GROUP] = "group", [NAME_CREDENTIAL] = "credential"};
static const char *const unknown_slugs[] = {"unknown-scope", "unknown-role", "unknown-verifier",
                                            "unknown-tool",  "unknown-tool", "unknown-credential"};

/* ---- declarations ---- */

/* NAME_KIND_COUNT: the statement declares no name. */
static enum name_kind kind_of(enum statement_kind kind)
{
    switch (kind) {
    case STATEMENT_SCOPE:
        return NAME_SCOPE;
    case STATEMENT_ROLE:
        return NAME_ROLE;
    case STATEMENT_VERIFIER:
        return NAME_VERIFIER;
    case STATEMENT_TOOL:
        return NAME_TOOL;
    case STATEMENT_GROUP:
        return NAME_GROUP;
    case STATEMENT_CREDENTIAL:
        return NAME_CREDENTIAL;
    default:
        return NAME_KIND_COUNT;
    }
}

static struct word name_of(const struct statement *statement)
{
    return statement->kind == STATEMENT_CREDENTIAL ? statement->label : statement->name;
}

static void report_duplicate(struct resolver *resolver, enum name_kind kind,
                             const struct statement *statement, const struct declared *first)
{
    struct diag *diag =
        diag_error(resolver->diags, "duplicate", name_of(statement).span,
                   "%s '%.*s' declared twice", nouns[kind], STR_ARG(name_of(statement).text));
    diag_note(resolver->diags, diag, name_of(first->statement).span, "first declared here");
}

static void declare(struct resolver *resolver, enum name_kind kind,
                    const struct statement *statement)
{
    struct names *names = &resolver->names[kind];
    struct declared *declared = arena_new(resolver->arena, struct declared);
    *declared = (struct declared){statement, (uint32_t)names->all.count, false};
    struct declared *first = map_add(&names->declared, name_of(statement).text, declared);
    if (first)
        report_duplicate(resolver, kind, statement, first);
    else
        *list_add(resolver->arena, &names->all) = name_of(statement).text;
}

/* A group is named where a tool may be: no group is called like a tool. */
static void check_groups(struct resolver *resolver)
{
    const struct names *groups = &resolver->names[NAME_GROUP];
    for (size_t i = 0; i < groups->all.count; i++) {
        const struct declared *tool = resolve_look(resolver, NAME_TOOL, groups->all.at[i]);
        const struct declared *group = map_get(&groups->declared, groups->all.at[i]);
        if (!tool)
            continue;
        struct diag *diag = diag_error(resolver->diags, "duplicate", group->statement->name.span,
                                       "'%.*s' is a group and a tool", STR_ARG(groups->all.at[i]));
        diag_note(resolver->diags, diag, tool->statement->name.span, "the tool is here");
    }
}

void resolve_declarations(const struct policy_ast *ast, struct arena *arena,
                          struct diag_list *diags, struct resolver *out)
{
    *out = (struct resolver){.arena = arena, .diags = diags};
    for (int kind = 0; kind < NAME_KIND_COUNT; kind++)
        out->names[kind] =
            (struct names){.declared = {.arena = arena}, .poisoned = {.arena = arena}};
    for (uint32_t i = 0; i < ast->statement_count; i++) {
        enum name_kind kind = kind_of(ast->statements[i].kind);
        if (kind != NAME_KIND_COUNT)
            declare(out, kind, &ast->statements[i]);
    }
    check_groups(out);
}

/* ---- uses ---- */

struct declared *resolve_look(const struct resolver *resolver, enum name_kind kind, struct str name)
{
    return map_get(&resolver->names[kind].declared, name);
}

/* Whether nobody was told about the unknown name yet. */
static bool is_first_report(struct names *names, struct str name)
{
    static char poison;
    return !map_add(&names->poisoned, name, &poison);
}

struct declared *resolve_name(struct resolver *resolver, enum name_kind kind, struct word word)
{
    struct names *names = &resolver->names[kind];
    struct declared *found = resolve_look(resolver, kind, word.text);
    if (found)
        found->is_used = true;
    if (found || !is_first_report(names, word.text))
        return found;
    struct diag *diag = diag_error(resolver->diags, unknown_slugs[kind], word.span,
                                   "no %s '%.*s' is declared", nouns[kind], STR_ARG(word.text));
    diag_suggest(resolver->diags, diag, nouns[kind], word.text, names->all.at, names->all.count);
    return NULL;
}

struct declared *resolve_tool_or_group(struct resolver *resolver, struct word word)
{
    struct declared *group = resolve_look(resolver, NAME_GROUP, word.text);
    if (group || resolve_look(resolver, NAME_TOOL, word.text))
        return resolve_name(resolver, group ? NAME_GROUP : NAME_TOOL, word);
    const struct names *groups = &resolver->names[NAME_GROUP];
    if (groups->all.count == 0)
        return resolve_name(resolver, NAME_TOOL, word);
    if (!is_first_report(&resolver->names[NAME_TOOL], word.text))
        return NULL;
    struct diag *diag = diag_error(resolver->diags, "unknown-tool", word.span,
                                   "no tool or group '%.*s' is declared", STR_ARG(word.text));
    const struct names *tools = &resolver->names[NAME_TOOL];
    diag_suggest(resolver->diags, diag, "group", word.text, groups->all.at, groups->all.count);
    if (diag->help.len == 0)
        diag_suggest(resolver->diags, diag, "tool", word.text, tools->all.at, tools->all.count);
    return NULL;
}

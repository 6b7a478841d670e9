/*
 * Names that are declared and never used. A scope of the document that no tool needs is common, and
 * said in one note for all of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/analysis/analysis.h"

struct usage {
    const struct analysis *analysis;
    struct map scopes, roles, groups; /* name -> something, when it is used */
};

static void use(struct map *map, struct str name)
{
    static char mark;
    map_add(map, name, &mark);
}

static void use_condition(struct usage *usage, const struct condition *condition)
{
    if (!condition)
        return;
    if (condition->kind == CONDITION_SCOPE)
        use(&usage->scopes, condition->word.text);
    if (condition->kind == CONDITION_ROLE)
        use(&usage->roles, condition->word.text);
    use_condition(usage, condition->left);
    use_condition(usage, condition->right);
}

static void use_words(struct map *map, struct words words)
{
    for (uint32_t i = 0; i < words.count; i++)
        use(map, words.at[i].text);
}

static void use_statement(struct usage *usage, const struct statement *statement)
{
    use_condition(usage, statement->needs);
    use_condition(usage, statement->guard.when);
    use_condition(usage, statement->guard.unless);
    use_words(&usage->scopes, statement->holdings.scopes);
    use_words(&usage->roles, statement->holdings.roles);
    if (statement->kind == STATEMENT_SCOPE)
        use_words(&usage->scopes, statement->list);
    for (uint32_t i = 0; i < statement->selectors.count; i++)
        if (statement->selectors.at[i].kind == SELECTOR_NAME)
            use(&usage->groups, statement->selectors.at[i].word.text);
}

static void report_named(struct usage *usage, const struct statement *statement)
{
    struct diag_list *diags = usage->analysis->diags;
    struct word name = statement->name;
    if (!analysis_is_own(statement->span))
        return;
    if (statement->kind == STATEMENT_ROLE && !map_get(&usage->roles, name.text))
        diag_warning(diags, "unused-role", name.span, "the role '%.*s' is never used",
                     STR_ARG(name.text));
    if (statement->kind == STATEMENT_GROUP && !map_get(&usage->groups, name.text))
        diag_warning(diags, "unused-group", name.span, "the group '%.*s' is never used",
                     STR_ARG(name.text));
}

static void report_scopes(struct usage *usage)
{
    const struct policy_ast *ast = usage->analysis->ast;
    struct str_builder names = {.arena = usage->analysis->arena};
    const struct statement *first = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < ast->statement_count; i++) {
        const struct statement *statement = &ast->statements[i];
        if (statement->kind != STATEMENT_SCOPE || !analysis_is_own(statement->span) ||
            map_get(&usage->scopes, statement->name.text))
            continue;
        if (count++ < 3)
            str_add_format(&names, "%s'%.*s'", first ? ", " : "", STR_ARG(statement->name.text));
        first = first ? first : statement;
    }
    if (count == 1)
        diag_add(usage->analysis->diags, DIAG_NOTE, "unused-scope", first->name.span,
                 "nothing asks for the scope %.*s", STR_ARG(str_built(&names)));
    else if (count)
        diag_add(usage->analysis->diags, DIAG_NOTE, "unused-scope", first->name.span,
                 "nothing asks for %u scopes: %.*s%s", count, STR_ARG(str_built(&names)),
                 count > 3 ? " and others" : "");
}

void analysis_of_names(const struct analysis *analysis)
{
    struct map none = {.arena = analysis->arena};
    struct usage usage = {analysis, none, none, none};
    const struct policy_ast *ast = analysis->ast;
    for (uint32_t i = 0; i < ast->statement_count; i++)
        use_statement(&usage, &ast->statements[i]);
    for (uint32_t i = 0; i < ast->statement_count; i++)
        report_named(&usage, &ast->statements[i]);
    report_scopes(&usage);
}

/*
 * Selectors: which tools a statement is about.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/glob.h"
#include "compiler/policy/checker.h"
#include "compiler/policy/value.h"

enum { GROUP_DEPTH_MAX = 100 };

struct selection {
    struct checker *checker;
    enum specificity *tools;
    const struct statement *groups[GROUP_DEPTH_MAX]; /* that are being read, outermost first */
    uint32_t depth;
};

static void add(struct selection *selection, uint32_t tool, enum specificity specificity)
{
    if (selection->tools[tool] < specificity)
        selection->tools[tool] = specificity;
}

static const struct operation *operation_of(const struct selection *selection, uint32_t tool)
{
    return selection->checker->policy->tools[tool].operation;
}

/* ---- by kind ---- */

static bool has_tag(const struct operation *operation, struct str tag)
{
    for (uint32_t i = 0; i < operation->tag_count; i++)
        if (str_equal(operation->tags[i], tag))
            return true;
    return false;
}

static bool fits(const struct operation *operation, const struct selector *selector)
{
    struct str text = selector->word.text;
    if (selector->kind == SELECTOR_TAGGED)
        return has_tag(operation, text);
    if (selector->kind == SELECTOR_METHOD)
        return str_equal(operation->method, text);
    return glob_matches(text, operation->path, true);
}

static void report_unknown_tag(struct checker *checker, struct word tag)
{
    const struct api *api = checker->policy->api;
    LIST(struct str) tags = {0};
    for (uint32_t i = 0; i < api->operation_count; i++)
        for (uint32_t at = 0; at < api->operations[i].tag_count; at++)
            *list_add(checker->arena, &tags) = api->operations[i].tags[at];
    struct diag *diag = diag_error(checker->diags, "unknown-tag", tag.span,
                                   "no operation is tagged '%.*s'", STR_ARG(tag.text));
    diag_suggest(checker->diags, diag, "tag", tag.text, tags.at, tags.count);
}

/* The document has operations that the selector fits, tools or not: it is no slip. */
static void check_selector(struct checker *checker, const struct selector *selector)
{
    const struct api *api = checker->policy->api;
    for (uint32_t i = 0; i < api->operation_count; i++)
        if (fits(&api->operations[i], selector))
            return;
    if (selector->kind == SELECTOR_TAGGED)
        report_unknown_tag(checker, selector->word);
    else if (selector->kind == SELECTOR_PATH && !str_starts(selector->word.text, "/"))
        diag_error(checker->diags, "bad-path", selector->word.span,
                   "a path that does not begin with '/'");
    else if (selector->kind == SELECTOR_PATH && selector->word.text.len > GLOB_PATTERN_MAX)
        diag_error(checker->diags, "too-long", selector->word.span,
                   "a path of more than %d characters", GLOB_PATTERN_MAX);
    else if (selector->kind == SELECTOR_METHOD && !value_is_method(selector->word.text))
        diag_error(checker->diags, "unknown-method", selector->word.span,
                   "no method is called '%.*s'", STR_ARG(selector->word.text));
}

static void add_kind(struct selection *selection, const struct selector *selector)
{
    check_selector(selection->checker, selector);
    for (uint32_t i = 0; i < selection->checker->policy->tool_count; i++) {
        const struct operation *operation = operation_of(selection, i);
        if (operation && fits(operation, selector))
            add(selection, i, SELECTED_BY_KIND);
    }
}

/* ---- by name ---- */

static void add_all(struct selection *selection, struct selectors selectors, bool is_group);

static bool is_circular(struct selection *selection, const struct statement *group,
                        struct word word)
{
    for (uint32_t i = 0; i < selection->depth; i++) {
        if (selection->groups[i] != group)
            continue;
        struct diag *diag = diag_error(selection->checker->diags, "circular-group", word.span,
                                       "group '%.*s' is part of itself", STR_ARG(group->name.text));
        diag_note(selection->checker->diags, diag, group->name.span, "the group is here");
        return true;
    }
    if (selection->depth < GROUP_DEPTH_MAX)
        return false;
    diag_error(selection->checker->diags, "too-long", word.span, "groups nested too deep");
    return true;
}

static void add_named(struct selection *selection, struct word word, bool is_group)
{
    struct declared *found = resolve_tool_or_group(&selection->checker->names, word);
    if (!found)
        return;
    if (found->statement->kind == STATEMENT_TOOL) {
        add(selection, found->index, is_group ? SELECTED_BY_KIND : SELECTED_BY_NAME);
        return;
    }
    if (is_circular(selection, found->statement, word))
        return;
    selection->groups[selection->depth++] = found->statement;
    add_all(selection, found->statement->selectors, true);
    selection->depth--;
}

static void add_all(struct selection *selection, struct selectors selectors, bool is_group)
{
    uint32_t errors = selection->checker->diags->error_count;
    for (uint32_t i = 0; i < selectors.count; i++) {
        const struct selector *selector = &selectors.at[i];
        if (selector->kind == SELECTOR_NAME)
            add_named(selection, selector->word, is_group);
        else if (selector->kind == SELECTOR_ALL)
            for (uint32_t tool = 0; tool < selection->checker->policy->tool_count; tool++)
                add(selection, tool, SELECTED_BY_ALL);
        else
            add_kind(selection, selector);
        if (is_group && selection->checker->diags->error_count != errors)
            return; /* a group that is wrong is reported once for each use, not for each part */
    }
}

const enum specificity *select_tools(struct checker *checker, const struct statement *statement)
{
    struct selection selection = {.checker = checker};
    uint32_t count = checker->policy->tool_count, errors = checker->diags->error_count;
    selection.tools = arena_array(checker->arena, count, sizeof *selection.tools);
    if (statement->kind == STATEMENT_GROUP)
        selection.groups[selection.depth++] = statement;
    add_all(&selection, statement->selectors, false);
    bool is_any = count == 0;
    for (uint32_t i = 0; i < count; i++)
        is_any = is_any || selection.tools[i] != NOT_SELECTED;
    /* a pattern of the standard library may well find nothing */
    bool is_stdlib = str_starts(statement->span.source->name, "<");
    if (!is_any && !is_stdlib && checker->diags->error_count == errors)
        diag_warning(checker->diags, "nothing-selected", statement->span,
                     "the statement is about no tool");
    return selection.tools;
}

struct tool_set select_set(struct checker *checker, const struct statement *statement)
{
    const enum specificity *selected = select_tools(checker, statement);
    uint32_t *tools = arena_array(checker->arena, checker->policy->tool_count, sizeof *tools);
    struct tool_set set = {tools, 0};
    for (uint32_t i = 0; i < checker->policy->tool_count; i++)
        if (selected[i] != NOT_SELECTED)
            tools[set.count++] = i;
    return set;
}

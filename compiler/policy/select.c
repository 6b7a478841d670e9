/*
 * Selectors: which tools a statement is about.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "compiler/base/glob.h"
#include "compiler/policy/checker.h"
#include "compiler/policy/value.h"

enum { GROUP_DEPTH_MAX = 100 };

struct search {
    struct checker *checker;
    LIST(uint32_t) found;
    const struct statement *groups[GROUP_DEPTH_MAX]; /* that are being read, outermost first */
    uint32_t depth;
    struct map read; /* groups that were read: once is enough */
};

static void add(struct search *search, uint32_t tool, enum specificity specificity)
{
    enum specificity *mark = &search->checker->marks[tool];
    if (*mark == NOT_SELECTED)
        *list_add(search->checker->arena, &search->found) = tool;
    if (*mark < specificity)
        *mark = specificity;
}

static const struct operation *operation_of(const struct search *search, uint32_t tool)
{
    return search->checker->policy->tools[tool].operation;
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

static bool is_first_report(struct checker *checker, const struct selector *selector)
{
    static char mark;
    struct str key = {(const char *)&selector->span, sizeof selector->span};
    return !map_add(&checker->wrong_selectors, str_copy(checker->arena, key), &mark);
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
    if (!is_first_report(checker, selector))
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

static void add_kind(struct search *search, const struct selector *selector)
{
    check_selector(search->checker, selector);
    for (uint32_t i = 0; i < search->checker->policy->tool_count; i++) {
        const struct operation *operation = operation_of(search, i);
        if (operation && fits(operation, selector))
            add(search, i, SELECTED_BY_KIND);
    }
}

/* ---- by name ---- */

static void add_all(struct search *search, struct selectors selectors, bool is_group);

static bool is_circular(struct search *search, const struct statement *group,
                        const struct selector *selector)
{
    for (uint32_t i = 0; i < search->depth; i++) {
        if (search->groups[i] != group)
            continue;
        if (!is_first_report(search->checker, selector))
            return true;
        struct diag *diag = diag_error(search->checker->diags, "circular-group", selector->span,
                                       "group '%.*s' is part of itself", STR_ARG(group->name.text));
        diag_note(search->checker->diags, diag, group->name.span, "the group is here");
        return true;
    }
    if (search->depth < GROUP_DEPTH_MAX)
        return false;
    if (is_first_report(search->checker, selector))
        diag_error(search->checker->diags, "too-long", selector->span, "groups nested too deep");
    return true;
}

static void add_named(struct search *search, const struct selector *selector, bool is_group)
{
    struct word word = selector->word;
    struct declared *found = resolve_tool_or_group(&search->checker->names, word);
    if (!found)
        return;
    if (found->statement->kind == STATEMENT_TOOL) {
        add(search, found->index, is_group ? SELECTED_BY_KIND : SELECTED_BY_NAME);
        return;
    }
    if (is_circular(search, found->statement, selector) || map_add(&search->read, word.text, found))
        return;
    search->groups[search->depth++] = found->statement;
    add_all(search, found->statement->selectors, true);
    search->depth--;
}

static void add_all(struct search *search, struct selectors selectors, bool is_group)
{
    for (uint32_t i = 0; i < selectors.count; i++) {
        const struct selector *selector = &selectors.at[i];
        if (selector->kind == SELECTOR_NAME)
            add_named(search, selector, is_group);
        else if (selector->kind == SELECTOR_ALL)
            for (uint32_t tool = 0; tool < search->checker->policy->tool_count; tool++)
                add(search, tool, SELECTED_BY_ALL);
        else
            add_kind(search, selector);
    }
}

static int ascending(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/* The found tools in order; their marks are taken off. */
static struct selection finish(struct search *search)
{
    struct checker *checker = search->checker;
    size_t count = search->found.count;
    enum specificity *how = arena_array(checker->arena, count, sizeof *how);
    if (count)
        qsort(search->found.at, count, sizeof *search->found.at, ascending);
    for (size_t i = 0; i < count; i++) {
        how[i] = checker->marks[search->found.at[i]];
        checker->marks[search->found.at[i]] = NOT_SELECTED;
    }
    return (struct selection){{search->found.at, (uint32_t)count}, how};
}

struct selection select_tools(struct checker *checker, const struct statement *statement)
{
    struct search search = {.checker = checker, .read = {.arena = checker->arena}};
    if (statement->kind == STATEMENT_GROUP)
        search.groups[search.depth++] = statement;
    add_all(&search, statement->selectors, false);
    /* a pattern of the standard library may well find nothing */
    bool is_stdlib = str_starts(statement->span.source->name, "<");
    if (search.found.count == 0 && !is_stdlib && checker->policy->tool_count &&
        checker->diags->error_count == 0)
        diag_warning(checker->diags, "nothing-selected", statement->span,
                     "the statement is about no tool");
    return finish(&search);
}

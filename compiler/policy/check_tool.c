/*
 * Tools of a policy: their operations, settings and conditions; and that every operation of the API
 * is a tool or an `omit`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/check_resource.h"
#include "compiler/policy/checker.h"

#include "compiler/policy/text.h"
#include "compiler/policy/value.h"

/* An operation of the API and what the policy says about it. */
struct coverage {
    const struct operation *operation;
    const struct statement *tool, *omit;
};

struct operations {
    struct map map; /* "GET /pet" -> struct coverage */
    struct coverage *all;
    struct str *names;
    uint32_t count;
};

static struct str operation_name(struct arena *arena, struct str method, struct str path)
{
    struct str_builder name = {.arena = arena};
    str_add(&name, method);
    str_add_byte(&name, ' ');
    str_add(&name, path);
    return str_built(&name);
}

static struct operations index_operations(const struct api *api, struct arena *arena)
{
    struct operations operations = {
        .map = {.arena = arena},
        .all = arena_array(arena, api->operation_count, sizeof *operations.all),
        .names = arena_array(arena, api->operation_count, sizeof *operations.names),
        .count = api->operation_count,
    };
    for (uint32_t i = 0; i < api->operation_count; i++) {
        const struct operation *operation = &api->operations[i];
        operations.all[i].operation = operation;
        operations.names[i] = operation_name(arena, operation->method, operation->path);
        map_add(&operations.map, operations.names[i], &operations.all[i]);
    }
    return operations;
}

/* An operation that is called as the tool is, and that no tool was found to be: it has moved. */
static const struct coverage *find_moved(const struct operations *operations,
                                         const struct statement *statement)
{
    for (uint32_t i = 0; i < operations->count; i++) {
        const struct coverage *coverage = &operations->all[i];
        if (statement->kind == STATEMENT_TOOL && !coverage->tool && coverage->operation->id.len &&
            str_equal(coverage->operation->id, statement->name.text))
            return coverage;
    }
    return NULL;
}

/* The operation that a tool or an omit speaks about, or NULL. */
static struct coverage *find_operation(struct checker *checker, struct operations *operations,
                                       const struct statement *statement)
{
    struct str name = operation_name(checker->arena, statement->method.text, statement->path.text);
    struct coverage *found = map_get(&operations->map, name);
    if (found)
        return found;
    struct span span = span_join(statement->method.span, statement->path.span);
    struct diag *diag = diag_error(checker->diags, "unknown-operation", span,
                                   "the document has no operation %.*s", STR_ARG(name));
    struct str near = str_nearest(name, operations->names, operations->count);
    if (near.len) {
        diag_help(checker->diags, diag, "there is an operation with a similar name: '%.*s'",
                  STR_ARG(near));
        return NULL;
    }
    const struct coverage *moved = find_moved(operations, statement);
    if (moved) {
        struct str now =
            operation_name(checker->arena, moved->operation->method, moved->operation->path);
        diag_note(checker->diags, diag, moved->operation->span,
                  "an operation with this name is now %.*s", STR_ARG(now));
        diag_help(checker->diags, diag, "'mcpc sync' writes the tool anew");
        return NULL;
    }
    return NULL;
}

/* ---- settings ---- */

enum tool_setting {
    SETTING_TITLE,
    SETTING_DESCRIPTION,
    SETTING_TIMEOUT,
    SETTING_HINT,
    SETTING_SERVER,
    SETTING_RESOURCE,
    SETTING_OUTPUT,
    SETTING_COUNT
};

static const char *const setting_names[] = {
    [SETTING_TITLE] = "title",     [SETTING_DESCRIPTION] = "description",
    [SETTING_TIMEOUT] = "timeout", [SETTING_HINT] = "hint",
    [SETTING_SERVER] = "server",   [SETTING_RESOURCE] = "resource",
    [SETTING_OUTPUT] = "output",   [SETTING_COUNT] = NULL,
};

enum { TIMEOUT_MAX_MS = 3600 * 1000 };

static void set_timeout(struct checker *checker, const struct setting *setting, struct tool *tool)
{
    uint64_t ms;
    if (!value_is_single(checker->diags, setting, false))
        return;
    struct word word = setting->values.at[0];
    if (!value_duration_ms(word.text, &ms) || ms == 0 || ms > TIMEOUT_MAX_MS) {
        struct diag *diag = diag_error(checker->diags, "bad-value", word.span,
                                       "'%.*s' is no time from 1ms to 60m", STR_ARG(word.text));
        diag_help(checker->diags, diag, "write: timeout 10s");
        return;
    }
    tool->timeout_ms = (uint32_t)ms;
}

static void set_hints(struct checker *checker, const struct setting *setting, struct tool *tool)
{
    static const struct str names[] = {STR_INIT("read_only"), STR_INIT("destructive"),
                                       STR_INIT("idempotent"), STR_INIT("open_world")};
    static const uint32_t bits[] = {HINT_READ_ONLY, HINT_DESTRUCTIVE, HINT_IDEMPOTENT,
                                    HINT_OPEN_WORLD};
    enum { COUNT = sizeof bits / sizeof bits[0] };
    tool->hints = 0;
    for (uint32_t i = 0; i < setting->values.count; i++) {
        struct word word = setting->values.at[i];
        uint32_t bit = 0;
        for (size_t known = 0; known < COUNT; known++)
            bit |= str_equal(names[known], word.text) ? bits[known] : 0;
        tool->hints |= bit;
        if (bit)
            continue;
        struct diag *diag = diag_error(checker->diags, "bad-value", word.span,
                                       "no hint is called '%.*s'", STR_ARG(word.text));
        diag_suggest(checker->diags, diag, "hint", word.text, names, COUNT);
    }
    if ((tool->hints & HINT_READ_ONLY) && (tool->hints & HINT_DESTRUCTIVE))
        diag_error(checker->diags, "bad-value", setting->span,
                   "a tool that only reads and destroys");
}

static void set_server(struct checker *checker, const struct setting *setting, struct tool *tool)
{
    if (!value_is_single(checker->diags, setting, true) ||
        !value_check_url(checker->diags, setting->values.at[0], false))
        return;
    tool->server = setting->values.at[0].text;
    while (str_ends(tool->server, "/"))
        tool->server.len--;
}

static void set_output(struct checker *checker, const struct setting *setting, struct tool *tool)
{
    static const struct str names[] = {STR_INIT("listed"), STR_INIT("none"), STR_INIT("validated")};
    static const enum tool_output outputs[] = {OUTPUT_LISTED, OUTPUT_NONE, OUTPUT_VALIDATED};
    enum { COUNT = sizeof outputs / sizeof outputs[0] };
    if (!value_is_single(checker->diags, setting, false))
        return;
    struct word word = setting->values.at[0];
    for (size_t i = 0; i < COUNT; i++) {
        if (!str_equal(names[i], word.text))
            continue;
        tool->output = outputs[i];
        return;
    }
    struct diag *diag =
        diag_error(checker->diags, "bad-value", word.span,
                   "the output is '%.*s', and none of listed, none, validated", STR_ARG(word.text));
    diag_suggest(checker->diags, diag, "word", word.text, names, COUNT);
}

static void set_setting(struct checker *checker, enum tool_setting kind,
                        const struct setting *setting, struct tool *tool)
{
    switch (kind) {
    case SETTING_TITLE:
        if (value_is_single(checker->diags, setting, true))
            tool->title = setting->values.at[0].text;
        break;
    case SETTING_DESCRIPTION:
        if (value_is_single(checker->diags, setting, true))
            tool->description = setting->values.at[0].text;
        break;
    case SETTING_TIMEOUT:
        set_timeout(checker, setting, tool);
        break;
    case SETTING_HINT:
        set_hints(checker, setting, tool);
        break;
    case SETTING_SERVER:
        set_server(checker, setting, tool);
        break;
    case SETTING_RESOURCE:
        check_resource(checker, setting, tool);
        break;
    case SETTING_OUTPUT:
        set_output(checker, setting, tool);
        break;
    case SETTING_COUNT:
        break;
    }
}

static void read_settings(struct checker *checker, const struct statement *statement,
                          struct tool *tool)
{
    const struct setting *seen[SETTING_COUNT] = {0};
    for (uint32_t i = 0; i < statement->settings.count; i++) {
        const struct setting *setting = &statement->settings.at[i];
        int kind = value_setting_kind(checker->diags, setting, setting_names);
        if (kind < 0)
            continue;
        if (seen[kind]) {
            struct diag *diag = diag_error(checker->diags, "duplicate", setting->name.span,
                                           "setting '%s' given twice", setting_names[kind]);
            diag_note(checker->diags, diag, seen[kind]->name.span, "first given here");
            continue;
        }
        seen[kind] = setting;
        set_setting(checker, (enum tool_setting)kind, setting, tool);
    }
}

/* ---- tools ---- */

/* What a method promises (RFC 9110, section 9.2). What it does not promise is assumed to be so. */
static uint32_t method_hints(struct str method)
{
    static const char *const safe[] = {"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"};
    for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++)
        if (str_is(method, safe[i]))
            return HINT_READ_ONLY | HINT_IDEMPOTENT | HINT_OPEN_WORLD;
    bool is_idempotent = str_is(method, "PUT") || str_is(method, "DELETE");
    return HINT_DESTRUCTIVE | HINT_OPEN_WORLD | (is_idempotent ? HINT_IDEMPOTENT : 0);
}

static void check_names(struct checker *checker, const struct statement *statement)
{
    if (!value_is_tool_name(statement->name.text)) {
        struct diag *diag =
            diag_error(checker->diags, "bad-tool-name", statement->name.span,
                       "'%.*s' cannot be the name of a tool", STR_ARG(statement->name.text));
        diag_help(checker->diags, diag, "a name is 1 to 64 of A-Z a-z 0-9 _ . -");
    }
    struct str path = statement->path.text;
    if (!str_starts(path, "/") || !text_is_printable(path))
        diag_error(checker->diags, "bad-path", statement->path.span,
                   "a path that cannot stand in a request");
    if (!value_is_http_token(statement->method.text))
        diag_error(checker->diags, "bad-path", statement->method.span,
                   "a method that cannot stand in a request");
}

static void read_tool(struct checker *checker, struct operations *operations,
                      const struct statement *statement, struct tool *tool)
{
    check_names(checker, statement);
    check_condition(checker, USE_NEEDS, statement->needs);
    *tool = (struct tool){.name = statement->name.text,
                          .needs = statement->needs,
                          .hints = method_hints(statement->method.text),
                          .origin = statement->span};
    struct coverage *found = find_operation(checker, operations, statement);
    if (found) {
        const struct operation *operation = found->operation;
        found->tool = found->tool ? found->tool : statement;
        tool->operation = operation;
        tool->title = operation->summary;
        tool->description = api_operation_text(operation, checker->arena);
    }
    read_settings(checker, statement, tool);
}

/* ---- coverage ---- */

static void read_omit(struct checker *checker, struct operations *operations,
                      const struct statement *statement)
{
    struct coverage *found = find_operation(checker, operations, statement);
    if (!found)
        return;
    const struct statement *before = found->omit ? found->omit : found->tool;
    if (before) {
        struct diag *diag = diag_error(checker->diags, "duplicate", statement->span,
                                       "an operation that is %s is omitted",
                                       found->omit ? "omitted already" : "a tool");
        diag_note(checker->diags, diag, before->span, "first spoken about here");
    }
    found->omit = statement;
}

static void check_coverage(struct checker *checker, const struct operations *operations)
{
    struct span span =
        checker->api ? checker->api->span : (struct span){checker->ast->source, 0, 0};
    for (uint32_t i = 0; i < operations->count; i++) {
        const struct coverage *coverage = &operations->all[i];
        if (coverage->tool || coverage->omit)
            continue;
        struct str name = operations->names[i];
        struct diag *diag = diag_error(checker->diags, "uncovered-operation", span,
                                       "nothing is said about the operation %.*s", STR_ARG(name));
        diag_note(checker->diags, diag, coverage->operation->span, "the operation is here");
        diag_help(checker->diags, diag,
                  "add: tool NAME %.*s needs …, or: omit %.*s; or let 'mcpc sync' add it",
                  STR_ARG(name), STR_ARG(name));
    }
}

void check_tools(struct checker *checker)
{
    struct operations operations = index_operations(checker->policy->api, checker->arena);
    uint32_t count = (uint32_t)checker->names.names[NAME_TOOL].all.count;
    struct tool *tools = arena_array(checker->arena, count, sizeof *tools);
    const struct statement *statement = NULL;
    while ((statement = check_next(checker, statement, STATEMENT_TOOL))) {
        const struct declared *declared =
            map_get(&checker->names.names[NAME_TOOL].declared, statement->name.text);
        if (declared->statement == statement)
            read_tool(checker, &operations, statement, &tools[declared->index]);
    }
    while ((statement = check_next(checker, statement, STATEMENT_OMIT)))
        read_omit(checker, &operations, statement);
    check_coverage(checker, &operations);
    for (uint32_t i = 0; i < count; i++)
        map_add(&checker->policy->tool_index, tools[i].name, &tools[i]);
    checker->tools = tools;
    checker->marks = arena_array(checker->arena, count, sizeof *checker->marks);
    checker->wrong_selectors = (struct map){.arena = checker->arena};
    checker->schemas = arena_array(checker->arena, count, sizeof *checker->schemas);
    check_resources(checker, tools, count);
    checker->policy->tools = tools;
    checker->policy->tool_count = count;
}

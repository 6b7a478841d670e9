/*
 * Arguments that come from a claim: which tool, which argument.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/argument_schema.h"
#include "compiler/policy/checker.h"

struct place {
    const struct declared *tool;
    struct word argument;
};

static struct word part_of(struct word word, size_t start, size_t end)
{
    struct span span = word.span;
    if (span.end - span.start == word.text.len) {
        span.end = span.start + (uint32_t)end;
        span.start += (uint32_t)start;
    }
    return (struct word){str_part(word.text, start, end), span, word.is_string};
}

/* `getOrders.userId`: names of tools may hold dots too, so the longest one that is declared. */
static struct place find_place(struct checker *checker, const struct statement *statement)
{
    struct word name = statement->name;
    bool is_apart = statement->argument.is_string;
    for (size_t at = name.text.len; at-- > 0;) {
        if (name.text.at[at] != '.' || (is_apart && at + 1 != name.text.len))
            continue;
        struct declared *tool =
            resolve_look(&checker->names, NAME_TOOL, str_part(name.text, 0, at));
        if (tool)
            return (struct place){tool, is_apart ? statement->argument
                                                 : part_of(name, at + 1, name.text.len)};
    }
    size_t dot = str_find(name.text, '.');
    if (dot < name.text.len) {
        resolve_name(&checker->names, NAME_TOOL, part_of(name, 0, dot));
    } else {
        struct diag *diag = diag_error(checker->diags, "bad-value", name.span,
                                       "an argument is named with its tool");
        diag_help(checker->diags, diag, "write: fill TOOL.ARGUMENT from claim \"sub\"");
    }
    return (struct place){0};
}

/* The argument's index, or the count when there is none such: reported. */
static uint32_t find_argument(struct checker *checker, const struct operation *operation,
                              struct word word, struct str tool)
{
    for (uint32_t i = 0; i < operation->argument_count; i++)
        if (str_equal(operation->arguments[i].name, word.text))
            return i;
    struct str *names = arena_array(checker->arena, operation->argument_count, sizeof *names);
    for (uint32_t i = 0; i < operation->argument_count; i++)
        names[i] = operation->arguments[i].name;
    struct diag *diag =
        diag_error(checker->diags, "unknown-argument", word.span,
                   "tool '%.*s' has no argument '%.*s'", STR_ARG(tool), STR_ARG(word.text));
    diag_suggest(checker->diags, diag, "argument", word.text, names, operation->argument_count);
    return operation->argument_count;
}

/* A claim can be anything, but what stands for a caller is no object. */
static void check_type(struct checker *checker, uint32_t tool, struct word word)
{
    struct path path = {&word.text, 1};
    struct argument_place place =
        argument_place_find(check_input_schema(checker, tool), path, checker->arena);
    if (place.is_found && !(place.types & (uint32_t)~(TYPE_OBJECT | TYPE_NULL)))
        diag_error(checker->diags, "type-mismatch", word.span,
                   "argument '%.*s' is an object, and a claim gives a single value",
                   STR_ARG(word.text));
}

static void add_fill(struct checker *checker, struct tool *tool, struct fill fill)
{
    struct str name = tool->operation->arguments[fill.argument].name;
    for (uint32_t i = 0; i < tool->fill_count; i++) {
        if (tool->fills[i].argument != fill.argument)
            continue;
        struct diag *diag = diag_error(checker->diags, "duplicate", fill.origin,
                                       "argument '%.*s' is filled twice", STR_ARG(name));
        diag_note(checker->diags, diag, tool->fills[i].origin, "first filled here");
        return;
    }
    struct fill *fills = arena_array(checker->arena, tool->fill_count + 1, sizeof *fills);
    for (uint32_t i = 0; i < tool->fill_count; i++)
        fills[i] = tool->fills[i];
    fills[tool->fill_count++] = fill;
    tool->fills = fills;
}

void check_fills(struct checker *checker)
{
    const struct statement *statement = NULL;
    while ((statement = check_next(checker, statement, STATEMENT_FILL))) {
        uint32_t claim = check_claim(checker, statement->claim);
        struct place place = find_place(checker, statement);
        if (!place.tool)
            continue;
        struct tool *tool = &checker->tools[place.tool->index];
        if (!tool->operation)
            continue;
        uint32_t argument = find_argument(checker, tool->operation, place.argument, tool->name);
        if (argument == tool->operation->argument_count)
            continue;
        check_type(checker, place.tool->index, place.argument);
        add_fill(checker, tool, (struct fill){argument, claim, statement->span});
    }
}

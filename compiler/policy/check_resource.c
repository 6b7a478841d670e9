/*
 * Checking templates of resources.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/check_resource.h"

#include <ctype.h>
#include <string.h>

#include "compiler/policy/value.h"

struct template
{
    struct checker *checker;
    struct word word;
    const struct operation *operation;
    bool *is_used; /* by argument */
};

static bool refuse(const struct template *template, const char *problem, struct str name)
{
    struct diag *diag =
        diag_error(template->checker->diags, "bad-resource", template->word.span, "%s%s%.*s%s",
                   problem, name.len ? " '" : "", STR_ARG(name), name.len ? "'" : "");
    diag_help(template->checker->diags, diag,
              "write: resource \"mcpp://NAME/pets/{petId}{?status}\"");
    return false;
}

static bool use_variable(const struct template *template, struct str name)
{
    const struct operation *operation = template->operation;
    for (uint32_t i = 0; i < operation->argument_count; i++) {
        const struct argument *argument = &operation->arguments[i];
        if (!str_equal(argument->name, name))
            continue;
        if (!argument->is_single ||
            (argument->place != PLACE_PATH && argument->place != PLACE_QUERY))
            return refuse(template,
                          "the resource's variable is no single value of path or query:", name);
        if (template->is_used[i])
            return refuse(template, "the resource has twice the variable", name);
        template->is_used[i] = true;
        return true;
    }
    return refuse(template, "the tool has no argument", name);
}

/* The expression at `start`, just behind its brace; *end becomes the place of the closing one. */
static bool read_expression(const struct template *template, size_t start, size_t *end)
{
    struct str text = template->word.text;
    bool is_query = start < text.len && text.at[start] == '?';
    *end = start + str_find(str_from(text, start), '}');
    if (*end >= text.len)
        return refuse(template, "a brace of the resource is not closed", (struct str){0});
    if (is_query && *end + 1 != text.len)
        return refuse(template, "'{?…}' is not at the resource's end", (struct str){0});
    struct str names = str_part(text, start + is_query, *end);
    do {
        struct str name = is_query ? str_part(names, 0, str_find(names, ',')) : names;
        if (!use_variable(template, name))
            return false;
        names = name.len < names.len ? str_from(names, name.len + 1) : (struct str){0};
    } while (names.len);
    return true;
}

static bool is_scheme(struct str text)
{
    size_t colon = str_find(text, ':');
    for (size_t i = 0; i < colon && i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte >= 0x80 || !(isalpha(byte) || (i && (isdigit(byte) || strchr("+-.", byte)))))
            return false;
    }
    return colon > 0 && colon + 1 < text.len;
}

static bool read_template(const struct template *template)
{
    struct str text = template->word.text;
    bool follows_variable = false;
    if (!is_scheme(text))
        return refuse(template, "the resource is no URI with a scheme", (struct str){0});
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        bool is_variable = byte == '{' && !(i + 1 < text.len && text.at[i + 1] == '?');
        if (byte == '{') {
            if (is_variable && follows_variable)
                return refuse(template, "nothing is between two variables of the resource",
                              (struct str){0});
            if (!read_expression(template, i + 1, &i))
                return false;
        } else if (byte <= ' ' || byte >= 0x7f || strchr("\"<>\\^`|}?#", byte)) {
            return refuse(template, "the resource has a character that a URI has not",
                          (struct str){0});
        }
        follows_variable = is_variable;
    }
    return true;
}

static bool check_required(const struct template *template)
{
    const struct operation *operation = template->operation;
    for (uint32_t i = 0; i < operation->argument_count; i++)
        if (operation->arguments[i].is_required && !template->is_used[i])
            return refuse(template, "the resource lacks the required argument",
                          operation->arguments[i].name);
    return true;
}

void check_resource(struct checker *checker, const struct setting *setting, struct tool *tool)
{
    const struct operation *operation = tool->operation;
    if (!value_is_single(checker->diags, setting, true) || !operation)
        return;
    struct template template = {
        .checker = checker,
        .word = setting->values.at[0],
        .operation = operation,
        .is_used = arena_array(checker->arena, operation->argument_count + 1, sizeof(bool)),
    };
    if (!str_is(operation->method, "GET"))
        refuse(&template, "only an operation with the method GET is a resource, not",
               operation->method);
    else if (read_template(&template) && check_required(&template))
        tool->resource = template.word.text;
}

void check_resources(struct checker *checker, const struct tool *tools, uint32_t count)
{
    struct map known = {.arena = checker->arena};
    for (uint32_t i = 0; i < count; i++) {
        if (!tools[i].resource.len)
            continue;
        const struct tool *first = map_get(&known, tools[i].resource);
        if (!first) {
            struct tool *copy = arena_new(checker->arena, struct tool);
            *copy = tools[i];
            map_add(&known, tools[i].resource, copy);
            continue;
        }
        struct diag *diag =
            diag_error(checker->diags, "duplicate", tools[i].origin,
                       "two tools are the resource '%.*s'", STR_ARG(tools[i].resource));
        diag_note(checker->diags, diag, first->origin, "first here");
    }
}

/*
 * mcpc doc: prints a file of the standard library, or what there is in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/str.h"
#include "compiler/commands/command.h"
#include "compiler/policy/stdlib.h"

/* The first sentence of the file's comment. */
static struct str summary_of(struct str text, struct arena *arena)
{
    struct str_builder out = {.arena = arena};
    text = str_from(text, str_find(text, '#'));
    while (str_starts(text, "# ")) {
        struct str line = str_part(text, 2, str_find(text, '\n'));
        text = str_from(text, line.len + 3);
        str_add_text(&out, out.len ? " " : "");
        for (size_t i = 0; i < line.len; i++) {
            if (line.at[i] == '.' && (i + 1 == line.len || line.at[i + 1] == ' '))
                return str_built(&out);
            str_add_byte(&out, line.at[i]);
        }
    }
    return str_built(&out);
}

static int print_list(void)
{
    struct arena arena = {0};
    for (const struct stdlib_file *file = stdlib_files; file->name; file++) {
        struct str summary = summary_of(str_of(file->text), &arena);
        printf("<%s>%*s %.*s\n", file->name, (int)(11 - strlen(file->name)), "", STR_ARG(summary));
    }
    arena_free(&arena);
    return EXIT_SUCCESS;
}

/* "<rbac>" or "rbac". */
static struct str without_brackets(struct str name)
{
    return str_starts(name, "<") && str_ends(name, ">") ? str_part(name, 1, name.len - 1) : name;
}

static int print_file(const char *argument)
{
    struct str name = without_brackets(str_of(argument));
    for (const struct stdlib_file *file = stdlib_files; file->name; file++) {
        if (!str_is(name, file->name))
            continue;
        fputs(file->text, stdout);
        return EXIT_SUCCESS;
    }
    fprintf(stderr,
            "mcpc doc: the standard library has no '%.*s'; 'mcpc doc' lists what there is\n",
            STR_ARG(name));
    return EXIT_REFUSED;
}

static int run(int argc, char **argv)
{
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return command_help(&command_doc), EXIT_SUCCESS;
    if (argc == 2 && argv[1][0] == '-')
        return command_usage_error(&command_doc, "unknown option '%s'", argv[1]);
    if (argc > 2)
        return command_usage_error(&command_doc, "there is more than one name");
    return argc == 2 ? print_file(argv[1]) : print_list();
}

static const struct option_help options[] = {
    {"-h, --help", "print this help"},
    {0},
};

const struct command command_doc = {
    .name = "doc",
    .summary = "print a file of the standard library, or list them",
    .usage = "mcpc doc [<NAME>]",
    .options = options,
    .run = run,
};

/*
 * mcpc fmt: lays out policies in the one layout, in place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/file.h"
#include "compiler/commands/command.h"
#include "compiler/policy/format.h"
#include "compiler/policy/parse.h"

/* The exit status for one file. */
static int format_file(const char *name, bool is_check)
{
    struct arena arena = {0};
    struct diag_list diags = {.arena = &arena};
    const char *error;
    int status = EXIT_SUCCESS;
    struct source *source = source_read(&arena, name, &error);
    struct policy_ast ast;
    if (!source) {
        fprintf(stderr, "mcpc fmt: %s: %s\n", name, error);
        status = EXIT_SYSTEM;
    } else if (!policy_parse(source, &arena, &diags, &ast)) {
        diag_print(&diags, stderr);
        status = EXIT_REFUSED;
    } else {
        struct str text = policy_format(&ast, &arena);
        bool is_same = str_equal(text, source->text);
        if (is_check && !is_same) {
            printf("%s\n", name);
            status = EXIT_REFUSED;
        } else if (!is_check && !file_write(&arena, name, text, 0666, &error)) {
            fprintf(stderr, "mcpc fmt: %s: %s\n", name, error);
            status = EXIT_SYSTEM;
        }
    }
    arena_free(&arena);
    return status;
}

static int run(int argc, char **argv)
{
    bool is_check = false, only_files = false;
    int files = 0, worst = EXIT_SUCCESS;
    for (int i = 1; i < argc; i++) {
        if (only_files || argv[i][0] != '-' || strcmp(argv[i], "-") == 0)
            argv[++files] = argv[i];
        else if (strcmp(argv[i], "--") == 0)
            only_files = true;
        else if (strcmp(argv[i], "--check") == 0)
            is_check = true;
        else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return command_help(&command_format), EXIT_SUCCESS;
        else
            return command_usage_error(&command_format, "unknown option '%s'", argv[i]);
    }
    if (files == 0)
        return command_usage_error(&command_format, "no file is given");
    for (int i = 1; i <= files; i++) {
        int status = format_file(argv[i], is_check);
        worst = status > worst ? status : worst;
    }
    return worst;
}

static const struct option_help options[] = {
    {"--check", "change nothing; print the names of files that are laid out otherwise and exit 1"},
    {"-h, --help", "print this help"},
    {0},
};

const struct command command_format = {
    .name = "fmt",
    .summary = "lay out policies in the one layout",
    .usage = "mcpc fmt [--check] FILE...",
    .options = options,
    .run = run,
};

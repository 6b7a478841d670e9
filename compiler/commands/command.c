/*
 * What all commands print alike.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/commands/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_WIDTH_MIN = 16, OPTION_WIDTH_MAX = 32 };

static int option_width(const struct command *command)
{
    size_t width = OPTION_WIDTH_MIN;
    for (const struct option_help *help = command->options; help->option; help++) {
        size_t len = strlen(help->option);
        if (len > width && len <= OPTION_WIDTH_MAX)
            width = len;
    }
    return (int)width;
}

void command_help(const struct command *command)
{
    int width = option_width(command);
    printf("%s\n\nusage: %s\n", command->summary, command->usage);
    if (command->options->option)
        printf("\nOptions:\n");
    for (const struct option_help *help = command->options; help->option; help++) {
        printf("  %-*s", width, help->option);
        if (strlen(help->option) > OPTION_WIDTH_MAX)
            printf("\n  %-*s", width, "");
        printf("  %s\n", help->text);
    }
}

int command_usage_error(const struct command *command, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "mcpc %s: ", command->name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nusage: %s\n'mcpc %s --help' lists the options\n", command->usage,
            command->name);
    return EXIT_USAGE;
}

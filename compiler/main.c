/*
 * mcpc: finds the command and runs it, nothing else. Without a command's name it compiles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "compiler/commands/command.h"

static const struct command *const commands[] = {&command_compile, &command_check,  &command_test,
                                                 &command_explain, &command_doc,    &command_format,
                                                 &command_sync,    &command_keygen, &command_token};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static int print_help(void)
{
    printf("mcpc compiles an OpenAPI document to an MCP server.\n\n"
           "    mcpc openapi.yaml -o petstore.mcpp   the policy, to read and to edit\n"
           "    mcpc petstore.mcpp -o policy.c       the decision tables in C\n"
           "    mcpc openapi.yaml -o petstore        the server program\n\n"
           "Commands:\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        printf("  mcpc %-9s %s\n", commands[i]->name, commands[i]->summary);
    printf(
        "\n'mcpc compile' is what mcpc does when no command is named; 'mcpc COMMAND --help' says "
        "more.\nmcpc --version prints the version.\n");
    return 0;
}

int main(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : "";
    if (argc < 2 || strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 ||
        strcmp(first, "help") == 0) {
        print_help();
        return argc < 2 ? EXIT_USAGE : 0;
    }
    if (strcmp(first, "--version") == 0) {
        printf("mcpc %s\n", MCPP_VERSION);
        return 0;
    }
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(first, commands[i]->name) == 0)
            return commands[i]->run(argc - 1, argv + 1);
    return command_compile.run(argc, argv);
}

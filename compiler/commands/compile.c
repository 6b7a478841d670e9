/*
 * `mcpc INPUT -o OUTPUT`: reads the options; compiler/pipeline.c does the work.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "compiler/commands/command.h"
#include "compiler/pipeline.h"

enum { OPTION_TO = 1, OPTION_DUMP, OPTION_NAME, OPTION_BACKEND, OPTION_VALIDATE, OPTION_HELP };

/* A word of an option and what it stands for. */
struct choice {
    const char *word;
    int value;
};

static bool choose(const struct choice *choices, const char *word, int *value)
{
    for (; choices->word; choices++) {
        if (strcmp(choices->word, word) == 0) {
            *value = choices->value;
            return true;
        }
    }
    return false;
}

static int read_goal(struct pipeline_request *request, const char *word)
{
    static const struct choice goals[] = {
        {"mcpp", GOAL_MCPP}, {"c", GOAL_C}, {"program", GOAL_PROGRAM}, {0}};
    int goal;
    if (!choose(goals, word, &goal))
        return command_usage_error(&command_compile, "--to %s is none of mcpp, c, program", word);
    request->goal = (enum pipeline_goal)goal;
    return 0;
}

static int read_dump(struct pipeline_request *request, const char *word)
{
    static const struct choice stages[] = {{"document", DUMP_DOCUMENT}, {"api", DUMP_API},
                                           {"ast", DUMP_AST},           {"policy", DUMP_POLICY},
                                           {"tables", DUMP_TABLES},     {0}};
    int stage;
    if (!choose(stages, word, &stage))
        return command_usage_error(&command_compile,
                                   "--dump=%s is none of document, api, ast, policy, tables", word);
    request->dump = (enum pipeline_dump)stage;
    return 0;
}

static int read_option(struct pipeline_request *request, int option)
{
    switch (option) {
    case 'o':
        request->output = optarg;
        return 0;
    case OPTION_TO:
        return read_goal(request, optarg);
    case OPTION_DUMP:
        return read_dump(request, optarg);
    case OPTION_NAME:
        request->name = optarg;
        return 0;
    case OPTION_BACKEND:
        request->backend_url = optarg;
        return 0;
    case OPTION_VALIDATE:
        request->validate_tokens = true;
        return 0;
    default:
        return command_usage_error(&command_compile, "unknown option or missing value");
    }
}

/* How far to go, by the suffix of the output's name. */
static int complete(struct pipeline_request *request)
{
    if (request->dump) {
        request->output = request->output ? request->output : "-";
        return 0;
    }
    if (!request->output)
        return command_usage_error(&command_compile,
                                   "-o OUTPUT is needed: a name with .mcpp or .c, a name without "
                                   "suffix for a program, or - with --to");
    if (request->goal == GOAL_PROGRAM && strcmp(request->output, "-") == 0)
        return command_usage_error(&command_compile, "a program cannot go to standard output");
    if (request->goal)
        return 0;
    if (strcmp(request->output, "-") == 0)
        return command_usage_error(&command_compile, "-o - needs --to mcpp or --to c");
    const char *base = strrchr(request->output, '/');
    base = base ? base + 1 : request->output;
    const char *suffix = strrchr(base, '.');
    if (!*base)
        return command_usage_error(&command_compile, "-o '%s' names a folder", request->output);
    if (!suffix)
        return read_goal(request, "program");
    if (strcmp(suffix, ".mcpp") == 0 || strcmp(suffix, ".c") == 0)
        return read_goal(request, suffix + 1);
    return command_usage_error(&command_compile,
                               "the suffix '%s' says nothing to mcpc: use .mcpp, .c or none, "
                               "or add --to mcpp, c or program",
                               suffix);
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"to", required_argument, NULL, OPTION_TO},
        {"dump", required_argument, NULL, OPTION_DUMP},
        {"name", required_argument, NULL, OPTION_NAME},
        {"backend-url", required_argument, NULL, OPTION_BACKEND},
        {"validate-tokens", no_argument, NULL, OPTION_VALIDATE},
        {"help", no_argument, NULL, OPTION_HELP},
        {0}};
    struct pipeline_request request = {0};
    int option, status = 0;
    opterr = 0;
    while (!status && (option = getopt_long(argc, argv, ":o:", options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            command_help(&command_compile);
            return 0;
        }
        if (option == '?' || option == ':')
            return command_usage_error(&command_compile, "%s: '%s'",
                                       option == '?' ? "unknown option" : "missing value",
                                       argv[optind - 1]);
        status = read_option(&request, option);
    }
    if (status)
        return status;
    if (argc - optind != 1)
        return command_usage_error(&command_compile, argc == optind
                                                         ? "an INPUT is needed"
                                                         : "there is more than one INPUT");
    request.input = argv[optind];
    status = complete(&request);
    return status ? status : pipeline_run(&request);
}

static const struct option_help options_help[] = {
    {"-o, --output FILE",
     "where the result goes: NAME.mcpp, NAME.c, a program NAME, or - (stdout)"},
    {"--to mcpp|c|program", "how far to go, whatever the name of the output"},
    {"--name NAME", "the server's name, as MCP clients see it"},
    {"--backend-url URL", "the base URL of the API, in place of the document's"},
    {"--validate-tokens", "HTTP callers must show a token (as `validate tokens` in the policy)"},
    {"--dump=STAGE", "print document, api, ast, policy or tables instead"},
    {"--help", "print this"},
    {0}};

const struct command command_compile = {
    .name = "compile",
    .summary = "Compiles an OpenAPI document or a policy to a policy, to C or to a server program.",
    .usage = "mcpc INPUT -o OUTPUT [OPTIONS]",
    .options = options_help,
    .run = run};

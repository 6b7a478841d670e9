/*
 * `mcpc INPUT -o OUTPUT`: reads the options; compiler/pipeline.c does the work.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/arena.h"
#include "compiler/base/fetch.h"
#include "compiler/commands/command.h"
#include "compiler/lower/tool_name.h"
#include "compiler/pipeline.h"

enum {
    OPTION_TO = 1,
    OPTION_DUMP,
    OPTION_NAME,
    OPTION_BACKEND,
    OPTION_VALIDATE,
    OPTION_NO_VERIFY,
    OPTION_OVERLAY,
    OPTION_INCLUDE,
    OPTION_EXCLUDE,
    OPTION_MAX_NAME,
    OPTION_MAX_DESCRIPTION,
    OPTION_MAX_TOOLS,
    OPTION_REPORT,
    OPTION_FORCE,
    OPTION_CONFIG,
    OPTION_REMOTE,
    OPTION_FETCH_TIMEOUT,
    OPTION_RESOURCES,
    OPTION_RESOURCE_BASE,
    OPTION_NO_OUTPUT,
    OPTION_VALIDATE_OUTPUT,
    OPTION_HELP,
};

enum { DESCRIPTION_MIN = 16, NUMBER_MAX = 1000000, FETCH_TIMEOUT_MAX_S = 3600 };

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
    static const struct choice stages[] = {{"document", DUMP_DOCUMENT},
                                           {"api", DUMP_API},
                                           {"ast", DUMP_AST},
                                           {"policy", DUMP_POLICY},
                                           {"logic", DUMP_LOGIC},
                                           {"tables", DUMP_TABLES},
                                           {"decisions", DUMP_DECISIONS},
                                           {0}};
    int stage;
    if (!choose(stages, word, &stage))
        return command_usage_error(
            &command_compile,
            "--dump=%s is none of document, api, ast, policy, logic, tables, "
            "decisions",
            word);
    request->dump = (enum pipeline_dump)stage;
    return 0;
}

static int read_report(struct pipeline_request *request, const char *word)
{
    static const struct choice forms[] = {{"text", REPORT_TEXT}, {"json", REPORT_JSON}, {0}};
    int form;
    if (!choose(forms, word, &form))
        return command_usage_error(&command_compile, "--report %s is none of text, json", word);
    request->report = (enum report_form)form;
    return 0;
}

static int read_number(const char *option, uint32_t least, uint32_t most, uint32_t *number)
{
    char *end;
    long value = strtol(optarg, &end, 10);
    if (optarg[0] < '0' || optarg[0] > '9' || *end || value < (long)least || value > (long)most)
        return command_usage_error(&command_compile, "%s %s is no number from %u to %u", option,
                                   optarg, least, most);
    *number = (uint32_t)value;
    return 0;
}

static int keep_name(struct name_list *list)
{
    list->at[list->count++] = optarg;
    return 0;
}

static int read_overlay(struct pipeline_request *request)
{
    if (strcmp(optarg, "-") == 0)
        return command_usage_error(&command_compile, "--overlay - : an overlay is a file");
    return keep_name(&request->overlays);
}

/* The options about which operations become tools, and how these look. */
static int read_lower_option(struct pipeline_request *request, int option)
{
    switch (option) {
    case OPTION_OVERLAY:
        return read_overlay(request);
    case OPTION_CONFIG:
        request->config = optarg;
        return 0;
    case OPTION_INCLUDE:
        return keep_name(&request->includes);
    case OPTION_EXCLUDE:
        return keep_name(&request->excludes);
    case OPTION_MAX_NAME:
        return read_number("--max-name", TOOL_NAME_MIN, TOOL_NAME_MAX, &request->max_name);
    case OPTION_MAX_DESCRIPTION:
        return read_number("--max-description", DESCRIPTION_MIN, NUMBER_MAX,
                           &request->max_description);
    case OPTION_RESOURCES:
        request->has_resources = true;
        return 0;
    case OPTION_RESOURCE_BASE:
        request->resource_base = optarg;
        return 0;
    case OPTION_NO_OUTPUT:
        request->results = OUTPUT_WISH_NONE;
        return 0;
    case OPTION_VALIDATE_OUTPUT:
        request->results = OUTPUT_WISH_VALIDATED;
        return 0;
    default:
        return command_usage_error(&command_compile, "unknown option or missing value");
    }
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
    case OPTION_FORCE:
        request->may_overwrite = true;
        return 0;
    case OPTION_REMOTE:
        request->allow_remote_refs = true;
        return 0;
    case OPTION_FETCH_TIMEOUT:
        return read_number("--fetch-timeout", 1, FETCH_TIMEOUT_MAX_S, &request->fetch_timeout_s);
    case OPTION_NO_VERIFY:
        request->skips_verify = true;
        return 0;
    case OPTION_MAX_TOOLS:
        return read_number("--max-tools", 1, NUMBER_MAX, &request->max_tools);
    case OPTION_REPORT:
        return read_report(request, optarg);
    default:
        return read_lower_option(request, option);
    }
}

/* How far to go, by the suffix of the output's name. */
static int complete(struct pipeline_request *request)
{
    if (request->dump) {
        request->output = request->output ? request->output : "-";
        return 0;
    }
    if (request->report && (!request->output || strcmp(request->output, "-") == 0)) {
        if (request->output)
            return command_usage_error(&command_compile,
                                       "--report and the output cannot both go to standard output");
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

/* Sets no input when --help was all that was wanted. */
static int read_arguments(struct pipeline_request *request, int argc, char **argv)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"to", required_argument, NULL, OPTION_TO},
        {"force", no_argument, NULL, OPTION_FORCE},
        {"config", required_argument, NULL, OPTION_CONFIG},
        {"dump", required_argument, NULL, OPTION_DUMP},
        {"name", required_argument, NULL, OPTION_NAME},
        {"backend-url", required_argument, NULL, OPTION_BACKEND},
        {"validate-tokens", no_argument, NULL, OPTION_VALIDATE},
        {"overlay", required_argument, NULL, OPTION_OVERLAY},
        {"include", required_argument, NULL, OPTION_INCLUDE},
        {"exclude", required_argument, NULL, OPTION_EXCLUDE},
        {"max-name", required_argument, NULL, OPTION_MAX_NAME},
        {"max-description", required_argument, NULL, OPTION_MAX_DESCRIPTION},
        {"resources", no_argument, NULL, OPTION_RESOURCES},
        {"resource-base", required_argument, NULL, OPTION_RESOURCE_BASE},
        {"no-output-schema", no_argument, NULL, OPTION_NO_OUTPUT},
        {"validate-output", no_argument, NULL, OPTION_VALIDATE_OUTPUT},
        {"max-tools", required_argument, NULL, OPTION_MAX_TOOLS},
        {"no-verify", no_argument, NULL, OPTION_NO_VERIFY},
        {"report", required_argument, NULL, OPTION_REPORT},
        {"allow-remote-refs", no_argument, NULL, OPTION_REMOTE},
        {"fetch-timeout", required_argument, NULL, OPTION_FETCH_TIMEOUT},
        {"help", no_argument, NULL, OPTION_HELP},
        {0}};
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
        status = read_option(request, option);
    }
    if (status)
        return status;
    if (argc - optind != 1)
        return command_usage_error(&command_compile, argc == optind
                                                         ? "an INPUT is needed"
                                                         : "there is more than one INPUT");
    request->input = argv[optind];
    return complete(request);
}

static int run(int argc, char **argv)
{
    struct arena arena = {0};
    struct pipeline_request request = {.max_tools = PIPELINE_MAX_TOOLS,
                                       .fetch_timeout_s = FETCH_TIMEOUT_S};
    struct name_list *const lists[] = {&request.overlays, &request.includes, &request.excludes};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        lists[i]->at = arena_array(&arena, (size_t)argc, sizeof *lists[i]->at);
    int status = read_arguments(&request, argc, argv);
    if (!status && request.input)
        status = pipeline_run(&request);
    arena_free(&arena);
    return status;
}

static const struct option_help options_help[] = {
    {"-o, --output FILE",
     "where the result goes: NAME.mcpp, NAME.c, a program NAME, or - (stdout)"},
    {"--to mcpp|c|program", "how far to go, whatever the name of the output"},
    {"--force", "replace a policy that says something else"},
    {"--name NAME", "the server's name, as MCP clients see it"},
    {"--backend-url URL", "the base URL of the API, in place of the document's"},
    {"--validate-tokens", "HTTP callers must show a token (as `validate tokens` in the policy)"},
    {"--overlay FILE", "apply an Overlay 1.0 file to the document; repeatable, in order"},
    {"--config FILE", "lower an MCP Generator's fastmcp.json into the policy as well"},
    {"--include SELECTOR",
     "make tools of these only: tag:NAME, path:/pets/**, method:GET, id:getPet*; repeatable"},
    {"--exclude SELECTOR", "make no tools of these operations; repeatable"},
    {"--max-name N", "the longest name of a tool, 8 to 64 (64)"},
    {"--max-description N", "cut descriptions of tools to N characters, at least 16 (as they are)"},
    {"--resources", "make GET operations resources too (mcpp://NAME/…)"},
    {"--resource-base URI", "likewise, with addresses that begin so"},
    {"--no-output-schema", "do not tell clients the schemas of results"},
    {"--validate-output", "a result that does not keep to its schema is an error of the call"},
    {"--max-tools N", "warn when there are more tools (128)"},
    {"--allow-remote-refs", "fetch what http and https references name"},
    {"--fetch-timeout SECONDS", "the longest time for one document that is fetched (30)"},
    {"--report text|json", "print operations, tools, what is left out and why; -o is not needed"},
    {"--no-verify", "do not compare the tables with the policy"},
    {"--dump=STAGE", "print document, api, ast, policy, logic, tables or decisions instead"},
    {"--help", "print this"},
    {0}};

const struct command command_compile = {
    .name = "compile",
    .summary = "compile an OpenAPI document or a policy to a policy, to C or to a server program",
    .usage = "mcpc INPUT -o OUTPUT [OPTIONS]",
    .options = options_help,
    .run = run};

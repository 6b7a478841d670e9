/*
 * `mcpc check INPUT`: everything that can be said against a policy, for people and for programs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <getopt.h>
#include <string.h>

#include "compiler/analysis/analysis.h"
#include "compiler/base/fetch.h"
#include "compiler/commands/command.h"
#include "compiler/pipeline.h"
#include "compiler/tables/layout.h"

enum { OPTION_FORMAT = 1, OPTION_DENY, OPTION_ALLOW, OPTION_REMOTE, OPTION_HELP };

static int read_format(struct pipeline_request *request, const char *word)
{
    static const char *const words[] = {
        [DIAG_FORM_TEXT] = "text", [DIAG_FORM_JSON] = "json", [DIAG_FORM_SARIF] = "sarif"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(word, words[i]) != 0)
            continue;
        request->diagnostics = (enum diag_form)i;
        return 0;
    }
    return command_usage_error(&command_check, "--format %s is none of text, json, sarif", word);
}

static void ask(void *context, const struct pipeline_answer *answer)
{
    (void)context;
    analyse(answer->ast, answer->tables->logic, answer->arena, answer->diags);
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"format", required_argument, NULL, OPTION_FORMAT},
                                            {"deny-warnings", no_argument, NULL, OPTION_DENY},
                                            {"allow", required_argument, NULL, OPTION_ALLOW},
                                            {"allow-remote-refs", no_argument, NULL, OPTION_REMOTE},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    struct pipeline_request request = {
        .max_tools = PIPELINE_MAX_TOOLS, .fetch_timeout_s = FETCH_TIMEOUT_S, .ask = ask};
    struct arena arena = {0};
    int option, status = 0;
    request.allowed.at = arena_array(&arena, (size_t)argc, sizeof *request.allowed.at);
    optind = 0;
    opterr = 0;
    while (!status && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return arena_free(&arena), command_help(&command_check), 0;
        else if (option == OPTION_FORMAT)
            status = read_format(&request, optarg);
        else if (option == OPTION_DENY)
            request.deny_warnings = true;
        else if (option == OPTION_ALLOW)
            request.allowed.at[request.allowed.count++] = optarg;
        else if (option == OPTION_REMOTE)
            request.allow_remote_refs = true;
        else
            status = command_usage_error(&command_check, "unknown option or missing value");
    }
    if (!status && optind + 1 != argc)
        status = command_usage_error(
            &command_check, optind == argc ? "an INPUT is needed" : "there is more than one INPUT");
    request.input = argv[optind];
    status = status ? status : pipeline_run(&request);
    arena_free(&arena);
    return status;
}

static const struct option_help options_help[] = {
    {"--format text|json|sarif",
     "how findings are printed (text, on stderr; the others on stdout)"},
    {"--deny-warnings", "exit 1 when there are warnings"},
    {"--allow SLUG", "say nothing of warnings and notes with this slug; repeatable"},
    {"--allow-remote-refs", "fetch what http and https references name"},
    {"--help", "print this"},
    {0}};

const struct command command_check = {.name = "check",
                                      .summary = "say what can be said against a policy",
                                      .usage = "mcpc check [OPTIONS] INPUT",
                                      .options = options_help,
                                      .run = run};

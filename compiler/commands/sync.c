/*
 * mcpc sync: brings policies up to date with their documents, in place; compiler/sync.c decides
 * what changes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <getopt.h>
#include <string.h>

#include "compiler/base/fetch.h"
#include "compiler/commands/command.h"
#include "compiler/pipeline.h"

enum { OPTION_CHECK = 1, OPTION_REMOTE, OPTION_HELP };

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"check", no_argument, NULL, OPTION_CHECK},
                                            {"allow-remote-refs", no_argument, NULL, OPTION_REMOTE},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    struct pipeline_request request = {
        .goal = GOAL_SYNC, .max_tools = PIPELINE_MAX_TOOLS, .fetch_timeout_s = FETCH_TIMEOUT_S};
    int option, status = 0;
    optind = 0;
    opterr = 0;
    while (!status && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return command_help(&command_sync), 0;
        else if (option == OPTION_CHECK)
            request.only_looks = true;
        else if (option == OPTION_REMOTE)
            request.allow_remote_refs = true;
        else
            status = command_usage_error(&command_sync, "unknown option '%s'", argv[optind - 1]);
    }
    if (!status && optind + 1 != argc)
        status = command_usage_error(
            &command_sync, optind == argc ? "a POLICY is needed" : "there is more than one POLICY");
    if (!status && strcmp(argv[optind], "-") == 0)
        status = command_usage_error(&command_sync, "a policy is changed in its file");
    request.input = argv[optind];
    request.output = argv[optind];
    return status ? status : pipeline_run(&request);
}

static const struct option_help options_help[] = {
    {"--check", "change nothing; print what would change and exit 1 when something would"},
    {"--allow-remote-refs", "fetch what http and https references name"},
    {"--help", "print this"},
    {0}};

const struct command command_sync = {
    .name = "sync",
    .summary = "bring a policy up to date with its document",
    .usage = "mcpc sync [--check] POLICY",
    .options = options_help,
    .run = run,
};

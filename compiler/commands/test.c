/*
 * `mcpc test POLICY`: the tests that a policy has about itself, run on the tables that it compiles
 * to. No server is needed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <getopt.h>
#include <stdio.h>

#include "compiler/base/fetch.h"
#include "compiler/commands/command.h"
#include "compiler/pipeline.h"
#include "compiler/policy/format.h"
#include "compiler/scene/run_tests.h"

/* The statement on one line, without its comments. */
static void print_rule(const struct rule *rule, const char *what)
{
    struct position at = source_position(rule->origin.source, rule->origin.start);
    struct str text = span_text(rule->origin);
    text = str_part(text, 0, str_find(text, '\n'));
    printf("  %.*s:%u: %s: %.*s\n", STR_ARG(rule->origin.source->name), at.line, what,
           STR_ARG(text));
}

/* A rule is covered when it held in a call and did not in another; one without conditions always
 * holds. */
static void print_coverage(const struct policy *policy, const struct test_results *results)
{
    uint32_t covered = 0;
    for (uint32_t i = 0; i < policy->rule_count; i++)
        covered += results->rules[i].held &&
                   (results->rules[i].failed ||
                    (!policy->rules[i].guard.when && !policy->rules[i].guard.unless));
    if (policy->rule_count)
        printf("rule coverage: %u of %u\n", covered, policy->rule_count);
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const struct rule *rule = &policy->rules[i];
        struct rule_coverage coverage = results->rules[i];
        bool is_plain = !rule->guard.when && !rule->guard.unless;
        if (!coverage.held && !coverage.failed)
            print_rule(rule, "never asked");
        else if (!coverage.held)
            print_rule(rule, "never held");
        else if (!coverage.failed && !is_plain)
            print_rule(rule, "always held");
    }
}

static void ask(void *context, const struct pipeline_answer *answer)
{
    const struct policy *policy = answer->tables->source;
    (void)context;
    if (policy->test_count == 0) {
        struct diag *diag =
            diag_error(answer->diags, "no-tests", (struct span){0}, "the policy has no tests");
        diag_help(answer->diags, diag,
                  "write test blocks in the policy, or name files that hold some");
        return;
    }
    struct test_results results = run_tests(answer->tables, answer->arena, answer->diags);
    printf("%u test%s, %u expectation%s, %u failed\n", results.test_count,
           results.test_count == 1 ? "" : "s", results.expectation_count,
           results.expectation_count == 1 ? "" : "s", results.failed_count);
    print_coverage(policy, &results);
    fflush(stdout);
}

enum { OPTION_REMOTE = 1, OPTION_HELP };

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"allow-remote-refs", no_argument, NULL, OPTION_REMOTE},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    struct pipeline_request request = {
        .max_tools = UINT32_MAX, .fetch_timeout_s = FETCH_TIMEOUT_S, .ask = ask};
    int option;
    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return command_help(&command_test), 0;
        if (option != OPTION_REMOTE)
            return command_usage_error(&command_test, "unknown option");
        request.allow_remote_refs = true;
    }
    if (optind == argc)
        return command_usage_error(&command_test, "a POLICY is needed");
    request.input = argv[optind];
    request.tests =
        (struct name_list){(const char **)argv + optind + 1, (uint32_t)(argc - optind - 1)};
    return pipeline_run(&request);
}

static const struct option_help options_help[] = {
    {"--allow-remote-refs", "fetch what http and https references name"},
    {"--help", "print this"},
    {0}};

const struct command command_test = {.name = "test",
                                     .summary = "run a policy's tests, without a server",
                                     .usage = "mcpc test [OPTIONS] POLICY [TESTS.mcpp-test]...",
                                     .options = options_help,
                                     .run = run};

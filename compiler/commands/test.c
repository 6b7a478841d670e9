/*
 * `mcpc test POLICY`: the tests that a policy has about itself, run on the tables that it compiles
 * to. No server is needed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "compiler/base/fetch.h"
#include "compiler/commands/command.h"
#include "compiler/openapi/json_write.h"
#include "compiler/pipeline.h"
#include "compiler/policy/format.h"
#include "compiler/scene/run_tests.h"

enum { GAPS_MAX = 20 }; /* of what tools need; of rules all are listed */

/* ---- coverage ---- */

/* "never asked", "never held", "always held", or NULL when nothing is missing. What has no
 * condition always holds. */
static const char *gap_of(struct test_coverage coverage, bool has_condition)
{
    if (!coverage.held && !coverage.failed)
        return "never asked";
    if (!coverage.held)
        return "never held";
    return coverage.failed || !has_condition ? NULL : "always held";
}

static const char *rule_gap(const struct policy *policy, const struct test_results *results,
                            uint32_t rule)
{
    struct guard guard = policy->rules[rule].guard;
    return gap_of(results->rules[rule], guard.when || guard.unless);
}

static bool needs_something(const struct tool *tool)
{
    return tool->needs->kind != CONDITION_NOTHING;
}

static const char *needs_gap(const struct policy *policy, const struct test_results *results,
                             uint32_t tool)
{
    return needs_something(&policy->tools[tool]) ? gap_of(results->needs[tool], true) : NULL;
}

/* The statement on one line, without its comments. */
static struct str first_line(struct span origin)
{
    struct str text = span_text(origin);
    return str_part(text, 0, str_find(text, '\n'));
}

/* ---- text ---- */

static void print_gap(struct span origin, const char *gap)
{
    struct position at = source_position(origin.source, origin.start);
    printf("  %.*s:%u: %s: %.*s\n", STR_ARG(origin.source->name), at.line, gap,
           STR_ARG(first_line(origin)));
}

static void print_rules(const struct policy *policy, const struct test_results *results)
{
    uint32_t covered = 0;
    for (uint32_t i = 0; i < policy->rule_count; i++)
        covered += !rule_gap(policy, results, i);
    if (policy->rule_count)
        printf("rule coverage: %u of %u\n", covered, policy->rule_count);
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const char *gap = rule_gap(policy, results, i);
        if (gap)
            print_gap(policy->rules[i].origin, gap);
    }
}

static void print_needs(const struct policy *policy, const struct test_results *results)
{
    uint32_t covered = 0, all = 0, gaps = 0;
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        all += needs_something(&policy->tools[i]);
        covered += needs_something(&policy->tools[i]) && !needs_gap(policy, results, i);
    }
    if (all)
        printf("needs coverage: %u of %u\n", covered, all);
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        const char *gap = needs_gap(policy, results, i);
        if (gap && gaps++ < GAPS_MAX)
            print_gap(policy->tools[i].origin, gap);
    }
    if (gaps > GAPS_MAX)
        printf("  … and %u more\n", gaps - GAPS_MAX);
}

static void print_text(const struct policy *policy, const struct test_results *results)
{
    printf("%u test%s, %u expectation%s, %u failed\n", results->test_count,
           results->test_count == 1 ? "" : "s", results->expectation_count,
           results->expectation_count == 1 ? "" : "s", results->failed_count);
    print_rules(policy, results);
    print_needs(policy, results);
}

/* ---- JSON ---- */

static void put_coverage(struct span origin, struct test_coverage coverage, const char **joint,
                         struct str_builder *out)
{
    struct position at = source_position(origin.source, origin.start);
    str_add_format(out, "%s\n    {\"statement\": ", *joint);
    json_write_string(out, first_line(origin));
    str_add_format(out, ", \"held\": %u, \"failed\": %u, \"at\": {\"file\": ", coverage.held,
                   coverage.failed);
    json_write_string(out, origin.source->name);
    str_add_format(out, ", \"line\": %u, \"column\": %u}}", at.line, at.column);
    *joint = ",";
}

static void print_json(const struct policy *policy, const struct test_results *results,
                       const struct diag_list *diags)
{
    struct str_builder out = {.arena = diags->arena};
    const struct diag *const *sorted = diag_sorted(diags);
    const char *joint = "";
    str_add_format(&out,
                   "{\n  \"mcpc\": \"%s\", \"tests\": %u, \"expectations\": %u, \"failed\": %u,\n"
                   "  \"diagnostics\": [",
                   MCPP_VERSION, results->test_count, results->expectation_count,
                   results->failed_count);
    for (size_t i = 0; i < diags->items.count; i++) {
        str_add_text(&out, i ? ",\n    " : "\n    ");
        diag_form_object(sorted[i], &out);
    }
    str_add_text(&out, "],\n  \"rules\": [");
    for (uint32_t i = 0; i < policy->rule_count; i++)
        put_coverage(policy->rules[i].origin, results->rules[i], &joint, &out);
    str_add_text(&out, "],\n  \"needs\": [");
    joint = "";
    for (uint32_t i = 0; i < policy->tool_count; i++)
        if (needs_something(&policy->tools[i]))
            put_coverage(policy->tools[i].origin, results->needs[i], &joint, &out);
    str_add_text(&out, "]\n}\n");
    fwrite(out.at, 1, out.len, stdout);
}

/* ---- running ---- */

static void ask(void *context, const struct pipeline_answer *answer)
{
    const struct policy *policy = answer->tables->source;
    const bool *is_json = context;
    if (policy->test_count == 0) {
        struct diag *diag =
            diag_error(answer->diags, "no-tests", (struct span){0}, "the policy has no tests");
        diag_help(answer->diags, diag,
                  "write test blocks in the policy, or name files that hold some");
        return;
    }
    struct test_results results = run_tests(answer->tables, answer->arena, answer->diags);
    if (*is_json)
        print_json(policy, &results, answer->diags);
    else
        print_text(policy, &results);
    fflush(stdout);
}

enum { OPTION_FORMAT = 1, OPTION_REMOTE, OPTION_HELP };

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"format", required_argument, NULL, OPTION_FORMAT},
                                            {"allow-remote-refs", no_argument, NULL, OPTION_REMOTE},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    bool is_json = false;
    struct pipeline_request request = {.max_tools = UINT32_MAX,
                                       .fetch_timeout_s = FETCH_TIMEOUT_S,
                                       .ask = ask,
                                       .context = &is_json};
    int option;
    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return command_help(&command_test), 0;
        if (option == OPTION_FORMAT && strcmp(optarg, "json") != 0 && strcmp(optarg, "text") != 0)
            return command_usage_error(&command_test, "--format %s is none of text, json", optarg);
        else if (option == OPTION_FORMAT)
            is_json = strcmp(optarg, "json") == 0;
        else if (option == OPTION_REMOTE)
            request.allow_remote_refs = true;
        else
            return command_usage_error(&command_test, "unknown option or missing value");
    }
    if (optind == argc)
        return command_usage_error(&command_test, "a POLICY is needed");
    request.input = argv[optind];
    request.tests =
        (struct name_list){(const char **)argv + optind + 1, (uint32_t)(argc - optind - 1)};
    return pipeline_run(&request);
}

static const struct option_help options_help[] = {
    {"--format text|json", "what stdout holds: a summary for people, or one JSON object"},
    {"--allow-remote-refs", "fetch what http and https references name"},
    {"--help", "print this"},
    {0}};

const struct command command_test = {.name = "test",
                                     .summary = "run a policy's tests, without a server",
                                     .usage = "mcpc test [OPTIONS] POLICY [TESTS.mcpp-test]...",
                                     .options = options_help,
                                     .run = run};

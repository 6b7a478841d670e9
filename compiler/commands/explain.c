/*
 * `mcpc explain POLICY --call TOOL`: what the policy decides about one call, why, and what would
 * change it.
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
#include "compiler/scene/explain.h"
#include "compiler/scene/token_claims.h"

enum {
    OPTION_CALL = 1,
    OPTION_ARG,
    OPTION_TOKEN,
    OPTION_SCOPE,
    OPTION_ROLE,
    OPTION_CLAIM,
    OPTION_VERIFIER,
    OPTION_TRANSPORT,
    OPTION_REMOTE,
    OPTION_HELP,
};

/* NAME=VALUE as it was given. */
struct pair {
    struct str name, value;
};

struct question {
    struct arena arena;
    const char *tool, *token_file;
    struct scene_caller caller;
    struct str *scopes, *roles;
    struct pair *arguments, *claims;
    uint32_t argument_count, claim_count;
};

/* ---- values ---- */

/* JSON as it is; anything else is a text. */
static struct str json_of(struct arena *arena, struct str text)
{
    struct evaluate_json json;
    struct str wrapped = str_format(arena, "{\"v\":%.*s}", STR_ARG(text));
    struct str_builder out = {.arena = arena};
    if (scene_scan(wrapped, arena, &json))
        return text;
    json_write_string(&out, text);
    return str_built(&out);
}

static struct str arguments_of(struct question *question)
{
    struct str_builder out = {.arena = &question->arena};
    str_add_byte(&out, '{');
    for (uint32_t i = 0; i < question->argument_count; i++) {
        str_add_text(&out, i ? "," : "");
        json_write_string(&out, question->arguments[i].name);
        str_add_byte(&out, ':');
        str_add(&out, json_of(&question->arena, question->arguments[i].value));
    }
    str_add_byte(&out, '}');
    return str_built(&out);
}

/* Paths become objects, as in a policy. */
static struct str claims_of(struct question *question)
{
    struct arena *arena = &question->arena;
    struct claim_value *claims = arena_array(arena, question->claim_count + 1, sizeof *claims);
    for (uint32_t i = 0; i < question->claim_count; i++) {
        struct str json = json_of(arena, question->claims[i].value);
        claims[i] =
            (struct claim_value){.path = {.text = question->claims[i].name, .is_string = true},
                                 /* a number is written as it is */
                                 .value = {.kind = VALUE_NUMBER, .word = {.text = json}}};
    }
    return policy_claims_json(claims, question->claim_count, arena);
}

/* ---- asking ---- */

static bool read_token(struct question *question, const struct pipeline_answer *answer)
{
    struct str claims;
    const char *error;
    struct source *source = source_read(&question->arena, question->token_file, &error);
    if (!source || !token_claims_read(source->text, &question->arena, &claims, &error)) {
        diag_error(answer->diags, "bad-token", (struct span){0}, "'%s': %s", question->token_file,
                   error);
        return false;
    }
    if (token_claims_caller(answer->tables->source, claims, question->caller.transport,
                            &question->arena, &question->caller))
        return true;
    diag_error(answer->diags, "bad-token", (struct span){0},
               "no accepted verifier has the issuer of '%s': the server answers 401",
               question->token_file);
    return false;
}

static void ask(void *context, const struct pipeline_answer *answer)
{
    struct question *question = context;
    const struct policy *policy = answer->tables->source;
    struct str_builder out = {.arena = &question->arena};
    uint32_t tool = policy_tool(policy, str_of(question->tool));
    if (tool >= policy->tool_count) {
        struct str *names = arena_array(answer->arena, policy->tool_count + 1, sizeof *names);
        for (uint32_t i = 0; i < policy->tool_count; i++)
            names[i] = policy->tools[i].name;
        struct diag *diag = diag_error(answer->diags, "unknown-tool", (struct span){0},
                                       "no tool '%s' is declared", question->tool);
        diag_suggest(answer->diags, diag, "tool", str_of(question->tool), names,
                     policy->tool_count);
        return;
    }
    if (question->token_file && !read_token(question, answer))
        return;
    if (!question->token_file)
        question->caller.claims = claims_of(question);
    if (!explain(answer->tables, &question->caller, tool, arguments_of(question), &question->arena,
                 &out))
        diag_error(answer->diags, "bad-value", (struct span){0},
                   "the claims or the arguments name one value twice");
    else
        fwrite(out.at, 1, out.len, stdout);
}

/* ---- options ---- */

static int add_pair(struct pair *pairs, uint32_t *count, const char *option)
{
    const char *equals = strchr(optarg, '=');
    if (!equals || equals == optarg)
        return command_usage_error(&command_explain, "'%s %s' is not NAME=VALUE", option, optarg);
    pairs[(*count)++] = (struct pair){{optarg, (size_t)(equals - optarg)}, str_of(equals + 1)};
    return 0;
}

static int read_caller_option(struct question *question, int option)
{
    struct scene_caller *caller = &question->caller;
    caller->has_token |= option != OPTION_TRANSPORT;
    switch (option) {
    case OPTION_TOKEN:
        question->token_file = optarg;
        return 0;
    case OPTION_SCOPE:
        question->scopes[caller->scope_count++] = str_of(optarg);
        return 0;
    case OPTION_ROLE:
        question->roles[caller->role_count++] = str_of(optarg);
        return 0;
    case OPTION_CLAIM:
        return add_pair(question->claims, &question->claim_count, "--claim");
    case OPTION_VERIFIER:
        caller->verifier = str_of(optarg);
        return 0;
    default:
        caller->transport = str_of(optarg);
        if (str_is(caller->transport, "http") || str_is(caller->transport, "stdio"))
            return 0;
        return command_usage_error(&command_explain, "--transport %s is none of http, stdio",
                                   optarg);
    }
}

static int read_option(struct question *question, struct pipeline_request *request, int option)
{
    switch (option) {
    case OPTION_CALL:
        question->tool = optarg;
        return 0;
    case OPTION_ARG:
        return add_pair(question->arguments, &question->argument_count, "--arg");
    case OPTION_REMOTE:
        request->allow_remote_refs = true;
        return 0;
    case '?':
        return command_usage_error(&command_explain, "unknown option or missing value");
    default:
        return read_caller_option(question, option);
    }
}

/* -1: --help was answered. */
static int read_arguments(struct question *question, struct pipeline_request *request, int argc,
                          char **argv)
{
    static const struct option options[] = {
        {"call", required_argument, NULL, OPTION_CALL},
        {"arg", required_argument, NULL, OPTION_ARG},
        {"token", required_argument, NULL, OPTION_TOKEN},
        {"scope", required_argument, NULL, OPTION_SCOPE},
        {"role", required_argument, NULL, OPTION_ROLE},
        {"claim", required_argument, NULL, OPTION_CLAIM},
        {"verifier", required_argument, NULL, OPTION_VERIFIER},
        {"transport", required_argument, NULL, OPTION_TRANSPORT},
        {"allow-remote-refs", no_argument, NULL, OPTION_REMOTE},
        {"help", no_argument, NULL, OPTION_HELP},
        {0}};
    int option, status = 0;
    optind = 0;
    opterr = 0;
    while (!status && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return command_help(&command_explain), -1;
        status = read_option(question, request, option);
    }
    bool has_parts = question->caller.scope_count || question->caller.role_count ||
                     question->claim_count || question->caller.verifier.len;
    if (!status && optind + 1 != argc)
        status =
            command_usage_error(&command_explain, optind == argc ? "a POLICY is needed"
                                                                 : "there is more than one POLICY");
    if (!status && !question->tool)
        status = command_usage_error(&command_explain, "--call TOOL is needed");
    if (!status && question->token_file && has_parts)
        status = command_usage_error(&command_explain,
                                     "--token FILE says all about the token by itself");
    request->input = argv[optind];
    return status;
}

static int run(int argc, char **argv)
{
    struct question question = {.caller.transport = STR("http")};
    struct arena *arena = &question.arena;
    question.scopes = arena_array(arena, (size_t)argc, sizeof *question.scopes);
    question.roles = arena_array(arena, (size_t)argc, sizeof *question.roles);
    question.claims = arena_array(arena, (size_t)argc, sizeof *question.claims);
    question.arguments = arena_array(arena, (size_t)argc, sizeof *question.arguments);
    question.caller.scopes = question.scopes;
    question.caller.roles = question.roles;
    struct pipeline_request request = {.max_tools = UINT32_MAX,
                                       .fetch_timeout_s = FETCH_TIMEOUT_S,
                                       .ask = ask,
                                       .context = &question};
    int status = read_arguments(&question, &request, argc, argv);
    if (!status)
        status = pipeline_run(&request);
    arena_free(arena);
    return status < 0 ? 0 : status;
}

static const struct option_help options_help[] = {
    {"--call TOOL", "the tool that is called; needed"},
    {"--arg NAME=VALUE", "an argument: JSON, else a text; repeatable"},
    {"--token FILE", "the caller's token, a JWT (not verified) or its claims as JSON"},
    {"--scope SCOPE", "instead: a scope that the token carries; repeatable"},
    {"--role ROLE", "a role that the token lists; repeatable"},
    {"--claim PATH=VALUE", "a claim: JSON, else a text; repeatable"},
    {"--verifier NAME", "which verifier accepts the token (the first)"},
    {"--transport http|stdio",
     "how the call comes (http); without a token nobody, or the operator"},
    {"--allow-remote-refs", "fetch what http and https references name"},
    {"--help", "print this"},
    {0}};

const struct command command_explain = {
    .name = "explain",
    .summary = "say what a policy decides about a call, why, and what would change it",
    .usage = "mcpc explain [OPTIONS] --call TOOL POLICY",
    .options = options_help,
    .run = run};

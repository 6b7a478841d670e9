/*
 * Checks a policy against the API that it speaks about, and resolves every name in it. Its parts
 * are in the other check_….c of this folder.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/check.h"

#include "compiler/policy/checker.h"
#include "compiler/policy/text.h"
#include "compiler/policy/value.h"
#include "compiler/policy/version.h"

const struct statement *check_next(const struct checker *checker, const struct statement *previous,
                                   enum statement_kind kind)
{
    const struct policy_ast *ast = checker->ast;
    for (size_t i = previous ? (size_t)(previous - ast->statements) + 1 : 0;
         i < ast->statement_count; i++)
        if (ast->statements[i].kind == kind)
            return &ast->statements[i];
    return NULL;
}

const struct statement *check_only(struct checker *checker, enum statement_kind kind)
{
    const struct statement *first = check_next(checker, NULL, kind), *next = first;
    while (next && (next = check_next(checker, next, kind))) {
        struct diag *diag = diag_error(checker->diags, "duplicate", next->span,
                                       "a statement that may stand only once");
        diag_note(checker->diags, diag, first->span, "first written here");
    }
    return first;
}

static void check_api_statement(struct checker *checker)
{
    checker->api = check_only(checker, STATEMENT_API);
    if (checker->api)
        return;
    struct diag *diag =
        diag_error(checker->diags, "missing-api", (struct span){checker->ast->source, 0, 0},
                   "the policy does not name its OpenAPI document");
    diag_help(checker->diags, diag, "add: api \"openapi.yaml\"");
}

static void check_server_name(struct checker *checker)
{
    checker->server = check_only(checker, STATEMENT_SERVER);
    struct policy *policy = checker->policy;
    if (!checker->server) {
        policy->server_name = value_server_name(checker->arena, policy->api->title);
        return;
    }
    struct word name = checker->server->name;
    if (name.text.len == 0 || !text_is_printable(name.text))
        diag_error(checker->diags, "bad-value", name.span, "no name for a server");
    policy->server_name = name.text;
}

static struct str without_slash(struct str url)
{
    while (str_ends(url, "/"))
        url.len--;
    return url;
}

static void check_backend(struct checker *checker)
{
    checker->backend = check_only(checker, STATEMENT_BACKEND);
    if (!checker->backend)
        checker->policy->backend = checker->policy->api->server;
    else if (value_check_url(checker->diags, checker->backend->name, false))
        checker->policy->backend = without_slash(checker->backend->name.text);
}

/* Includes and presets were resolved before: what is left of them cannot be ignored. */
static void refuse_includes(struct checker *checker)
{
    static const enum statement_kind kinds[] = {STATEMENT_INCLUDE, STATEMENT_PARAMETER,
                                                STATEMENT_PRESET};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct statement *statement = check_next(checker, NULL, kinds[i]);
        if (statement)
            diag_error(checker->diags, "internal-error", statement->span,
                       "the statement was not resolved");
    }
}

/* The texts that the policy was read from: none where it was lowered just now. */
static void set_inputs(struct checker *checker)
{
    const struct policy_ast *ast = checker->ast;
    struct policy *policy = checker->policy;
    const struct source **inputs = arena_array(checker->arena, 1, sizeof *inputs);
    inputs[0] = ast->source;
    policy->inputs = ast->source_count ? ast->sources : inputs;
    policy->input_count = ast->source_count ? ast->source_count : 1;
    if (!ast->source || ast->source == policy->api->source)
        policy->input_count = 0;
}

bool policy_check(const struct policy_ast *ast, const struct api *api, struct arena *arena,
                  struct diag_list *diags, struct policy *out)
{
    uint32_t errors_before = diags->error_count;
    *out = (struct policy){.api = api,
                           .scope_index = {.arena = arena},
                           .role_index = {.arena = arena},
                           .verifier_index = {.arena = arena},
                           .claim_index = {.arena = arena},
                           .tool_index = {.arena = arena}};
    struct checker checker = {.ast = ast, .arena = arena, .diags = diags, .policy = out};
    check_only(&checker, STATEMENT_VERSION);
    version_check(ast, diags);
    check_api_statement(&checker);
    check_server_name(&checker);
    check_backend(&checker);
    checker.accept = check_only(&checker, STATEMENT_ACCEPT);
    checker.validate = check_only(&checker, STATEMENT_VALIDATE);
    out->validate_tokens = checker.validate != NULL;
    resolve_declarations(ast, arena, diags, &checker.names);
    refuse_includes(&checker);
    check_scopes(&checker);
    check_verifiers(&checker);
    check_roles(&checker);
    check_tools(&checker);
    check_fills(&checker);
    check_rules(&checker);
    check_limits(&checker);
    check_sends(&checker);
    check_tests(&checker);
    check_finish_claims(&checker);
    set_inputs(&checker);
    return diags->error_count == errors_before;
}

uint32_t policy_scope(const struct policy *policy, struct str name)
{
    const struct scope *scope = map_get(&policy->scope_index, name);
    return (uint32_t)(scope - policy->scopes);
}

uint32_t policy_role(const struct policy *policy, struct str name)
{
    const struct role *role = map_get(&policy->role_index, name);
    return (uint32_t)(role - policy->roles);
}

uint32_t policy_verifier(const struct policy *policy, struct str name)
{
    const struct verifier *verifier = map_get(&policy->verifier_index, name);
    return (uint32_t)(verifier - policy->verifiers);
}

uint32_t policy_claim(const struct policy *policy, struct str text)
{
    const struct claim *claim = map_get(&policy->claim_index, text);
    return (uint32_t)(claim - policy->claims);
}

uint32_t policy_tool(const struct policy *policy, struct str name)
{
    const struct tool *tool = map_get(&policy->tool_index, name);
    return tool ? (uint32_t)(tool - policy->tools) : policy->tool_count;
}

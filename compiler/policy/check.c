/*
 * Checks a policy against the API that it speaks about, and resolves every name in it. Its parts
 * are in check_scope.c, check_verifier.c, check_tool.c and check_credential.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/check.h"

#include "compiler/policy/checker.h"
#include "compiler/policy/text.h"
#include "compiler/policy/value.h"

enum { LANGUAGE_VERSION = 1 };

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

/* The one statement of this kind, or NULL; a second one is reported. */
static const struct statement *only(struct checker *checker, enum statement_kind kind)
{
    const struct statement *first = check_next(checker, NULL, kind), *next = first;
    while (next && (next = check_next(checker, next, kind))) {
        struct diag *diag = diag_error(checker->diags, "duplicate", next->span,
                                       "a statement that may stand only once");
        diag_note(checker->diags, diag, first->span, "first written here");
    }
    return first;
}

static void check_version(struct checker *checker)
{
    const struct policy_ast *ast = checker->ast;
    const struct statement *version = only(checker, STATEMENT_VERSION);
    if (!version || version != ast->statements) {
        struct span span =
            ast->statement_count ? ast->statements[0].span : (struct span){ast->source, 0, 0};
        struct diag *diag = diag_error(checker->diags, "missing-version", span,
                                       "the policy does not begin with its language version");
        diag_help(checker->diags, diag, "begin with: mcpp %d", LANGUAGE_VERSION);
    }
    if (version && version->number != LANGUAGE_VERSION) {
        struct diag *diag =
            diag_error(checker->diags, "unsupported-version", version->name.span,
                       "no version '%.*s' of the language is known", STR_ARG(version->name.text));
        diag_help(checker->diags, diag, "this mcpc knows version %d", LANGUAGE_VERSION);
    }
}

static void check_api_statement(struct checker *checker)
{
    checker->api = only(checker, STATEMENT_API);
    if (checker->api)
        return;
    struct diag *diag =
        diag_error(checker->diags, "missing-api", (struct span){checker->ast->source, 0, 0},
                   "the policy does not name its OpenAPI document");
    diag_help(checker->diags, diag, "add: api \"openapi.yaml\"");
}

static void check_server_name(struct checker *checker)
{
    checker->server = only(checker, STATEMENT_SERVER);
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
    checker->backend = only(checker, STATEMENT_BACKEND);
    if (!checker->backend)
        checker->policy->backend = checker->policy->api->server;
    else if (value_check_url(checker->diags, checker->backend->name, false))
        checker->policy->backend = without_slash(checker->backend->name.text);
}

bool policy_check(const struct policy_ast *ast, const struct api *api, struct arena *arena,
                  struct diag_list *diags, struct policy *out)
{
    uint32_t errors_before = diags->error_count;
    *out = (struct policy){.api = api, .scope_index = {.arena = arena}};
    struct checker checker = {.ast = ast, .arena = arena, .diags = diags, .policy = out};
    check_version(&checker);
    check_api_statement(&checker);
    check_server_name(&checker);
    check_backend(&checker);
    checker.accept = only(&checker, STATEMENT_ACCEPT);
    checker.validate = only(&checker, STATEMENT_VALIDATE);
    out->validate_tokens = checker.validate != NULL;
    resolve_declarations(ast, arena, diags, &checker.names);
    check_scopes(&checker);
    check_verifiers(&checker);
    check_tools(&checker);
    check_credentials(&checker);
    const struct source **inputs = arena_array(arena, 1, sizeof *inputs);
    inputs[0] = ast->source;
    out->inputs = inputs;
    out->input_count = ast->source && ast->source != api->source;
    return diags->error_count == errors_before;
}

uint32_t policy_scope(const struct policy *policy, struct str name)
{
    const struct scope *scope = map_get(&policy->scope_index, name);
    return (uint32_t)(scope - policy->scopes);
}

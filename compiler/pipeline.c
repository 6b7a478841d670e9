/*
 * The compiler from end to end:
 *
 *     openapi.yaml ──lower──▶ policy text ──parse, check──▶ policy ──tables──▶ tables ──emit──▶ C
 *
 * A document is lowered, printed and parsed again, so that there is one way into the checker and
 * what is compiled is exactly what `-o api.mcpp` would show.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/base/fetch.h"
#include "compiler/base/file.h"
#include "compiler/base/url.h"
#include "compiler/commands/command.h"
#include "compiler/commands/link.h"
#include "compiler/emit/emit.h"
#include "compiler/logic/logic_dump.h"
#include "compiler/lower/lower.h"
#include "compiler/many_tools.h"
#include "compiler/openapi/document_dump.h"
#include "compiler/openapi/model_dump.h"
#include "compiler/openapi/overlay.h"
#include "compiler/override.h"
#include "compiler/paths.h"
#include "compiler/policy/format.h"
#include "compiler/policy/include.h"
#include "compiler/policy/parse.h"
#include "compiler/policy/policy_dump.h"
#include "compiler/report.h"
#include "compiler/sync.h"
#include "compiler/tables/decision_dump.h"
#include "compiler/tables/tables_dump.h"
#include "compiler/tables/verify.h"

struct pipeline {
    const struct pipeline_request *request;
    struct arena arena;
    struct diag_list diags;
    struct fetcher *fetcher;
    struct document document;
    struct api api;
    struct policy_ast ast;   /* as it is written */
    struct policy_ast whole; /* with what it includes */
    struct policy policy;
    struct logic logic;
    struct tables tables;
    bool is_lowered;
    bool is_system_error; /* a file could not be read or written */
    struct str_builder dumped;
};

/* ---- files ---- */

/* A file, or what is at a URL. */
static struct source *read_source(struct pipeline *pipe, const char *name, struct span named_at)
{
    const char *error;
    bool is_url = url_is_http(str_of(name));
    if (url_is_insecure(str_of(name)))
        diag_warning(&pipe->diags, "insecure-url", named_at,
                     "'%s' is fetched without TLS: anybody on the way can change it", name);
    struct source *source = is_url ? fetcher_read(pipe->fetcher, str_of(name), NULL, &error)
                                   : source_read(&pipe->arena, name, &error);
    if (!source) {
        diag_error(&pipe->diags, is_url ? "cannot-fetch" : "cannot-read", named_at,
                   "cannot %s '%s': %s", is_url ? "fetch" : "read", name, error);
        pipe->is_system_error |= !named_at.source;
    }
    return source;
}

static bool write_output(struct pipeline *pipe, struct str text)
{
    const char *error;
    if (file_write(&pipe->arena, pipe->request->output, text, 0666, &error))
        return true;
    diag_error(&pipe->diags, "cannot-write", (struct span){0}, "cannot write '%s': %s",
               pipe->request->output, error);
    pipe->is_system_error = true;
    return false;
}

/* ---- the stages ---- */

/* True when the dump of this border is what was asked for: it is written, and nothing else is to
 * be done. */
static bool is_dumped(struct pipeline *pipe, enum pipeline_dump border)
{
    if (pipe->request->dump != border)
        return false;
    struct str_builder *out = &pipe->dumped;
    if (border == DUMP_DOCUMENT)
        document_dump(&pipe->document, out);
    else if (border == DUMP_API)
        api_dump(&pipe->api, out);
    else if (border == DUMP_AST)
        ast_dump(&pipe->ast, out);
    else if (border == DUMP_POLICY)
        policy_dump(&pipe->policy, out);
    else if (border == DUMP_LOGIC)
        logic_dump(&pipe->logic, out);
    else if (border == DUMP_TABLES)
        tables_dump(&pipe->tables, out);
    else
        decision_dump(&pipe->tables, out);
    write_output(pipe, str_built(out));
    return true;
}

static bool apply_overlay(struct pipeline *pipe, const char *name, struct span named_at)
{
    struct document overlay;
    struct source *source = read_source(pipe, name, named_at);
    return source && document_read(source, &pipe->arena, &pipe->diags, &overlay) &&
           overlay_apply(&pipe->document, &overlay, &pipe->arena, &pipe->diags);
}

/* Those of the command line, and those that the policy names, relative to it. */
static bool apply_overlays(struct pipeline *pipe)
{
    struct arena *arena = &pipe->arena;
    const struct name_list *names = &pipe->request->overlays;
    for (uint32_t i = 0; i < names->count; i++)
        if (!apply_overlay(pipe, names->at[i], (struct span){0}))
            return false;
    for (uint32_t i = 0; i < pipe->ast.statement_count; i++) {
        const struct statement *statement = &pipe->ast.statements[i];
        if (statement->kind != STATEMENT_OVERLAY)
            continue;
        const char *path = paths_beside(arena, pipe->ast.source->name, statement->name.text);
        if (!apply_overlay(pipe, path, statement->name.span))
            return false;
    }
    return true;
}

static bool read_api(struct pipeline *pipe, struct source *source)
{
    if (!document_read(source, &pipe->arena, &pipe->diags, &pipe->document))
        return false;
    pipe->document.fetcher = pipe->request->allow_remote_refs ? pipe->fetcher : NULL;
    return apply_overlays(pipe) && !is_dumped(pipe, DUMP_DOCUMENT) &&
           model_build(&pipe->document, &pipe->arena, &pipe->diags, &pipe->api) &&
           !is_dumped(pipe, DUMP_API);
}

static const struct str *overlay_names(struct pipeline *pipe, struct str policy)
{
    const struct name_list *names = &pipe->request->overlays;
    struct str *written = arena_array(&pipe->arena, names->count + 1, sizeof *written);
    for (uint32_t i = 0; i < names->count; i++)
        written[i] = paths_of_api(&pipe->arena, str_of(names->at[i]), policy);
    return written;
}

static bool read_config(struct pipeline *pipe, const char *name, struct config *config)
{
    struct document document;
    struct source *source = read_source(pipe, name, (struct span){0});
    return source && document_read(source, &pipe->arena, &pipe->diags, &document) &&
           config_read(&document, &pipe->arena, &pipe->diags, config);
}

static bool lower(struct pipeline *pipe)
{
    const struct pipeline_request *request = pipe->request;
    struct str input = str_of(request->input);
    struct str output = str_of(request->output ? request->output : "-");
    bool is_file = request->goal == GOAL_MCPP && !str_is(output, "-");
    struct str policy = is_file ? output : (struct str){0};
    static const enum lower_output outputs[] = {
        [OUTPUT_WISH_LISTED] = LOWER_OUTPUT_LISTED,
        [OUTPUT_WISH_NONE] = LOWER_OUTPUT_NONE,
        [OUTPUT_WISH_VALIDATED] = LOWER_OUTPUT_VALIDATED,
    };
    struct config config;
    if (request->config && !read_config(pipe, request->config, &config))
        return false;
    struct lower_options options = {
        .config = request->config ? &config : NULL,
        .api_name = paths_of_api(&pipe->arena, input, policy),
        .server_name = request->name ? str_of(request->name) : (struct str){0},
        .backend = request->backend_url ? str_of(request->backend_url) : (struct str){0},
        .validate_tokens = request->validate_tokens,
        .overlay_names = overlay_names(pipe, policy),
        .overlay_count = request->overlays.count,
        .selection = {request->includes.at, request->excludes.at, request->includes.count,
                      request->excludes.count},
        .max_name = request->max_name,
        .max_description = request->max_description,
        .has_resources = request->has_resources || request->resource_base,
        .resource_base = request->resource_base ? str_of(request->resource_base) : (struct str){0},
        .output = outputs[request->results]};
    struct policy_ast lowered;
    if (!lower_api(&pipe->api, &options, &pipe->arena, &pipe->diags, &lowered))
        return false;
    struct str name = is_file ? output : paths_of_policy(&pipe->arena, input);
    struct str text = str_copy(&pipe->arena, policy_format(&lowered, &pipe->arena));
    pipe->is_lowered = true;
    return policy_parse(source_of(&pipe->arena, name, text), &pipe->arena, &pipe->diags,
                        &pipe->ast);
}

/* The document that the policy's api statement names, relative to the policy. */
static bool read_named_api(struct pipeline *pipe)
{
    const struct statement *api = override_find(&pipe->ast, STATEMENT_API);
    if (!api) {
        struct diag *diag =
            diag_error(&pipe->diags, "missing-api", (struct span){pipe->ast.source, 0, 0},
                       "the policy does not name its OpenAPI document");
        diag_help(&pipe->diags, diag, "add: api \"openapi.yaml\"");
        return false;
    }
    const char *path = paths_beside(&pipe->arena, pipe->ast.source->name, api->name.text);
    struct source *source = read_source(pipe, path, api->name.span);
    return source && read_api(pipe, source);
}

/* An option about how a document is lowered that was given, or NULL. */
static const char *lowering_option(const struct pipeline_request *request)
{
    if (request->overlays.count)
        return "--overlay";
    if (request->includes.count || request->excludes.count)
        return request->includes.count ? "--include" : "--exclude";
    if (request->config || request->max_name)
        return request->config ? "--config" : "--max-name";
    if (request->has_resources || request->resource_base)
        return request->resource_base ? "--resource-base" : "--resources";
    if (request->results != OUTPUT_WISH_LISTED)
        return request->results == OUTPUT_WISH_NONE ? "--no-output-schema" : "--validate-output";
    return request->max_description ? "--max-description" : NULL;
}

/* What is asked about lowering has no meaning for a policy: it says itself what is a tool. */
static bool check_options(struct pipeline *pipe)
{
    const struct pipeline_request *request = pipe->request;
    const char *option = lowering_option(request);
    if (!option)
        return true;
    struct diag *diag =
        diag_error(&pipe->diags, "option-for-documents", (struct span){0},
                   "%s is for OpenAPI documents, and '%s' is a policy", option, request->input);
    diag_help(&pipe->diags, diag, "%s",
              request->overlays.count ? "write in the policy: overlay \"FILE\""
                                      : "the policy says itself which operations are tools");
    return false;
}

/* A policy names files with secrets, so it comes from a file that somebody has looked at. */
static bool check_policy_place(struct pipeline *pipe, const struct source *source)
{
    if (source->url.len == 0)
        return true;
    struct diag *diag =
        diag_error(&pipe->diags, "remote-policy", (struct span){0},
                   "'%s' is a policy, and policies are not fetched", pipe->request->input);
    diag_help(&pipe->diags, diag, "save it, read it, and compile the file");
    return false;
}

/* From either kind of input to a parsed policy and the API that it speaks about. */
static bool load(struct pipeline *pipe)
{
    const struct pipeline_request *request = pipe->request;
    struct source *source = read_source(pipe, request->input, (struct span){0});
    if (!source)
        return false;
    if (!paths_is_policy(source))
        return read_api(pipe, source) && lower(pipe) && !is_dumped(pipe, DUMP_AST);
    if (!check_policy_place(pipe, source) || !check_options(pipe) ||
        !policy_parse(source, &pipe->arena, &pipe->diags, &pipe->ast))
        return false;
    override_text(&pipe->ast, &pipe->arena, STATEMENT_SERVER, request->name);
    override_text(&pipe->ast, &pipe->arena, STATEMENT_BACKEND, request->backend_url);
    if (request->validate_tokens)
        override_text(&pipe->ast, &pipe->arena, STATEMENT_VALIDATE, "");
    return !is_dumped(pipe, DUMP_AST) && read_named_api(pipe);
}

static bool emit(struct pipeline *pipe)
{
    struct emission emission = {&pipe->tables, &pipe->whole, pipe->is_lowered,
                                lowering_option(pipe->request) != NULL};
    struct str_builder out = {.arena = &pipe->arena};
    emit_policy(&emission, &out);
    if (pipe->request->goal == GOAL_C)
        return write_output(pipe, str_built(&out));
    return link_program(str_built(&out), pipe->request->output, &pipe->arena, &pipe->diags);
}

static bool write_report(struct pipeline *pipe)
{
    enum report_form form = pipe->request->report;
    struct str_builder out = {.arena = &pipe->arena};
    struct report report = {&pipe->document, &pipe->whole, &pipe->policy, &pipe->diags};
    if (form == REPORT_NONE)
        return true;
    if (form == REPORT_JSON)
        report_json(&report, &out);
    else
        report_text(&report, &out);
    const char *error;
    if (file_write(&pipe->arena, "-", str_built(&out), 0666, &error))
        return true;
    diag_error(&pipe->diags, "cannot-write", (struct span){0}, "cannot write the report: %s",
               error);
    pipe->is_system_error = true;
    return false;
}

/* Policies are edited by people, and what they wrote is nowhere else: a file that says anything but
 * `text` stays, unless it is the input itself. */
static bool may_write_policy(struct pipeline *pipe, struct str text)
{
    const struct pipeline_request *request = pipe->request;
    const char *error;
    if (request->may_overwrite || strcmp(request->output, "-") == 0 ||
        strcmp(request->output, request->input) == 0)
        return true;
    const struct source *there = source_read(&pipe->arena, request->output, &error);
    if (!there || str_equal(there->text, text))
        return true;
    struct diag *diag =
        diag_error(&pipe->diags, "would-overwrite", (struct span){0},
                   "'%s' is there already and says something else", request->output);
    diag_help(&pipe->diags, diag,
              "compile it as it is, bring it up to date with `mcpc sync`, or give --force to "
              "replace it");
    return false;
}

static bool write_policy(struct pipeline *pipe)
{
    struct str text = policy_format(&pipe->ast, &pipe->arena);
    return may_write_policy(pipe, text) && write_output(pipe, text);
}

static bool answer(struct pipeline *pipe)
{
    struct pipeline_answer answer = {&pipe->whole, &pipe->tables, &pipe->arena, &pipe->diags};
    if (pipe->request->ask)
        pipe->request->ask(pipe->request->context, &answer);
    return true;
}

/* What was asked for, from a policy that is right. */
static bool produce(struct pipeline *pipe)
{
    if (pipe->request->goal == GOAL_MCPP)
        return write_policy(pipe);
    return logic_build(&pipe->policy, &pipe->arena, &pipe->diags, &pipe->logic) &&
           !is_dumped(pipe, DUMP_LOGIC) &&
           tables_build(&pipe->logic, &pipe->arena, &pipe->diags, &pipe->tables) &&
           (pipe->request->skips_verify || tables_verify(&pipe->tables, &pipe->diags)) &&
           !is_dumped(pipe, DUMP_TABLES) && !is_dumped(pipe, DUMP_DECISIONS) && answer(pipe) &&
           (pipe->request->goal == GOAL_NONE || emit(pipe));
}

static struct source *read_included(void *context, const char *name, const char **error)
{
    return source_read(context, name, error);
}

static bool include(struct pipeline *pipe)
{
    struct include_files files = {&pipe->arena, read_included};
    return policy_include(&pipe->ast, &files, &pipe->arena, &pipe->diags, &pipe->whole);
}

/* Tests that stand in files of their own follow the policy's. */
static bool add_tests(struct pipeline *pipe, const char *name)
{
    struct policy_ast tests, *whole = &pipe->whole;
    struct source *source = read_source(pipe, name, (struct span){0});
    if (!source || !policy_parse(source, &pipe->arena, &pipe->diags, &tests))
        return false;
    uint32_t count = whole->statement_count;
    struct statement *all =
        arena_array(&pipe->arena, count + tests.statement_count + 1, sizeof *all);
    for (uint32_t i = 0; i < count; i++)
        all[i] = whole->statements[i];
    for (uint32_t i = 0; i < tests.statement_count; i++) {
        if (tests.statements[i].kind == STATEMENT_VERSION)
            continue;
        all[count++] = tests.statements[i];
        if (tests.statements[i].kind != STATEMENT_TEST)
            diag_error(&pipe->diags, "no-test", tests.statements[i].span,
                       "a file of tests holds nothing else");
    }
    whole->statements = all;
    whole->statement_count = count;
    return true;
}

static bool add_all_tests(struct pipeline *pipe)
{
    const struct name_list *names = &pipe->request->tests;
    for (uint32_t i = 0; i < names->count; i++)
        if (!add_tests(pipe, names->at[i]))
            return false;
    return pipe->diags.error_count == 0;
}

/* Brings the policy up to date with its document. What changes goes to stdout. */
static bool synchronise(struct pipeline *pipe)
{
    struct sync sync = {&pipe->ast, &pipe->whole, &pipe->api, &pipe->arena, &pipe->diags};
    struct synced synced;
    const char *name = pipe->request->input;
    if (pipe->is_lowered) {
        diag_error(&pipe->diags, "no-policy", (struct span){0}, "'%s' is no policy", name);
        return false;
    }
    if (!sync_policy(&sync, &synced))
        return false;
    printf("%.*s", STR_ARG(synced.summary));
    if (!pipe->request->only_looks)
        return synced.changes == 0 || write_output(pipe, synced.text);
    if (synced.changes) {
        struct diag *diag = diag_error(&pipe->diags, "out-of-date", (struct span){0},
                                       "'%s' has fallen behind its document", name);
        diag_help(&pipe->diags, diag, "run: mcpc sync %s", name);
    }
    return synced.changes == 0;
}

static bool run_stages(struct pipeline *pipe)
{
    if (pipe->request->goal == GOAL_SYNC)
        return load(pipe) && include(pipe) && synchronise(pipe);
    if (!load(pipe) || !include(pipe) || !add_all_tests(pipe) ||
        !policy_check(&pipe->whole, &pipe->api, &pipe->arena, &pipe->diags, &pipe->policy) ||
        is_dumped(pipe, DUMP_POLICY))
        return false;
    many_tools_check(&pipe->policy, pipe->request->max_tools, &pipe->diags);
    return produce(pipe) && write_report(pipe);
}

static void print_diagnostics(struct pipeline *pipe)
{
    struct str_builder out = {.arena = &pipe->arena};
    enum diag_form form = pipe->request->diagnostics;
    if (form == DIAG_FORM_TEXT) {
        diag_print(&pipe->diags, stderr);
        return;
    }
    if (form == DIAG_FORM_JSON)
        diag_form_json(&pipe->diags, str_of(pipe->request->input), &out);
    else
        diag_form_sarif(&pipe->diags, &out);
    pipe->is_system_error |= fwrite(out.at, 1, out.len, stdout) != out.len || fflush(stdout) != 0;
}

int pipeline_run(const struct pipeline_request *request)
{
    struct pipeline pipe = {.request = request};
    pipe.diags.arena = &pipe.arena;
    pipe.dumped.arena = &pipe.arena;
    pipe.fetcher = fetcher_new(&pipe.arena, request->fetch_timeout_s);
    run_stages(&pipe);
    for (uint32_t i = 0; i < request->allowed.count; i++)
        diag_allow(&pipe.diags, request->allowed.at[i]);
    print_diagnostics(&pipe);
    bool is_refused =
        pipe.diags.error_count || (request->deny_warnings && pipe.diags.warning_count);
    int status = is_refused ? EXIT_REFUSED : 0;
    if (pipe.is_system_error)
        status = EXIT_SYSTEM;
    arena_free(&pipe.arena);
    return status;
}

/*
 * Lowers an API to a policy: head, verifier, scopes, tools by tag, credentials. Every operation
 * becomes a tool or an `omit` with the reason.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/lower.h"

#include "compiler/lower/config_lower.h"
#include "compiler/lower/credential.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/needs.h"
#include "compiler/lower/resource.h"
#include "compiler/lower/tool_block.h"
#include "compiler/lower/tool_name.h"
#include "compiler/lower/verifier.h"
#include "compiler/policy/text.h"
#include "compiler/policy/value.h"

static struct span document_span(const struct lowering *lowering)
{
    return (struct span){lowering->api->source, 0, 0};
}

/* ---- head ---- */

static void add_text_statement(struct lowering *lowering, enum statement_kind kind, struct str text)
{
    struct span span = document_span(lowering);
    lowering_add(lowering, kind, span)->name = lowering_string(text, span);
}

static void lower_backend(struct lowering *lowering)
{
    const struct api *api = lowering->api;
    struct str clean = lowering_clean(lowering->arena, api->server_text);
    if (lowering->backend.len)
        add_text_statement(lowering, STATEMENT_BACKEND, lowering->backend);
    else if (clean.len)
        lowering_comment(lowering,
                         "No backend: the document's server is '%.*s'. Start the server "
                         "with --backend-url, or add a `backend` statement here.",
                         STR_ARG(clean));
    else
        lowering_comment(lowering, "No backend: the document names no server. Start the server "
                                   "with --backend-url, or add a `backend` statement here.");
}

static void lower_head(struct lowering *lowering, const struct lower_options *options)
{
    const struct api *api = lowering->api;
    struct span span = document_span(lowering);
    lowering_comment(lowering, "%.*s %.*s: who may call which operation.", STR_ARG(api->title),
                     STR_ARG(api->version));
    lowering_comment(lowering, "Lowered by mcpc from %.*s. Edit it, then compile it with mcpc.",
                     STR_ARG(options->api_name));
    lowering_gap(lowering);
    struct statement *version = lowering_add(lowering, STATEMENT_VERSION, span);
    version->name = lowering_name(STR("1"), span);
    version->number = 1;
    add_text_statement(lowering, STATEMENT_API, options->api_name);
    for (uint32_t i = 0; i < options->overlay_count; i++)
        add_text_statement(lowering, STATEMENT_OVERLAY, options->overlay_names[i]);
    add_text_statement(lowering, STATEMENT_SERVER, lowering->server_name);
    lower_backend(lowering);
}

/* ---- scopes ---- */

struct scope_list {
    struct map seen;
    bool has_comment, has_undeclared;
};

static void lower_scope(struct lowering *lowering, struct scope_list *list, struct str name,
                        struct str description, struct span span)
{
    static char mark;
    if (value_scope_problem(name) || map_add(&list->seen, name, &mark))
        return;
    if (!list->has_comment) {
        lowering_gap(lowering);
        lowering_comment(lowering, "What a caller can hold.");
        list->has_comment = true;
    }
    struct statement *statement = lowering_add(lowering, STATEMENT_SCOPE, span);
    statement->name = lowering_string(name, span);
    if (description.len)
        statement->description = lowering_string(description, span);
}

static void lower_used_scopes(struct lowering *lowering, struct scope_list *list,
                              const struct requirement *requirement)
{
    for (uint32_t i = 0; i < requirement->scope_count; i++) {
        struct str name = requirement->scopes[i];
        if (!needs_has_scopes(requirement->scheme) || map_get(&list->seen, name) ||
            value_scope_problem(name))
            continue;
        if (!list->has_undeclared) {
            lowering_gap(lowering);
            lowering_comment(lowering, "Used by operations, but not declared in the document.");
            list->has_undeclared = list->has_comment = true;
        }
        lower_scope(lowering, list, name, (struct str){0}, requirement->span);
    }
}

/* Those that a configuration requires of every caller of a provider. */
static void lower_required_scopes(struct lowering *lowering, struct scope_list *list)
{
    const struct config *config = lowering->config;
    for (size_t i = 0; config && i < config->providers.count; i++) {
        const struct node *required = config->providers.at[i].required_scopes;
        for (uint32_t at = 0; required && at < required->count; at++)
            lower_scope(lowering, list, required->items[at]->text, (struct str){0},
                        required->items[at]->span);
    }
}

static void lower_scopes(struct lowering *lowering)
{
    const struct api *api = lowering->api;
    struct scope_list list = {.seen = {.arena = lowering->arena}};
    for (uint32_t i = 0; i < api->scheme_count; i++)
        for (uint32_t at = 0; at < api->schemes[i].scope_count; at++) {
            const struct scheme_scope *scope = &api->schemes[i].scopes[at];
            lower_scope(lowering, &list, scope->name, scope->description, scope->span);
        }
    for (uint32_t i = 0; i < api->operation_count; i++) {
        const struct operation *operation = &api->operations[i];
        if (operation->is_inexpressible)
            continue;
        for (uint32_t set = 0; set < operation->security_count; set++)
            for (uint32_t at = 0; at < operation->security[set].requirement_count; at++)
                lower_used_scopes(lowering, &list, &operation->security[set].requirements[at]);
    }
    lower_required_scopes(lowering, &list);
}

/* ---- tools ---- */

/* Why the operation cannot become a tool, or NULL. */
static const char *path_problem(const struct operation *operation)
{
    if (!str_starts(operation->path, "/") || !text_is_printable(operation->path))
        return "its path cannot stand in a request";
    return value_is_http_token(operation->method) ? NULL : "its method cannot stand in a request";
}

/* At the end of a tool's line: what about it is not as in the document. */
static struct str tool_note(const struct lowering *lowering, uint32_t index,
                            const struct lowered_needs *needs)
{
    const struct operation *operation = &lowering->api->operations[index];
    struct str_builder note = {.arena = lowering->arena};
    if (operation->id.len && !str_equal(operation->id, lowering->names[index]))
        str_add_format(&note, "operationId %.*s",
                       STR_ARG(lowering_clean(lowering->arena, operation->id)));
    if (needs->ignored.len)
        str_add_format(&note, "%s%.*s alone does not open it", note.len ? "; " : "",
                       STR_ARG(lowering_clean(lowering->arena, needs->ignored)));
    if (needs->role_scheme.len)
        str_add_format(&note, "%sroles of %.*s are the backend's business", note.len ? "; " : "",
                       STR_ARG(lowering_clean(lowering->arena, needs->role_scheme)));
    return note.len ? str_format(lowering->arena, "# %.*s", STR_ARG(str_built(&note)))
                    : (struct str){0};
}

static void set_operation(struct statement *statement, const struct operation *operation)
{
    statement->method = lowering_name(operation->method, operation->span);
    statement->path = lowering_name(operation->path, operation->span);
}

static void lower_omit(struct lowering *lowering, const struct operation *operation,
                       struct str reason)
{
    struct statement *statement = lowering_add(lowering, STATEMENT_OMIT, operation->span);
    set_operation(statement, operation);
    statement->description = lowering_string(reason, operation->span);
}

static void report_omitted(struct lowering *lowering, const struct operation *operation,
                           const char *reason)
{
    struct diag *diag = diag_warning(lowering->diags, "omitted-operation", operation->span,
                                     "%.*s %.*s does not become a tool: %s",
                                     STR_ARG(operation->method), STR_ARG(operation->path), reason);
    diag_help(lowering->diags, diag, "write a tool statement for it in the policy to decide");
}

static bool lower_operation(struct lowering *lowering, uint32_t index)
{
    const struct operation *operation = &lowering->api->operations[index];
    struct str left_out = operation->wish.omitted;
    if (left_out.len == 0)
        left_out = lowering->left_out[index];
    if (left_out.len) {
        lower_omit(lowering, operation, left_out);
        return false;
    }
    struct lowered_needs needs = needs_lower(operation, lowering->arena);
    const char *problem = path_problem(operation) ? path_problem(operation) : needs.problem;
    if (problem) {
        report_omitted(lowering, operation, problem);
        lower_omit(lowering, operation, str_of(problem));
        return false;
    }
    struct statement *statement = lowering_add(lowering, STATEMENT_TOOL, operation->span);
    statement->name = lowering_name(lowering->names[index], operation->span);
    set_operation(statement, operation);
    statement->needs = needs.condition;
    statement->settings = tool_block_lower(lowering, operation);
    statement->comment_at_end = tool_note(lowering, index, &needs);
    return true;
}

/* ---- sections by tag ---- */

struct section {
    struct str tag;
    LIST(uint32_t) operations;
};

struct sections {
    struct map index; /* tag -> struct section */
    LIST(struct section *) all;
};

static struct str first_tag(const struct operation *operation)
{
    return operation->tag_count ? operation->tags[0] : (struct str){0};
}

static struct sections sort_by_tag(const struct lowering *lowering)
{
    struct sections sections = {.index = {.arena = lowering->arena}};
    for (uint32_t i = 0; i < lowering->api->operation_count; i++) {
        struct str tag = first_tag(&lowering->api->operations[i]);
        struct section *section = map_get(&sections.index, tag);
        if (!section) {
            section = arena_new(lowering->arena, struct section);
            section->tag = tag;
            map_add(&sections.index, tag, section);
            *list_add(lowering->arena, &sections.all) = section;
        }
        *list_add(lowering->arena, &section->operations) = i;
    }
    return sections;
}

/* The first paragraph of a text. */
static struct str first_paragraph(struct str text)
{
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.at[i] == '\n' && text.at[i + 1] == '\n')
            return str_part(text, 0, i);
    return text;
}

static struct str tag_description(const struct api *api, struct str tag)
{
    for (uint32_t i = 0; i < api->tag_count; i++)
        if (str_equal(api->tags[i].name, tag))
            return first_paragraph(api->tags[i].description);
    return (struct str){0};
}

static void head_section(struct lowering *lowering, const struct section *section, bool has_others)
{
    struct str description = tag_description(lowering->api, section->tag);
    if (section->tag.len || has_others)
        lowering_gap(lowering);
    if (section->tag.len && description.len)
        lowering_comment(lowering, "%.*s: %.*s", STR_ARG(section->tag), STR_ARG(description));
    else if (section->tag.len)
        lowering_comment(lowering, "%.*s", STR_ARG(section->tag));
    else if (has_others)
        lowering_comment(lowering, "operations without a tag");
}

static void head_tools(struct lowering *lowering)
{
    bool is_silent = true;
    for (uint32_t i = 0; i < lowering->api->operation_count; i++)
        is_silent = is_silent && !lowering->api->operations[i].has_security;
    lowering_gap(lowering);
    lowering_comment(lowering, "The tools, one for each operation. What a tool needs is what the "
                               "document's security asks of a caller.");
    if (is_silent)
        lowering_comment(lowering, "The document says nothing about security: every tool is "
                                   "public.");
}

static void lower_tools(struct lowering *lowering)
{
    bool *is_tool = arena_array(lowering->arena, lowering->api->operation_count, sizeof *is_tool);
    struct sections sections = sort_by_tag(lowering);
    head_tools(lowering);
    for (size_t i = 0; i < sections.all.count; i++) {
        const struct section *section = sections.all.at[i];
        head_section(lowering, section, sections.all.count > 1);
        for (size_t at = 0; at < section->operations.count; at++) {
            uint32_t index = section->operations.at[at];
            is_tool[index] = lower_operation(lowering, index);
        }
    }
    lowering->is_tool = is_tool;
}

/* ---- all of it ---- */

static struct str usable_backend(const struct lowering *lowering,
                                 const struct lower_options *options)
{
    struct str url = options->backend.len ? options->backend : lowering->api->server;
    while (str_ends(url, "/"))
        url.len--;
    const char *problem = url.len ? value_url_problem(url, false) : NULL;
    if (!problem)
        return url;
    if (options->backend.len)
        diag_error(lowering->diags, "bad-url", (struct span){0}, "%s: '%.*s'", problem,
                   STR_ARG(options->backend));
    else
        diag_warning(lowering->diags, "unusable-url", document_span(lowering),
                     "%s: '%.*s' is not used", problem, STR_ARG(url));
    return (struct str){0};
}

/* The runtime's tables hold C strings. */
static bool check_paths(struct lowering *lowering)
{
    bool are_good = true;
    for (uint32_t i = 0; i < lowering->api->operation_count; i++) {
        const struct operation *operation = &lowering->api->operations[i];
        if (str_find(operation->path, '\0') < operation->path.len) {
            diag_error(lowering->diags, "bad-path", operation->span, "a path with a NUL character");
            are_good = false;
        }
    }
    return are_good;
}

bool lower_api(const struct api *api, const struct lower_options *options, struct arena *arena,
               struct diag_list *diags, struct policy_ast *out)
{
    uint32_t errors_before = diags->error_count;
    struct lowering lowering = {.api = api,
                                .arena = arena,
                                .diags = diags,
                                .config = options->config,
                                .max_description = options->max_description,
                                .comments = {.arena = arena}};
    lowering.names =
        tool_names(api, options->max_name ? options->max_name : TOOL_NAME_MAX, arena, diags);
    lowering.left_out = select_operations(api, &options->selection, arena, diags);
    struct str name = options->server_name.len ? options->server_name : api->title;
    lowering.server_name = options->server_name.len ? name : value_server_name(arena, name);
    lowering.backend = usable_backend(&lowering, options);
    lowering.output = options->output;
    if (options->config && options->config->validates_output &&
        options->output == LOWER_OUTPUT_LISTED)
        lowering.output = LOWER_OUTPUT_VALIDATED;
    if (options->has_resources)
        lowering.resource_base = options->resource_base.len
                                     ? options->resource_base
                                     : resource_base(arena, lowering.server_name);
    lowering.has_one_backend = options->backend.len != 0;
    if (check_paths(&lowering) && lowering.left_out) {
        lower_head(&lowering, options);
        verifier_lower(&lowering);
        if (options->validate_tokens || (options->config && options->config->validate_tokens))
            lowering_add(&lowering, STATEMENT_VALIDATE, document_span(&lowering));
        lower_scopes(&lowering);
        lower_tools(&lowering);
        config_lower_rules(&lowering);
        credential_lower(&lowering);
    }
    *out = (struct policy_ast){.source = api->source,
                               .statements = lowering.statements.at,
                               .statement_count = (uint32_t)lowering.statements.count,
                               .comments_at_end = str_built(&lowering.comments)};
    return diags->error_count == errors_before;
}

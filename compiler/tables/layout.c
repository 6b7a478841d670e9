/*
 * Lays a checked policy out as the arrays of <mcpp/policy.h>.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/layout.h"

#include <string.h>

#include "compiler/tables/c_name.h"
#include "compiler/tables/exact.h"
#include "compiler/tables/facts.h"
#include "compiler/tables/hash.h"
#include "compiler/tables/needs.h"
#include "compiler/tables/sibling.h"
#include "compiler/tables/verifiers.h"
#include "compiler/tables/verify.h"

struct build {
    const struct policy *policy;
    struct arena *arena;
    struct diag_list *diags;
    struct exact exact;
    struct facts facts;
    struct c_names names;
    struct map group_index; /* the words of the sets -> struct fact_set_group */
    LIST(struct fact_set_group *) groups;
    struct map credential_index; /* the indices -> themselves, so that equal lists are shared */
};

/* ---- facts and needs ---- */

static void check_scope_names(struct build *build)
{
    for (uint32_t i = 0; i < build->policy->scope_count; i++) {
        const struct scope *scope = &build->policy->scopes[i];
        exact_text(&build->exact, scope->name, scope->origin, "the name of the scope");
    }
}

/* "read_pets and write_pets or admin", or "17" when that would be long. */
static struct str describe_sets(struct build *build, const struct mcpp_any_of *any_of,
                                const struct str *fact_identifiers)
{
    enum { FACTS_MAX = 3 };
    struct str_builder out = {.arena = build->arena};
    uint32_t named = 0;
    for (uint32_t i = 0; i < any_of->count; i++) {
        const char *joint = i ? "_or_" : "";
        for (uint32_t fact = 0; fact < build->facts.count; fact++) {
            if (!fact_set_has(any_of->sets + (size_t)i * build->facts.words, fact))
                continue;
            str_add_format(&out, "%s%.*s", joint, STR_ARG(fact_identifiers[fact]));
            joint = "_and_";
            named++;
        }
    }
    if (named == 0)
        return STR("nothing");
    if (named > FACTS_MAX)
        return str_format(build->arena, "%zu", build->groups.count + 1);
    return str_built(&out);
}

static uint32_t group_of(struct build *build, const struct mcpp_any_of *any_of,
                         const struct str *fact_identifiers)
{
    size_t size = (size_t)any_of->count * build->facts.words * sizeof *any_of->sets;
    struct str key = {(const char *)any_of->sets, size};
    uint32_t *known = map_get(&build->group_index, key);
    if (known)
        return *known;
    struct str text = describe_sets(build, any_of, fact_identifiers);
    struct fact_set_group *group = arena_new(build->arena, struct fact_set_group);
    *group = (struct fact_set_group){*any_of,
                                     c_name_with_prefix(&build->names, "needs_", text, "these")};
    uint32_t *index = arena_new(build->arena, uint32_t);
    *index = (uint32_t)build->groups.count;
    map_add(&build->group_index, key, index);
    *list_add(build->arena, &build->groups) = group;
    return *index;
}

static void build_groups(struct build *build, struct tables *out)
{
    const struct policy *policy = build->policy;
    uint32_t *tool_groups = arena_array(build->arena, policy->tool_count, sizeof *tool_groups);
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        const struct tool *tool = &policy->tools[i];
        struct mcpp_any_of any_of = {0};
        if (!needs_build(policy, &build->facts, tool->needs, build->arena, &any_of))
            diag_error(build->diags, "too-many-alternatives", tool->needs->span,
                       "the needs of '%.*s' come to more than %d alternative sets of scopes",
                       STR_ARG(tool->name), NEEDS_SETS_MAX);
        tool_groups[i] = group_of(build, &any_of, out->fact_identifiers);
    }
    struct fact_set_group *groups = arena_array(build->arena, build->groups.count, sizeof *groups);
    for (size_t i = 0; i < build->groups.count; i++)
        groups[i] = *build->groups.at[i];
    out->groups = groups;
    out->group_count = (uint32_t)build->groups.count;
    out->tool_groups = tool_groups;
}

/* ---- credentials ---- */

static const struct mcpp_credential *build_credentials(struct build *build)
{
    static const enum mcpp_send_kind kinds[] = {[SEND_BEARER] = MCPP_SEND_BEARER,
                                                [SEND_BASIC] = MCPP_SEND_BASIC,
                                                [SEND_HEADER] = MCPP_SEND_HEADER,
                                                [SEND_QUERY] = MCPP_SEND_QUERY,
                                                [SEND_COOKIE] = MCPP_SEND_COOKIE};
    static const enum mcpp_secret_kind secrets[] = {
        [SECRET_ENV] = MCPP_SECRET_ENV, [SECRET_FILE] = MCPP_SECRET_FILE};
    const struct policy *policy = build->policy;
    struct mcpp_credential *all = arena_array(build->arena, policy->credential_count, sizeof *all);
    for (uint32_t i = 0; i < policy->credential_count; i++) {
        const struct credential *from = &policy->credentials[i];
        all[i] = (struct mcpp_credential){
            .kind = kinds[from->kind],
            .name =
                exact_text(&build->exact, from->name, from->origin, "the name of the credential"),
            .secret = {secrets[from->secret_kind], exact_text(&build->exact, from->secret_name,
                                                              from->origin, "the secret's name")},
            .origin = exact_origin(&build->exact, from->origin)};
    }
    if (policy->credential_count > UINT16_MAX)
        diag_error(build->diags, "too-many-credentials",
                   all ? policy->credentials->origin : (struct span){0},
                   "there are more than %d credentials", UINT16_MAX);
    return all;
}

static const uint16_t *credentials_of(struct build *build, const struct tool *tool)
{
    if (tool->credential_count == 0)
        return NULL;
    uint16_t *list = arena_array(build->arena, tool->credential_count, sizeof *list);
    for (uint32_t i = 0; i < tool->credential_count; i++)
        list[i] = (uint16_t)tool->credentials[i];
    struct str key = {(const char *)list, tool->credential_count * sizeof *list};
    uint16_t *known = map_add(&build->credential_index, key, list);
    return known ? known : list;
}

/* ---- tools ---- */

static const struct mcpp_parameter *build_parameters(struct build *build, const struct tool *tool)
{
    static const enum mcpp_style styles[] = {[STYLE_SIMPLE] = MCPP_STYLE_SIMPLE,
                                             [STYLE_LABEL] = MCPP_STYLE_LABEL,
                                             [STYLE_MATRIX] = MCPP_STYLE_MATRIX,
                                             [STYLE_FORM] = MCPP_STYLE_FORM,
                                             [STYLE_SPACE_DELIMITED] = MCPP_STYLE_SPACE_DELIMITED,
                                             [STYLE_PIPE_DELIMITED] = MCPP_STYLE_PIPE_DELIMITED,
                                             [STYLE_TAB_DELIMITED] = MCPP_STYLE_TAB_DELIMITED,
                                             [STYLE_DEEP_OBJECT] = MCPP_STYLE_DEEP_OBJECT,
                                             [STYLE_JSON] = MCPP_STYLE_JSON,
                                             [STYLE_PART] = MCPP_STYLE_PART};
    static const enum mcpp_place places[] = {[PLACE_PATH] = MCPP_IN_PATH,
                                             [PLACE_QUERY] = MCPP_IN_QUERY,
                                             [PLACE_HEADER] = MCPP_IN_HEADER,
                                             [PLACE_COOKIE] = MCPP_IN_COOKIE,
                                             [PLACE_BODY] = MCPP_IN_BODY,
                                             [PLACE_WHOLE_BODY] = MCPP_IN_WHOLE_BODY,
                                             [PLACE_PART_HEADER] = MCPP_IN_PART_HEADER};
    const struct operation *operation = tool->operation;
    struct mcpp_parameter *all = arena_array(build->arena, operation->argument_count, sizeof *all);
    for (uint32_t i = 0; i < operation->argument_count; i++) {
        const struct argument *from = &operation->arguments[i];
        if (from->place == PLACE_QUERYSTRING) /* the model makes query parameters of it */
            diag_error(build->diags, "internal-error", from->span,
                       "a querystring parameter has no place in the tables");
        all[i] = (struct mcpp_parameter){
            .argument =
                exact_text(&build->exact, from->name, from->span, "the name of the argument"),
            .name =
                exact_text(&build->exact, from->wire_name, from->span, "the name of the parameter"),
            .place = places[from->place],
            .style = styles[from->style],
            .explode = from->explode,
            .is_required = from->is_required,
            .allow_reserved = from->allow_reserved,
            .mcp_header = from->mcp_header.len ? exact_text(&build->exact, from->mcp_header,
                                                            from->span, "the header's name")
                                               : NULL,
            .content_type = from->content_type.len ? exact_text(&build->exact, from->content_type,
                                                                from->span, "the media type")
                                                   : NULL,
            .part = from->part.len
                        ? exact_text(&build->exact, from->part, from->span, "the property")
                        : NULL};
    }
    return all;
}

/* What the operation says; the rest comes from the policy's statement. */
static struct mcpp_tool build_operation(struct build *build, const struct tool *from)
{
    static const enum mcpp_body bodies[] = {
        [BODY_NONE] = MCPP_BODY_NONE, [BODY_JSON] = MCPP_BODY_JSON,
        [BODY_FORM] = MCPP_BODY_FORM, [BODY_MULTIPART] = MCPP_BODY_MULTIPART,
        [BODY_TEXT] = MCPP_BODY_TEXT, [BODY_BASE64] = MCPP_BODY_BASE64};
    const struct operation *operation = from->operation;
    struct span span = operation->span;
    return (struct mcpp_tool){
        .method = exact_text(&build->exact, operation->method, span, "the method"),
        .path = exact_text(&build->exact, operation->path, span, "the path"),
        .backend = exact_text(&build->exact, from->server, from->origin, "the server's URL"),
        .input_schema = exact_text(&build->exact, operation->input_schema, span, "the schema"),
        .output_schema = exact_text(
            &build->exact, from->output == OUTPUT_NONE ? (struct str){0} : operation->output_schema,
            span, "the schema"),
        .validate_output = from->output == OUTPUT_VALIDATED && operation->output_schema.len,
        .resource = from->resource.len ? exact_text(&build->exact, from->resource, from->origin,
                                                    "the resource's URI")
                                       : NULL,
        .parameters = build_parameters(build, from),
        .parameter_count = operation->argument_count,
        .body = bodies[operation->body],
        .content_type = exact_text(&build->exact, operation->content_type, span, "the media type"),
        .accept = exact_text(&build->exact, operation->accept, span, "the media type")};
}

static uint32_t hints_of(const struct tool *tool)
{
    return (tool->hints & HINT_READ_ONLY ? MCPP_HINT_READ_ONLY : 0U) |
           (tool->hints & HINT_DESTRUCTIVE ? MCPP_HINT_DESTRUCTIVE : 0U) |
           (tool->hints & HINT_IDEMPOTENT ? MCPP_HINT_IDEMPOTENT : 0U) |
           (tool->hints & HINT_OPEN_WORLD ? MCPP_HINT_OPEN_WORLD : 0U);
}

static void set_siblings(struct build *build, const struct sibling_index *index,
                         const struct tool *from, struct mcpp_tool *tool)
{
    struct siblings siblings = siblings_of(index, from->operation);
    const char **paths = arena_array(build->arena, siblings.count, sizeof *paths);
    for (uint32_t i = 0; i < siblings.count; i++)
        paths[i] = exact_text(&build->exact, siblings.paths[i], from->origin, "the path");
    tool->siblings = siblings.count ? paths : NULL;
    tool->sibling_count = siblings.count;
}

static const struct mcpp_tool *build_tools(struct build *build, const struct tables *tables)
{
    const struct policy *policy = build->policy;
    struct mcpp_tool *tools = arena_array(build->arena, policy->tool_count, sizeof *tools);
    const struct sibling_index *index = sibling_index_build(policy->api, build->arena);
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        const struct tool *from = &policy->tools[i];
        struct mcpp_tool *tool = &tools[i];
        *tool = build_operation(build, from);
        set_siblings(build, index, from, tool);
        tool->name = exact_text(&build->exact, from->name, from->origin, "the name of the tool");
        tool->title = exact_shown(&build->exact, from->title);
        tool->description = exact_shown(&build->exact, from->description);
        tool->credentials = credentials_of(build, from);
        tool->credential_count = from->credential_count;
        tool->hints = hints_of(from);
        tool->timeout_ms = from->timeout_ms;
        tool->needs = tables->groups[tables->tool_groups[i]].any_of;
        tool->origin = exact_origin(&build->exact, from->origin);
    }
    return tools;
}

static bool build_names(struct build *build, const struct mcpp_tool *tools,
                        struct mcpp_hash_table *out)
{
    uint32_t count = build->policy->tool_count;
    const char **names = arena_array(build->arena, count, sizeof *names);
    for (uint32_t i = 0; i < count; i++)
        names[i] = tools[i].name;
    if (hash_build(names, count, build->arena, out))
        return true;
    diag_error(build->diags, "internal-error", (struct span){0},
               "no perfect hash of the names of the tools was found");
    return false;
}

/* Identifiers are given in the order of policy.c, so that of two equal ones the first is plain. */
static void name_all(struct build *build, struct tables *out)
{
    const struct policy *policy = build->policy;
    struct c_names *names = &build->names;
    struct str *facts = arena_array(build->arena, build->facts.count, sizeof *facts);
    struct str *verifiers = arena_array(build->arena, policy->verifier_count, sizeof *verifiers);
    struct str *sends = arena_array(build->arena, policy->credential_count, sizeof *sends);
    struct str *tools = arena_array(build->arena, policy->tool_count, sizeof *tools);
    facts[FACT_TOKEN] = c_name(names, STR("TOKEN"), "TOKEN");
    for (uint32_t i = 0; i < policy->scope_count; i++)
        facts[FACT_FIRST_SCOPE + i] = c_name(names, policy->scopes[i].name, "SCOPE");
    for (uint32_t i = 0; i < policy->verifier_count; i++)
        verifiers[i] = c_name(names, policy->verifiers[i].name, "VERIFIER");
    for (uint32_t i = 0; i < policy->credential_count; i++)
        sends[i] = c_name(names, policy->credentials[i].secret_name, "CREDENTIAL");
    for (uint32_t i = 0; i < policy->tool_count; i++)
        tools[i] = c_name(names, policy->tools[i].name, "TOOL");
    out->fact_identifiers = facts;
    out->verifier_identifiers = verifiers;
    out->credential_identifiers = sends;
    out->tool_identifiers = tools;
}

/* ---- what has no tables yet ---- */

static void refuse(struct build *build, struct span origin)
{
    diag_error(build->diags, "not-yet", origin, "this mcpc cannot do what the statement says");
}

/* Nothing of a policy is left out silently. */
static bool refuse_unfinished(struct build *build)
{
    const struct policy *policy = build->policy;
    uint32_t errors = build->diags->error_count;
    for (uint32_t i = 0; i < policy->role_count; i++)
        refuse(build, policy->roles[i].origin);
    for (uint32_t i = 0; i < policy->scope_count; i++)
        if (policy->scopes[i].granted.when || policy->scopes[i].granted.unless)
            refuse(build, policy->scopes[i].origin);
    for (uint32_t i = 0; i < policy->rule_count; i++)
        refuse(build, policy->rules[i].origin);
    for (uint32_t i = 0; i < policy->limit_count; i++)
        refuse(build, policy->limits[i].origin);
    for (uint32_t i = 0; i < policy->tool_count; i++)
        for (uint32_t at = 0; at < policy->tools[i].fill_count; at++)
            refuse(build, policy->tools[i].fills[at].origin);
    for (uint32_t i = 0; i < policy->credential_count; i++)
        if (policy->credentials[i].kind > SEND_COOKIE || policy->credentials[i].kind == SEND_DIGEST)
            refuse(build, policy->credentials[i].origin);
    if (policy->operator_holdings.is_narrowed)
        refuse(build, policy->operator_holdings.origin);
    return build->diags->error_count == errors;
}

bool tables_build(const struct policy *policy, struct arena *arena, struct diag_list *diags,
                  struct tables *out)
{
    struct build build = {.policy = policy,
                          .arena = arena,
                          .diags = diags,
                          .exact = {arena, diags},
                          .group_index = {.arena = arena},
                          .credential_index = {.arena = arena}};
    uint32_t errors_before = diags->error_count;
    *out = (struct tables){.source = policy};
    if (!refuse_unfinished(&build))
        return false;
    c_names_open(&build.names, arena);
    check_scope_names(&build);
    facts_build(policy, arena, &build.facts);
    name_all(&build, out);
    build_groups(&build, out);
    out->policy = (struct mcpp_policy){
        .abi = MCPP_POLICY_ABI,
        .size = MCPP_POLICY_SIZE,
        .name =
            exact_text(&build.exact, policy->server_name, (struct span){0}, "the server's name"),
        .title = exact_shown(&build.exact, policy->api->title),
        .version = exact_shown(&build.exact, policy->api->version),
        .compiler = "mcpc " MCPP_VERSION,
        .backend = exact_text(&build.exact, policy->backend, (struct span){0}, "the backend's URL"),
        .facts = build.facts.at,
        .fact_count = build.facts.count,
        .fact_words = build.facts.words,
        .verifiers = verifiers_build(policy, &build.exact),
        .verifier_count = policy->verifier_count,
        .credentials = build_credentials(&build),
        .credential_count = policy->credential_count,
        .tools = build_tools(&build, out),
        .tool_count = policy->tool_count,
        .validate_tokens = policy->validate_tokens};
    if (diags->error_count > errors_before)
        return false;
    return build_names(&build, out->policy.tools, &out->policy.names) && tables_verify(out, diags);
}

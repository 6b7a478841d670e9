/*
 * Lays a checked policy out as the arrays of <mcpp/policy.h>.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/layout.h"

#include <string.h>

#include "compiler/tables/c_name.h"
#include "compiler/tables/credentials.h"
#include "compiler/tables/exact.h"
#include "compiler/tables/hash.h"
#include "compiler/tables/names.h"
#include "compiler/tables/needs.h"
#include "compiler/tables/rules.h"
#include "compiler/tables/sibling.h"
#include "compiler/tables/verifiers.h"

struct build {
    const struct policy *policy;
    const struct logic *logic;
    struct arena *arena;
    struct diag_list *diags;
    struct exact exact;
    struct tables *out;
    struct c_names names;
    struct map group_index; /* the words of the sets -> struct fact_set_group */
    LIST(struct fact_set_group *) groups;
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
        for (uint32_t fact = 0; fact < build->out->facts.count; fact++) {
            if (!fact_set_has(any_of->sets + (size_t)i * build->out->facts.words, fact))
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
    size_t size = (size_t)any_of->count * build->out->facts.words * sizeof *any_of->sets;
    struct str key = {(const char *)any_of->sets, size};
    uint32_t *known = map_get(&build->group_index, key);
    if (known)
        return *known;
    struct str text = describe_sets(build, any_of, fact_identifiers);
    struct fact_set_group *group = arena_new(build->arena, struct fact_set_group);
    struct str identifier = c_name_with_prefix(&build->names, "needs_", text, "these");
    *group =
        (struct fact_set_group){*any_of, identifier, c_name(&build->names, identifier, "NEEDS")};
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
        if (!needs_build(&build->out->facts, tool->needs, build->arena, &any_of))
            diag_error(build->diags, "too-many-alternatives", tool->needs->span,
                       "the needs of '%.*s' come to more than %d alternative sets of scopes",
                       STR_ARG(tool->name), NEEDS_SETS_MAX);
        tool_groups[i] = group_of(build, &any_of, out->fact_identifiers);
    }
    struct fact_set_group *groups = arena_array(build->arena, build->groups.count, sizeof *groups);
    struct mcpp_any_of *any_ofs = arena_array(build->arena, build->groups.count, sizeof *any_ofs);
    for (size_t i = 0; i < build->groups.count; i++) {
        groups[i] = *build->groups.at[i];
        any_ofs[i] = groups[i].any_of;
    }
    out->groups = groups;
    out->challenges = any_ofs;
    out->group_count = (uint32_t)build->groups.count;
    out->tool_groups = tool_groups;
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
    struct str output_schema = operation->output_schema;
    if (from->output == OUTPUT_NONE)
        output_schema = STR("");
    return (struct mcpp_tool){
        .method = exact_text(&build->exact, operation->method, span, "the method"),
        .path = exact_text(&build->exact, operation->path, span, "the path"),
        .backend = exact_text(&build->exact, from->server, from->origin, "the server's URL"),
        .input_schema =
            exact_text(&build->exact, schema_without_fills(from, build->arena), span, "the schema"),
        .output_schema = exact_text(&build->exact, output_schema, span, "the schema"),
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

/* What is decided about the tool. */
static void set_decisions(struct build *build, uint32_t index, struct mcpp_tool *tool)
{
    const struct policy *policy = build->policy;
    const struct tables *tables = build->out;
    const struct tool_logic *logic = &build->logic->tools[index];
    const uint32_t *roots =
        tables->nodes.roots + policy->derivation_count + (size_t)index * TOOL_ROOTS;
    uint32_t *tests = arena_array(build->arena, logic->test_count, sizeof *tests);
    for (uint32_t i = 0; i < logic->test_count; i++)
        tests[i] = logic->tests[i] - tables->facts.count;
    if (logic->test_count > UINT16_MAX || policy->tools[index].fill_count > UINT16_MAX)
        diag_error(build->diags, "too-complex", policy->tools[index].origin,
                   "what decides over '%s' is too complex to be compiled", tool->name);
    tool->challenge = tables->tool_groups[index];
    tool->shown = roots[ROOT_SHOWN];
    tool->decision = roots[ROOT_DECISION];
    tool->operator_decision = roots[ROOT_OPERATOR];
    tool->tests = logic->test_count ? tests : NULL;
    tool->test_count = (uint16_t)logic->test_count;
    tool->fills = fills_build(&policy->tools[index], &build->exact);
    tool->fill_count = (uint16_t)policy->tools[index].fill_count;
}

static const struct mcpp_tool *build_tools(struct build *build)
{
    const struct policy *policy = build->policy;
    struct mcpp_tool *tools = arena_array(build->arena, policy->tool_count, sizeof *tools);
    const struct sibling_index *index = sibling_index_build(policy->api, build->arena);
    const struct tool_limits *limits = tool_limits_build(policy, &build->exact);
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        const struct tool *from = &policy->tools[i];
        struct mcpp_tool *tool = &tools[i];
        *tool = build_operation(build, from);
        set_siblings(build, index, from, tool);
        tool->name = exact_text(&build->exact, from->name, from->origin, "the name of the tool");
        tool->title = exact_shown(&build->exact, from->title);
        tool->description = exact_shown(&build->exact, from->description);
        tool->choices = tool_choices_build(from, build->arena);
        tool->choice_count = from->send_count;
        tool->hints = hints_of(from);
        tool->timeout_ms = from->timeout_ms;
        tool->origin = exact_origin(&build->exact, from->origin);
        tool->limits = limits[i].at;
        tool->limit_count = limits[i].count;
        set_decisions(build, i, tool);
    }
    return tools;
}

/* ---- diagrams ---- */

static const struct mcpp_derived *build_derived(struct build *build)
{
    const struct policy *policy = build->policy;
    struct mcpp_derived *all = arena_array(build->arena, policy->derivation_count, sizeof *all);
    for (uint32_t i = 0; i < policy->derivation_count; i++) {
        struct derivation of = policy->derivations[i];
        all[i] = (struct mcpp_derived){of.is_role ? atoms_of_role(&build->logic->atoms, of.index)
                                                  : atoms_of_scope(of.index),
                                       build->out->nodes.roots[i]};
    }
    return all;
}

static void lay_out_nodes(struct build *build)
{
    const struct policy *policy = build->policy;
    const struct logic *logic = build->logic;
    uint32_t count = policy->derivation_count + policy->tool_count * TOOL_ROOTS;
    diagram *roots = arena_array(build->arena, count, sizeof *roots), *next = roots;
    for (uint32_t i = 0; i < policy->derivation_count; i++)
        *next++ = logic->derived[i];
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        *next++ = logic->tools[i].shown;
        *next++ = logic->tools[i].decision;
        *next++ = logic->tools[i].operator_decision;
    }
    nodes_lay_out(logic->store, roots, count, build->arena, &build->out->nodes);
}

/* ---- all of it ---- */

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

static struct mcpp_policy build_policy(struct build *build)
{
    const struct policy *policy = build->policy;
    const struct tables *out = build->out;
    const struct exact *exact = &build->exact;
    struct span nowhere = {0};
    return (struct mcpp_policy){
        .abi = MCPP_POLICY_ABI,
        .size = MCPP_POLICY_SIZE,
        .name = exact_text(exact, policy->server_name, nowhere, "the server's name"),
        .title = exact_shown(exact, policy->api->title),
        .version = exact_shown(exact, policy->api->version),
        .compiler = "mcpc " MCPP_VERSION,
        .backend = exact_text(exact, policy->backend, nowhere, "the backend's URL"),
        .tools = build_tools(build),
        .tool_count = policy->tool_count,
        .facts = out->facts.at,
        .fact_count = out->facts.count,
        .fact_words = out->facts.words,
        .claims = claims_build(policy, exact),
        .claim_count = policy->claim_count,
        .tests = out->tests.at,
        .test_count = out->tests.count,
        .nodes = out->nodes.at,
        .node_count = out->nodes.count,
        .derived = build_derived(build),
        .derived_count = policy->derivation_count,
        .rules = rules_build(policy, exact),
        .rule_count = policy->rule_count,
        .limits = limits_build(policy, exact),
        .limit_count = policy->limit_count,
        .challenges = out->challenges,
        .challenge_count = out->group_count,
        .narrowed = operator_build(policy, exact),
        .verifiers = verifiers_build(policy, exact),
        .verifier_count = policy->verifier_count,
        .credentials = credentials_build(policy, exact),
        .credential_count = policy->credential_count,
        .choices = choices_build(policy, exact),
        .choice_count = policy->send_count,
        .validate_tokens = policy->validate_tokens};
}

bool tables_build(const struct logic *logic, struct arena *arena, struct diag_list *diags,
                  struct tables *out)
{
    struct build build = {.policy = logic->policy,
                          .logic = logic,
                          .arena = arena,
                          .diags = diags,
                          .exact = {arena, diags},
                          .out = out,
                          .group_index = {.arena = arena}};
    uint32_t errors_before = diags->error_count;
    *out = (struct tables){.source = logic->policy, .logic = logic};
    c_names_open(&build.names, arena);
    check_scope_names(&build);
    tests_build(&logic->atoms, arena, &out->tests);
    facts_build(&logic->atoms, out->tests.argument_count, arena, &out->facts);
    lay_out_nodes(&build);
    names_give(&build.names, arena, out);
    build_groups(&build, out);
    out->policy = build_policy(&build);
    if (diags->error_count > errors_before)
        return false;
    return build_names(&build, out->policy.tools, &out->policy.names);
}

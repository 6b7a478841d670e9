/*
 * Reading operations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/operation.h"

#include "compiler/openapi/argument.h"
#include "compiler/openapi/body.h"
#include "compiler/openapi/parameter.h"
#include "compiler/openapi/response.h"
#include "compiler/openapi/security.h"
#include "compiler/openapi/server.h"
#include "compiler/openapi/tool_extension.h"

/* One path that is being read. */
struct path {
    struct build *build;
    struct str text;
    const struct node *item;
    struct server server;
};

struct operation_list {
    LIST(struct operation) items;
};

/* ---- one operation ---- */

static void read_tags(struct build *build, const struct node *node, struct operation *operation)
{
    const struct node *list = build_sequence(build, node, "tags");
    struct str *tags = arena_array(build->arena, list ? list->count + 1 : 1, sizeof *tags);
    for (uint32_t i = 0; list && i < list->count; i++) {
        if (list->items[i]->kind == NODE_STRING)
            tags[operation->tag_count++] = list->items[i]->text;
        else
            build_diag_warning(build, "bad-value", list->items[i]->span,
                               "a tag is %s, not a string; it is left out",
                               node_kind_name(list->items[i]->kind));
    }
    operation->tags = tags;
}

static void check_id(struct build *build, const struct node *node, struct operation *operation)
{
    operation->id = build_string(build, node, "operationId");
    if (operation->id.len == 0)
        return;
    struct operation *copy = arena_new(build->arena, struct operation);
    *copy = *operation;
    const struct operation *first = map_add(&build->operation_ids, copy->id, copy);
    if (!first)
        return;
    struct diag *diag =
        build_diag_warning(build, "duplicate-operation-id", node_get(node, "operationId")->span,
                           "the operationId '%.*s' is there twice", STR_ARG(operation->id));
    diag_note(build->diags, diag, first->span, "first here");
}

static struct str text_of(struct build *build, const struct node *path_item,
                          const struct node *node, const char *name)
{
    struct str own = build_string(build, node, name);
    return own.len ? own : build_string(build, path_item, name);
}

static void read_server(const struct path *path, const struct node *node,
                        struct operation *operation)
{
    struct build *build = path->build;
    struct server server = path->server;
    if (node_get(node, "servers"))
        server = server_read(build, node);
    if (server.is_relative)
        build_diag_warning(build, "relative-server", operation->span,
                           "the server '%.*s' of this operation is relative; requests go to the "
                           "backend of the policy",
                           STR_ARG(server.text));
    operation->server = server.url;
}

static void note_callbacks(struct build *build, const struct node *node)
{
    const struct member *callbacks = node_member(node, STR("callbacks"));
    if (callbacks)
        build_diag_add(build, DIAG_NOTE, "callbacks", callbacks->name_span,
                       "callbacks are requests of the backend and no tools; they are left out");
}

/* Whether the path's own query sets the name. */
static bool is_fixed(struct str path, struct str name)
{
    struct str query = str_part(path, 0, str_find(path, '#'));
    query = str_from(query, str_find(query, '?') + 1);
    while (query.len) {
        struct str pair = str_part(query, 0, str_find(query, '&'));
        if (str_equal(str_part(pair, 0, str_find(pair, '=')), name))
            return true;
        query = str_from(query, pair.len + 1);
    }
    return false;
}

/* What tells two operations apart must not be an argument, with which one would be the other. */
static void drop_fixed(struct build *build, const struct operation *operation,
                       struct draft_list *drafts)
{
    size_t kept = 0;
    for (size_t i = 0; i < drafts->items.count; i++) {
        const struct argument *argument = &drafts->items.at[i].argument;
        bool is_dropped =
            argument->place == PLACE_QUERY && is_fixed(operation->path, argument->wire_name);
        if (is_dropped)
            build_diag_add(build, DIAG_NOTE, "fixed-parameter", argument->span,
                           "the path sets the query parameter '%.*s'; it is no argument",
                           STR_ARG(argument->wire_name));
        else
            drafts->items.at[kept++] = drafts->items.at[i];
    }
    drafts->items.count = kept;
}

/* OpenAPI has no `security` for all operations of a path, but whoever writes one does not mean that
 * they are public. */
static void heed_path_security(const struct path *path, const struct node *node,
                               struct operation *operation)
{
    if (node_get(path->item, "security") && !node_get(node, "security"))
        operation->has_security = operation->is_inexpressible = true;
}

static struct operation read_operation(const struct path *path, const struct node *node,
                                       struct str method, struct span span)
{
    struct build *build = path->build;
    struct operation operation = {.method = method, .path = path->text, .span = span};
    struct draft_list drafts = {0};
    build_check_members(build, node, "an operation",
                        " tags summary description externalDocs operationId parameters requestBody "
                        "responses callbacks deprecated security servers ");
    check_id(build, node, &operation);
    operation.summary = text_of(build, path->item, node, "summary");
    operation.description = text_of(build, path->item, node, "description");
    operation.is_deprecated = build_boolean(build, node, "deprecated", false);
    read_tags(build, node, &operation);
    read_server(path, node, &operation);
    security_read_operation(build, node, &operation);
    heed_path_security(path, node, &operation);
    parameter_read_all(build, path->item, node, &operation, &drafts);
    drop_fixed(build, &operation, &drafts);
    body_read(build, node, &operation, &drafts);
    argument_build(build, &drafts, &operation);
    response_read(build, node, &operation);
    note_callbacks(build, node);
    operation.docs_url = build_string(build, build_mapping(build, node, "externalDocs"), "url");
    tool_extension_read(build, node, path->item, &operation);
    return operation;
}

/* ---- path items ---- */

/* The method of a path item's member, or empty. */
static struct str method_of(const struct build *build, struct str key)
{
    static const struct {
        struct str key, method;
        enum openapi_version since;
    } methods[] = {
        {STR_INIT("get"), STR_INIT("GET"), OPENAPI_3_0},
        {STR_INIT("put"), STR_INIT("PUT"), OPENAPI_3_0},
        {STR_INIT("post"), STR_INIT("POST"), OPENAPI_3_0},
        {STR_INIT("delete"), STR_INIT("DELETE"), OPENAPI_3_0},
        {STR_INIT("options"), STR_INIT("OPTIONS"), OPENAPI_3_0},
        {STR_INIT("head"), STR_INIT("HEAD"), OPENAPI_3_0},
        {STR_INIT("patch"), STR_INIT("PATCH"), OPENAPI_3_0},
        {STR_INIT("trace"), STR_INIT("TRACE"), OPENAPI_3_0},
        {STR_INIT("query"), STR_INIT("QUERY"), OPENAPI_3_2},
    };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (str_equal(methods[i].key, key) && build->version >= methods[i].since)
            return methods[i].method;
    return (struct str){0};
}

static void add_operation(struct path *path, struct operation_list *list,
                          const struct member *member, struct str method)
{
    const struct node *node = reference_follow(path->build->references, member->value);
    if (!build_is_mapping(path->build, node, member->name_span, "an operation"))
        return;
    struct operation operation = read_operation(path, node, method, member->name_span);
    *list_add(path->build->arena, &list->items) = operation;
}

/* Methods that have keys of their own, whatever the case, and the one for tunnels. */
static bool is_taken(struct str name)
{
    static const char *const methods[] = {"GET",  "PUT",   "POST",  "DELETE", "OPTIONS",
                                          "HEAD", "PATCH", "TRACE", "QUERY",  "CONNECT"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (build_equal_ignoring_case(name, methods[i]))
            return true;
    return false;
}

/* OpenAPI 3.2: methods that have no key of their own, by the name that is sent. */
static void add_other_methods(struct path *path, struct operation_list *list)
{
    struct build *build = path->build;
    const struct node *others = build_mapping(build, path->item, "additionalOperations");
    for (uint32_t i = 0; others && i < others->count; i++) {
        const struct member *member = &others->members[i];
        if (build_is_token(member->name) && !is_taken(member->name) &&
            !build_is_extension(member->name))
            add_operation(path, list, member, member->name);
        else
            build_diag_warning(build, "bad-method", member->name_span,
                               "'%.*s' is no additional HTTP method; the operation is left out",
                               STR_ARG(member->name));
    }
}

static bool is_template(struct build *build, const struct member *member)
{
    struct str text = member->name;
    const char *problem = NULL;
    bool is_open = false, is_fixed = false; /* past a '?' or '#' */
    if (!str_starts(text, "/"))
        problem = "does not begin with '/'";
    for (size_t i = 0; i < text.len && !problem; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (text.at[i] == '{' ? is_open : text.at[i] == '}' && !is_open)
            problem = "has braces that do not match";
        else if (text.at[i] == '}' && text.at[i - 1] == '{')
            problem = "has a parameter without a name";
        else if (is_fixed && byte == '{')
            problem = "has a parameter in its query or fragment";
        else if (byte < 0x20 || byte == 0x7f)
            problem = "has a control character";
        if (text.at[i] == '{' || text.at[i] == '}')
            is_open = text.at[i] == '{';
        is_fixed |= !is_open && (byte == '?' || byte == '#');
    }
    if (is_open && !problem)
        problem = "has braces that do not match";
    if (problem)
        build_diag_warning(build, "bad-path", member->name_span,
                           "the path '%.*s' %s; its operations are left out", STR_ARG(text),
                           problem);
    return !problem;
}

static void read_members(struct path *path, struct operation_list *list)
{
    struct build *build = path->build;
    for (uint32_t i = 0; i < path->item->count; i++) {
        const struct member *member = &path->item->members[i];
        struct str method = method_of(build, member->name);
        if (method.len)
            add_operation(path, list, member, method);
        else if (build->version >= OPENAPI_3_2 && str_is(member->name, "additionalOperations"))
            add_other_methods(path, list);
    }
}

static void check_item(struct build *build, const struct node *item)
{
    build_check_members(build, item, "a path item",
                        build->version >= OPENAPI_3_2
                            ? " get put post delete options head patch trace query "
                              "additionalOperations summary description servers parameters $ref "
                            : " get put post delete options head patch trace summary description "
                              "servers parameters $ref ");
}

/* What stands beside a $ref, on any step of the way to the item, is not taken (OpenAPI 3.2, section
 * 4.9.1, leaves open what happens to a member that both have, and announces a change). */
static void check_siblings(struct build *build, const struct node *named, const struct node *item)
{
    for (; named && named != item; named = reference_target(build->references, named)) {
        for (uint32_t i = 0; i < named->count; i++) {
            const struct member *member = &named->members[i];
            if (!str_is(member->name, "$ref") && !build_is_extension(member->name))
                build_diag_warning(build, "ignored-keyword", member->name_span,
                                   "'%.*s' beside '$ref' is ignored", STR_ARG(member->name));
        }
    }
}

static void read_path(struct build *build, const struct member *member, struct operation_list *list)
{
    struct path path = {.build = build, .text = member->name};
    path.item = reference_follow(build->references, member->value);
    if (!is_template(build, member) ||
        !build_is_mapping(build, path.item, member->name_span, "a path item"))
        return;
    check_item(build, path.item);
    check_siblings(build, member->value, path.item);
    path.server = server_read(build, path.item);
    read_members(&path, list);
}

void operation_read_all(struct build *build, const struct node *paths)
{
    struct operation_list list = {0};
    for (uint32_t i = 0; i < paths->count; i++)
        if (!build_is_extension(paths->members[i].name))
            read_path(build, &paths->members[i], &list);
    build->api->operations = list.items.at;
    build->api->operation_count = (uint32_t)list.items.count;
}

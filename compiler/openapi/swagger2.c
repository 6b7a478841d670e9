/*
 * The document's own members: servers, components, security schemes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/swagger2.h"

#include "compiler/openapi/swagger2_view.h"

const struct node *swagger2_get(const struct swagger2 *view, const struct node *mapping,
                                const char *name, enum node_kind kind)
{
    const struct node *node = node_get(mapping, name);
    if (!node || node->kind == kind)
        return node;
    diag_error(view->diags, "wrong-kind", node->span, "'%s' is %s, not %s", name,
               node_kind_name(node->kind), node_kind_name(kind));
    return NULL;
}

/* ---- servers ---- */

static void add_server(const struct swagger2 *view, struct str scheme, const struct node *at,
                       struct shape *servers)
{
    const struct node *host = view->host;
    struct str path = node_string(view->base_path);
    struct str url = path.len ? path : STR("/");
    if (host)
        url = str_format(view->arena, "%.*s://%.*s%s%.*s", STR_ARG(scheme), STR_ARG(host->text),
                         path.len && path.at[0] != '/' ? "/" : "", STR_ARG(path));
    struct shape server = shape_at(view, at);
    shape_put_text(&server, "url", url, host ? host->span : at->span);
    shape_add(servers, shape_mapping(&server));
}

/* https first, so that a credential does not go out in the clear when it need not. */
const struct node *swagger2_servers(const struct swagger2 *view, const struct node *schemes)
{
    if (!schemes)
        schemes = view->schemes;
    const struct node *host = view->host;
    const struct node *at = host ? host : view->base_path ? view->base_path : view->root;
    struct shape servers = shape_at(view, at);
    static const char *const known[] = {"https", "http", "wss", "ws"};
    for (size_t order = 0; host && schemes && order < sizeof known / sizeof *known; order++)
        for (uint32_t i = 0; i < schemes->count; i++)
            if (str_is(node_string(schemes->items[i]), known[order]))
                add_server(view, str_of(known[order]), schemes->items[i], &servers);
    if (servers.members.count == 0)
        add_server(view, STR("https"), at, &servers);
    return shape_sequence(&servers);
}

/* ---- security schemes ---- */

static const char *flow_name(struct str flow)
{
    static const char *const names[][2] = {
        {"implicit", "implicit"},
        {"password", "password"},
        {"application", "clientCredentials"},
        {"accessCode", "authorizationCode"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(flow, names[i][0]))
            return names[i][1];
    return NULL;
}

static void put_flows(const struct swagger2 *view, const struct node *scheme, struct shape *out)
{
    static const char *const moved[] = {"authorizationUrl", "tokenUrl", "scopes"};
    const struct node *kind = swagger2_get(view, scheme, "flow", NODE_STRING);
    const char *name = flow_name(node_string(kind));
    if (!name) {
        diag_error(view->diags, "unknown-flow", kind ? kind->span : scheme->span,
                   kind ? "unknown OAuth2 flow '%.*s'" : "an OAuth2 scheme without 'flow'%.*s",
                   STR_ARG(node_string(kind)));
        return;
    }
    struct shape flows = shape_at(view, kind), flow = shape_at(view, scheme);
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
        const struct member *member = node_member(scheme, str_of(moved[i]));
        if (member)
            shape_keep(&flow, member);
    }
    shape_put(&flows, str_of(name), shape_mapping(&flow));
    shape_put(out, STR("flows"), shape_mapping(&flows));
}

static bool is_flow_member(struct str name)
{
    return str_is(name, "flow") || str_is(name, "authorizationUrl") || str_is(name, "tokenUrl") ||
           str_is(name, "scopes");
}

static const struct node *convert_scheme(const struct swagger2 *view, const struct node *scheme)
{
    const struct node *type = node_get(scheme, "type");
    bool is_basic = str_is(node_string(type), "basic");
    bool is_oauth2 = str_is(node_string(type), "oauth2");
    if (!is_basic && !is_oauth2)
        return scheme;
    struct shape out = shape_at(view, scheme);
    for (uint32_t i = 0; i < scheme->count; i++) {
        struct str name = scheme->members[i].name;
        if (is_basic ? !str_is(name, "type") : !is_flow_member(name))
            shape_keep(&out, &scheme->members[i]);
    }
    if (is_basic) {
        shape_put_text(&out, "type", STR("http"), type->span);
        shape_put_text(&out, "scheme", STR("basic"), type->span);
    } else {
        put_flows(view, scheme, &out);
    }
    return shape_mapping(&out);
}

/* ---- the root ---- */

typedef const struct node *(*convert_member)(const struct swagger2 *, const struct node *);

/* The mapping with each member converted; extensions are kept. */
static const struct node *convert_members(const struct swagger2 *view, const struct node *mapping,
                                          convert_member convert)
{
    if (!mapping)
        return NULL;
    struct shape out = shape_at(view, mapping);
    for (uint32_t i = 0; i < mapping->count; i++) {
        struct member member = mapping->members[i];
        if (!str_starts(member.name, "x-") && member.value->kind == NODE_MAPPING)
            member.value = convert(view, member.value);
        shape_keep(&out, &member);
    }
    return shape_mapping(&out);
}

static const struct node *convert_components(const struct swagger2 *view)
{
    const struct node *root = view->root;
    struct shape out = shape_at(view, root);
    shape_put(&out, STR("schemas"), swagger2_get(view, root, "definitions", NODE_MAPPING));
    const struct node *schemes = swagger2_get(view, root, "securityDefinitions", NODE_MAPPING);
    shape_put(&out, STR("securitySchemes"), convert_members(view, schemes, convert_scheme));
    return out.members.count ? shape_mapping(&out) : NULL;
}

static bool is_converted(struct str name)
{
    static const char *const names[] = {
        "swagger", "host",        "basePath",   "schemes",   "consumes",           "produces",
        "paths",   "definitions", "parameters", "responses", "securityDefinitions"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(name, names[i]))
            return true;
    return false;
}

static const struct node *convert_root(const struct swagger2 *view)
{
    const struct node *root = view->root;
    const struct node *version = node_get(root, "swagger");
    struct shape out = shape_at(view, root);
    shape_put_text(&out, "openapi", STR("3.0.4"), version ? version->span : root->span);
    for (uint32_t i = 0; i < root->count; i++)
        if (!is_converted(root->members[i].name))
            shape_keep(&out, &root->members[i]);
    shape_put(&out, STR("servers"), swagger2_servers(view, NULL));
    const struct node *paths = swagger2_get(view, root, "paths", NODE_MAPPING);
    shape_put(&out, STR("paths"), convert_members(view, paths, swagger2_path_item));
    shape_put(&out, STR("components"), convert_components(view));
    return shape_mapping(&out);
}

bool swagger2_convert(const struct document *in, struct arena *arena, struct diag_list *diags,
                      struct document *out)
{
    uint32_t errors_before = diags->error_count;
    *out = (struct document){.source = in->source};
    if (!in->root)
        return false;
    if (in->root->kind != NODE_MAPPING) {
        diag_error(diags, "wrong-kind", in->root->span, "the document is %s, not %s",
                   node_kind_name(in->root->kind), node_kind_name(NODE_MAPPING));
        return false;
    }
    struct map reported = {.arena = arena};
    struct swagger2 view = {.root = in->root,
                            .arena = arena,
                            .diags = diags,
                            .reported = &reported,
                            .references = references_open(in, arena, diags)};
    view.host = swagger2_get(&view, in->root, "host", NODE_STRING);
    view.base_path = swagger2_get(&view, in->root, "basePath", NODE_STRING);
    view.schemes = swagger2_get(&view, in->root, "schemes", NODE_SEQUENCE);
    view.consumes = swagger2_get(&view, in->root, "consumes", NODE_SEQUENCE);
    view.produces = swagger2_get(&view, in->root, "produces", NODE_SEQUENCE);
    out->root = convert_root(&view);
    out->original = in->root;
    out->references = view.references;
    return diags->error_count == errors_before;
}

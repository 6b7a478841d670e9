/*
 * Building the model: version, information, tags, servers, security, then the operations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/model.h"

#include "compiler/openapi/build.h"
#include "compiler/openapi/extension.h"
#include "compiler/openapi/operation.h"
#include "compiler/openapi/security.h"
#include "compiler/openapi/server.h"
#include "compiler/openapi/swagger2.h"
#include "compiler/openapi/tool_extension.h"

/* ---- version ---- */

/* Also the text of a version that was written without quotes, as YAML invites to. */
static struct str version_text(const struct node *node)
{
    bool is_text = node && (node->kind == NODE_STRING || node->kind == NODE_NUMBER);
    return is_text ? node->text : (struct str){0};
}

static bool is_version(struct str text, const char *minor)
{
    struct str rest = str_from(text, 3);
    return str_starts(text, minor) &&
           (rest.len == 0 || str_starts(rest, ".") || str_starts(rest, "-"));
}

static bool find_version(struct str text, enum openapi_version *version)
{
    static const char *const versions[] = {
        [OPENAPI_3_0] = "3.0", [OPENAPI_3_1] = "3.1", [OPENAPI_3_2] = "3.2"};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        if (!is_version(text, versions[i]))
            continue;
        *version = (enum openapi_version)i;
        return true;
    }
    return false;
}

static void report_version(struct diag_list *diags, const struct node *root,
                           const struct node *version)
{
    struct diag *diag;
    if (root->kind != NODE_MAPPING || !version)
        diag = diag_error(diags, "unknown-version", (struct span){root->span.source, 0, 0},
                          "this is no OpenAPI document: it has neither 'openapi' nor 'swagger'");
    else if (version_text(version).len)
        diag = diag_error(diags, "unknown-version", version->span,
                          "OpenAPI '%.*s' is not supported", STR_ARG(version_text(version)));
    else
        diag = diag_error(diags, "unknown-version", version->span, "the version is %s",
                          node_kind_name(version->kind));
    diag_help(diags, diag, "openapi: 3.0.x, 3.1.x and 3.2.x, and swagger: \"2.0\", are supported");
}

/* A document of OpenAPI 3.x: `document` itself, or `converted` made from it. */
static const struct document *with_version(const struct document *document, struct build *build,
                                           struct document *converted)
{
    const struct node *swagger = node_get(document->root, "swagger");
    const struct node *openapi = node_get(document->root, "openapi");
    struct str text = version_text(openapi ? openapi : swagger);
    build->api->openapi = text;
    if (openapi && find_version(text, &build->version))
        return document;
    if (!openapi && str_is(text, "2.0")) {
        build->is_swagger2 = true;
        bool is_right = swagger2_convert(document, build->arena, build->diags, converted);
        return is_right ? converted : NULL;
    }
    report_version(build->diags, document->root, openapi ? openapi : swagger);
    return NULL;
}

/* ---- the document's own members ---- */

static void read_info(struct build *build)
{
    const struct node *info = build_mapping(build, build->root, "info");
    struct api *api = build->api;
    if (!info) {
        build_diag_warning(build, "missing-info",
                           (struct span){build->root->span.source, build->root->span.start,
                                         build->root->span.start},
                           "the document has no 'info'");
        return;
    }
    build_check_members(build, info, "info",
                        " title summary description termsOfService contact license version ");
    api->title = build_string(build, info, "title");
    api->description = build_string(build, info, "description");
    const struct node *version = node_get(info, "version");
    api->version = version_text(version);
    if (version && version->kind != NODE_STRING && version->kind != NODE_NUMBER)
        api->version = build_string(build, info, "version"); /* reports it */
}

static void read_tags(struct build *build)
{
    const struct node *list = build_sequence(build, build->root, "tags");
    struct tag *tags = arena_array(build->arena, list ? list->count + 1 : 1, sizeof *tags);
    for (uint32_t i = 0; list && i < list->count; i++) {
        const struct node *node = list->items[i];
        if (!build_is_mapping(build, node, node->span, "a tag"))
            continue;
        build_check_members(build, node, "a tag",
                            " name summary description externalDocs parent kind ");
        tags[build->api->tag_count++] = (struct tag){build_string(build, node, "name"),
                                                     build_string(build, node, "description")};
    }
    build->api->tags = tags;
}

static void read_extensions(struct build *build)
{
    struct token_extensions extensions = {0};
    extension_read(build, build->root, &extensions);
    extension_read(build, node_get(build->root, "info"), &extensions);
    build->api->issuer = extensions.issuer;
    build->api->jwks = extensions.jwks;
    build->api->audience = extensions.audience;
}

static void note_webhooks(struct build *build)
{
    const struct member *webhooks = node_member(build->root, STR("webhooks"));
    if (webhooks)
        build_diag_add(build, DIAG_NOTE, "webhooks", webhooks->name_span,
                       "webhooks are requests of the backend and no tools; they are left out");
}

static void read_operations(struct build *build)
{
    const struct node *paths = build_mapping(build, build->root, "paths");
    if (paths)
        operation_read_all(build, paths);
    else if (!node_get(build->root, "webhooks") && !node_get(build->root, "components"))
        build_diag_warning(build, "missing-paths",
                           (struct span){build->root->span.source, build->root->span.start,
                                         build->root->span.start},
                           "the document has no 'paths', so no operations");
}

static void read_document(struct build *build)
{
    build_check_members(
        build, build->root, "an OpenAPI document",
        " openapi info jsonSchemaDialect servers paths webhooks components security "
        "tags externalDocs $self ");
    read_info(build);
    read_tags(build);
    read_extensions(build);
    struct server server = server_read(build, build->root);
    build->api->server = server.url;
    build->api->server_text = server.text;
    security_read_schemes(build);
    note_webhooks(build);
    tool_extension_read_defaults(build);
    read_operations(build);
}

/* All texts that were read: those of references, then the overlays. */
static void set_inputs(struct build *build, const struct document *document)
{
    uint32_t count;
    const struct source *const *read = references_sources(build->references, &count);
    const struct source **all =
        arena_array(build->arena, count + document->overlay_count + 1, sizeof *all);
    for (uint32_t i = 0; i < count; i++)
        all[i] = read[i];
    for (uint32_t i = 0; i < document->overlay_count; i++)
        all[count++] = document->overlays[i];
    build->api->inputs = all;
    build->api->input_count = count;
}

bool model_build(const struct document *document, struct arena *arena, struct diag_list *diags,
                 struct api *out)
{
    *out = (struct api){.source = document->source};
    if (!document->root)
        return false;
    uint32_t error_count = diags->error_count;
    struct build build = {.arena = arena, .diags = diags, .api = out};
    struct map empty = {.arena = arena};
    build.scheme_index = build.poisoned_schemes = build.operation_ids = build.reported = empty;
    build.definitions.by_target = build.definitions.by_name = build.definitions.keywords = empty;
    build.definitions.dynamic = empty;
    struct document converted;
    const struct document *read = with_version(document, &build, &converted);
    if (!read || !read->root)
        return false;
    build.root = read->root;
    build.references = references_open(read, arena, diags);
    read_document(&build);
    set_inputs(&build, document);
    return diags->error_count == error_count;
}

struct str api_operation_text(const struct operation *operation, struct arena *arena)
{
    struct str text = operation->description.len ? operation->description : operation->summary;
    struct str_builder out = {.arena = arena};
    if (operation->is_deprecated)
        str_add_text(&out, text.len ? "Deprecated. " : "Deprecated.");
    str_add(&out, text);
    if (operation->docs_url.len)
        str_add_format(&out, "%sSee also: %.*s", out.len ? "\n\n" : "",
                       STR_ARG(operation->docs_url));
    return str_built(&out);
}

const struct operation *api_operation(const struct api *api, struct str method, struct str path)
{
    for (uint32_t i = 0; i < api->operation_count; i++)
        if (str_equal(api->operations[i].path, path) &&
            str_equal(api->operations[i].method, method))
            return &api->operations[i];
    return NULL;
}

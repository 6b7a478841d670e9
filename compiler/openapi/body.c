/*
 * Reading request bodies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/body.h"

#include "compiler/openapi/form.h"
#include "compiler/openapi/media_type.h"
#include "compiler/openapi/object.h"

/* ---- one argument for all ---- */

static void add_whole(struct body *body, enum draft_form form, struct str media_type)
{
    struct draft draft = {.form = form,
                          .schema = body->schema,
                          .media_type = media_type,
                          .notes = {.description = body->description},
                          .argument = {.wire_name = STR("body"),
                                       .place = PLACE_WHOLE_BODY,
                                       .style = STYLE_JSON,
                                       .is_required = body->is_required,
                                       .description = body->description,
                                       .span = body->span}};
    *list_add(body->build->arena, &body->drafts->items) = draft;
}

static void add_text(struct body *body)
{
    bool is_string = body->schema && schema_has_type(body->build, body->schema, "string");
    body->operation->body = BODY_TEXT;
    add_whole(body, is_string ? DRAFT_SCHEMA : DRAFT_STRING, STR(""));
}

static void add_bytes(struct body *body)
{
    bool is_known = !media_type_is_range(body->type) &&
                    !build_equal_ignoring_case(body->type, "application/octet-stream");
    if (media_type_is_range(body->type))
        body->operation->content_type = STR("application/octet-stream");
    body->operation->body = BODY_BASE64;
    add_whole(body, DRAFT_BYTES, is_known ? body->type : STR(""));
}

/* ---- an argument for each property ---- */

static bool collides(const struct body *body, const struct object *object)
{
    for (size_t i = 0; i < body->drafts->items.count; i++)
        for (size_t at = 0; at < object->properties.count; at++)
            if (str_equal(body->drafts->items.at[i].argument.wire_name,
                          object->properties.at[at].name))
                return true;
    return false;
}

static bool can_spread(const struct body *body, const struct object *object)
{
    return object->is_plain && object->properties.count > 0 && !collides(body, object);
}

static void add_json(struct body *body)
{
    body->operation->body = BODY_JSON;
    if (media_type_is_range(body->type))
        body->operation->content_type = STR("application/json");
    struct object object = object_read(body->build, body->schema);
    if (!can_spread(body, &object)) {
        add_whole(body, DRAFT_SCHEMA, STR(""));
        return;
    }
    form_note_optional(body, &object);
    for (size_t i = 0; i < object.properties.count; i++) {
        struct draft draft = form_property_draft(&object.properties.at[i]);
        draft.argument.style = STYLE_JSON;
        draft.argument.explode = false;
        *list_add(body->build->arena, &body->drafts->items) = draft;
    }
}

/* ---- choosing ---- */

/* Each combination is said once a document: real ones offer the same three everywhere. */
static void note_choice(struct build *build, const struct member *best, const struct str *others,
                        size_t count)
{
    struct str_builder list = {.arena = build->arena};
    for (size_t i = 0; i < count; i++) {
        str_add_text(&list, i == 0 ? "'" : i + 1 < count ? "', '" : "' or '");
        str_add(&list, others[i]);
    }
    struct str key = str_format(build->arena, "%.*s instead of %.*s", STR_ARG(best->name),
                                STR_ARG(str_built(&list)));
    if (count && build_is_first(build, "several-media-types", key))
        build_diag_add(build, DIAG_NOTE, "several-media-types", best->name_span,
                       "bodies are sent as '%.*s', not as %.*s', here and elsewhere",
                       STR_ARG(best->name), STR_ARG(str_built(&list)));
}

static const struct member *choose(struct build *build, const struct node *content)
{
    const struct member *best = NULL;
    LIST(struct str) others = {0};
    for (uint32_t i = 0; i < content->count; i++) {
        const struct member *member = &content->members[i];
        if (build_is_extension(member->name))
            continue;
        if (!media_type_is_safe(member->name)) {
            build_diag_warning(build, "bad-media-type", member->name_span,
                               "'%.*s' is no media type; it is left out", STR_ARG(member->name));
            continue;
        }
        bool is_better = !best || media_type_kind(member->name) < media_type_kind(best->name);
        if (!is_better || best)
            *list_add(build->arena, &others) = is_better ? best->name : member->name;
        best = is_better ? member : best;
    }
    if (best)
        note_choice(build, best, others.at, others.count);
    return best;
}

static void add_body(struct body *body)
{
    body->operation->content_type = body->type;
    switch (media_type_kind(body->type)) {
    case MEDIA_LIKE_JSON:
        if (body->schema && media_type_is_range(body->type) &&
            schema_is_binary(body->build, body->schema)) {
            add_bytes(body);
            break;
        }
        add_json(body);
        break;
    case MEDIA_JSON:
        add_json(body);
        break;
    case MEDIA_FORM:
        form_add(body, false);
        break;
    case MEDIA_MULTIPART:
        form_add(body, true);
        break;
    case MEDIA_TEXT:
        add_text(body);
        break;
    case MEDIA_BYTES:
        add_bytes(body);
        break;
    }
}

static bool takes_no_body(const struct operation *operation)
{
    return str_is(operation->method, "GET") || str_is(operation->method, "HEAD") ||
           str_is(operation->method, "TRACE");
}

static void read_content(struct body *body, const struct node *node)
{
    struct build *build = body->build;
    const struct node *content = build_mapping(build, node, "content");
    const struct member *media = content ? choose(build, content) : NULL;
    if (!media) {
        build_diag_warning(build, "unsupported-body", body->span,
                           "the request body has no media type; the request goes without one");
        return;
    }
    body->media = reference_follow(build->references, media->value);
    if (body->media && body->media->kind == NODE_MAPPING)
        build_check_members(build, body->media, "a media type",
                            " schema example examples encoding itemSchema itemEncoding "
                            "prefixEncoding $ref ");
    body->schema = node_get(body->media, "schema");
    body->type = media->name;
    body->span = media->name_span;
    add_body(body);
}

void body_read(struct build *build, const struct node *node, struct operation *operation,
               struct draft_list *drafts)
{
    const struct node *named = node_get(node, "requestBody");
    if (!named)
        return;
    if (takes_no_body(operation)) {
        build_diag_warning(build, "ignored-body", named->span,
                           "a body of %.*s has no meaning in HTTP; it is left out",
                           STR_ARG(operation->method));
        return;
    }
    const struct node *followed = reference_follow(build->references, named);
    if (!build_is_mapping(build, followed, named->span, "a request body"))
        return;
    build_check_members(build, followed, "a request body",
                        " description content required $ref summary ");
    struct body body = {.build = build,
                        .operation = operation,
                        .drafts = drafts,
                        .span = named->span,
                        .description = build_string(build, followed, "description"),
                        .is_required = build_boolean(build, followed, "required", false)};
    read_content(&body, followed);
}

/*
 * Reading request bodies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/body.h"

#include "compiler/openapi/media_type.h"
#include "compiler/openapi/object.h"
#include "compiler/openapi/parameter_style.h"

struct body {
    struct build *build;
    struct operation *operation;
    struct draft_list *drafts;
    const struct node *media; /* the Media Type Object that was chosen */
    const struct node *schema;
    struct str type, description;
    struct span span;
    bool is_required;
};

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

static struct draft property_draft(const struct property *property)
{
    return (struct draft){.schema = property->schema,
                          .argument = {.wire_name = property->name,
                                       .place = PLACE_BODY,
                                       .style = STYLE_FORM,
                                       .explode = true,
                                       .is_required = property->is_required,
                                       .span = property->span}};
}

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

/* Required properties are required even when the body as a whole is not: documents that demand them
 * seldom mean that a request without a body is right as well. */
static void note_optional(struct body *body, const struct object *object)
{
    if (!body->is_required && object->has_required &&
        build_is_first(body->build, "optional-body", STR("")))
        build_diag_add(body->build, DIAG_NOTE, "optional-body", body->span,
                       "the body may be left out but has required properties; they are required "
                       "arguments, here and elsewhere");
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
    note_optional(body, &object);
    for (size_t i = 0; i < object.properties.count; i++) {
        struct draft draft = property_draft(&object.properties.at[i]);
        draft.argument.style = STYLE_JSON;
        draft.argument.explode = false;
        *list_add(body->build->arena, &body->drafts->items) = draft;
    }
}

/* ---- forms ---- */

static const struct node *encoding_of(struct body *body, struct str name)
{
    const struct member *member = node_member(node_get(body->media, "encoding"), name);
    if (!member || !build_is_mapping(body->build, member->value, member->name_span, "an encoding"))
        return NULL;
    build_check_members(body->build, member->value, "an encoding",
                        " contentType style explode allowReserved headers ");
    const struct node *headers = node_get(member->value, "headers");
    if (headers && headers->count)
        build_diag_warning(body->build, "unsupported-encoding", headers->span,
                           "headers of parts of a body are not supported; they are not sent");
    return member->value;
}

static bool is_styled(const struct node *encoding)
{
    return node_get(encoding, "style") || node_get(encoding, "explode") ||
           node_get(encoding, "allowReserved");
}

/* `contentType` may list several and ranges (OpenAPI 3.2, 4.15.1); a part goes as one. */
static struct str one_type(struct build *build, const struct node *encoding)
{
    struct str listed =
        encoding ? str_trimmed(build_string(build, encoding, "contentType"), " ") : STR("");
    struct str first = {0};
    for (size_t start = 0; start < listed.len && !first.len;) {
        size_t end = start + str_find(str_from(listed, start), ',');
        struct str type = str_trimmed(str_part(listed, start, end), " ");
        if (media_type_is_safe(type) && !media_type_is_range(type))
            first = type;
        start = end + 1;
    }
    if (listed.len == first.len)
        return first;
    struct span span = node_get(encoding, "contentType")->span;
    if (first.len)
        build_diag_warning(build, "unsupported-encoding", span,
                           "a choice of media types is not supported; the part is sent as '%.*s'",
                           STR_ARG(first));
    else
        build_diag_warning(build, "unsupported-encoding", span,
                           "'%.*s' is no single media type; the part is sent with the usual one",
                           STR_ARG(listed));
    return first;
}

static struct str description_of(struct build *build, const struct node *schema)
{
    struct str own = node_string(node_get(schema, "description"));
    const struct node *followed = reference_follow(build->references, schema);
    return own.len ? own : node_string(node_get(followed, "description"));
}

/* A string, or nothing that is said, of a type that is no text: an image, say. */
static bool is_file(struct build *build, const struct node *schema, struct str type)
{
    const struct node *followed = reference_follow(build->references, schema);
    bool is_string = schema_has_type(build, schema, "string");
    if (!is_string && followed && node_get(followed, "type"))
        return false;
    if (is_string && str_is(node_string(node_get(followed, "contentEncoding")), "base64"))
        return true;
    bool is_structured = node_get(followed, "properties") || node_get(followed, "allOf") ||
                         node_get(followed, "oneOf") || node_get(followed, "anyOf");
    return schema_is_binary(build, schema) ||
           (type.len && !is_structured && media_type_kind(type) == MEDIA_BYTES);
}

/* What the schema of a value or, for a list, of its items says about its media type. */
static struct str schema_type(struct build *build, const struct node *item)
{
    const struct node *followed = reference_follow(build->references, item);
    struct str type = node_string(node_get(followed, "contentMediaType"));
    bool is_one =
        media_type_is_safe(type) && !media_type_is_range(type) && str_find(type, ',') == type.len;
    return is_one ? type : STR("");
}

/* The model gives bytes only, so that the file's name is the property's. */
static struct str file_description(struct build *build, const struct draft *draft)
{
    struct str own = str_trimmed(description_of(build, draft->schema), " ");
    bool is_list = draft->form == DRAFT_BYTES_LIST;
    return str_format(build->arena, "%.*s%sBase64; %s as a file named %.*s%s", STR_ARG(own),
                      own.len ? " (" : "", is_list ? "each is sent" : "sent",
                      STR_ARG(draft->argument.wire_name), own.len ? ")" : "");
}

/* Says how one part, or each of them for a list, is sent. */
static void set_part(struct body *body, struct draft *draft, struct str type)
{
    struct build *build = body->build;
    const struct node *followed = reference_follow(build->references, draft->schema);
    const struct node *items = node_get(followed, "items");
    bool is_list = schema_has_type(build, draft->schema, "array") && items;
    const struct node *item = is_list ? items : draft->schema;
    struct str part_type = type.len ? type : schema_type(build, item);
    bool is_json = draft->argument.style == STYLE_JSON || media_type_is_json(part_type);
    if (part_type.len && !is_json && schema_has_type(build, item, "object")) {
        build_diag_warning(build, "unsupported-encoding", body->span,
                           "the object '%.*s' cannot be sent as '%.*s'; it is sent as JSON",
                           STR_ARG(draft->argument.wire_name), STR_ARG(part_type));
        return;
    }
    draft->argument.content_type = part_type;
    if (draft->argument.style == STYLE_JSON || !is_file(build, item, type))
        return;
    draft->form = is_list ? DRAFT_BYTES_LIST : DRAFT_BYTES;
    draft->media_type = part_type;
    draft->notes.description = file_description(build, draft);
}

/* An object in a form is JSON by default, and whatever is said to be (OpenAPI 3.2, 4.15.1.1). */
static void add_form_property(struct body *body, const struct property *property, bool is_multipart)
{
    struct build *build = body->build;
    struct draft draft = property_draft(property);
    const struct node *encoding = encoding_of(body, property->name);
    struct str type = one_type(build, encoding);
    if (encoding && is_styled(encoding) && !is_multipart)
        parameter_style_read(build, encoding, &draft.argument);
    else if ((type.len && media_type_is_json(type)) ||
             (!is_multipart && schema_has_type(build, property->schema, "object")))
        draft.argument.style = STYLE_JSON;
    else if (encoding && is_styled(encoding))
        build_diag_warning(build, "unsupported-encoding", encoding->span,
                           "styles are not supported in multipart bodies; parts are sent as they "
                           "are by default");
    if (is_multipart)
        set_part(body, &draft, type);
    *list_add(build->arena, &body->drafts->items) = draft;
}

static void add_form(struct body *body, bool is_multipart)
{
    struct build *build = body->build;
    struct object object = object_read(build, body->schema);
    if (object.properties.count == 0) {
        build_diag_warning(build, "unsupported-body", body->span,
                           "the form has no properties that are known; the request goes without a "
                           "body");
        body->operation->content_type = STR("");
        return;
    }
    if (!object.is_plain)
        build_diag_warning(build, "unsupported-body", body->span,
                           "the form's schema says more than its properties; the backend alone "
                           "will check that");
    note_optional(body, &object);
    body->operation->body = is_multipart ? BODY_MULTIPART : BODY_FORM;
    for (size_t i = 0; i < object.properties.count; i++)
        add_form_property(body, &object.properties.at[i], is_multipart);
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
        add_form(body, false);
        break;
    case MEDIA_MULTIPART:
        add_form(body, true);
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

/*
 * Reading forms and encodings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/form.h"

#include <strings.h>

#include "compiler/openapi/media_type.h"
#include "compiler/openapi/parameter.h"
#include "compiler/openapi/parameter_style.h"

struct draft form_property_draft(const struct property *property)
{
    return (struct draft){.schema = property->schema,
                          .argument = {.wire_name = property->name,
                                       .place = PLACE_BODY,
                                       .style = STYLE_FORM,
                                       .explode = true,
                                       .is_required = property->is_required,
                                       .span = property->span}};
}

void form_note_optional(struct body *body, const struct object *object)
{
    if (!body->is_required && object->has_required &&
        build_is_first(body->build, "optional-body", STR("")))
        build_diag_add(body->build, DIAG_NOTE, "optional-body", body->span,
                       "the body may be left out but has required properties; they are required "
                       "arguments, here and elsewhere");
}

/* ---- encodings ---- */

static const struct node *encoding_of(struct body *body, struct str name)
{
    const struct member *member = node_member(node_get(body->media, "encoding"), name);
    if (!member || !build_is_mapping(body->build, member->value, member->name_span, "an encoding"))
        return NULL;
    build_check_members(body->build, member->value, "an encoding",
                        " contentType style explode allowReserved headers ");
    return member->value;
}

/* Whether the encoding says how values become pairs. OpenAPI 3.0 ignores that in multipart bodies
 * (section "Encoding Object"). */
static bool is_styled(struct body *body, const struct node *encoding, bool is_multipart)
{
    struct build *build = body->build;
    bool is_said = node_get(encoding, "style") || node_get(encoding, "explode") ||
                   node_get(encoding, "allowReserved");
    if (!is_said || !is_multipart || build->version != OPENAPI_3_0 || build->is_swagger2)
        return is_said;
    build_diag_warning(build, "unsupported-encoding", encoding->span,
                       "OpenAPI 3.0 ignores styles in multipart bodies; parts are sent as they are "
                       "by default");
    return false;
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

/* What one part stands for: an item of a list, or the value. */
static const struct node *part_schema(struct build *build, const struct draft *draft)
{
    const struct node *followed = reference_follow(build->references, draft->schema);
    const struct node *items = node_get(followed, "items");
    return schema_has_type(build, draft->schema, "array") && items ? items : draft->schema;
}

/* Says how one part, or each of them for a list, is sent. */
static void set_part(struct body *body, struct draft *draft, struct str type)
{
    struct build *build = body->build;
    const struct node *item = part_schema(build, draft);
    bool is_list = item != draft->schema;
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

/* Headers that the server writes itself, or that would say something wrong about the part. */
static bool is_own_header(struct str name)
{
    static const char *const names[] = {"Content-Type", "Content-Disposition", "Content-Length",
                                        "Content-Transfer-Encoding", "Content-Encoding"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (build_equal_ignoring_case(name, names[i]))
            return true;
    return false;
}

static void add_header(struct body *body, const struct member *header, const struct argument *of)
{
    struct build *build = body->build;
    struct draft draft;
    if (is_own_header(header->name)) {
        build_diag_warning(build, "reserved-header", header->name_span,
                           "the server sets '%.*s' of a part itself; it is no argument",
                           STR_ARG(header->name));
        return;
    }
    if (!parameter_read_header(build, header, &draft))
        return;
    draft.argument.part = of->wire_name;
    draft.argument.is_required = draft.argument.is_required && of->is_required;
    *list_add(build->arena, &body->drafts->items) = draft;
}

static void add_headers(struct body *body, const struct node *encoding, const struct argument *of)
{
    const struct node *headers = encoding ? build_mapping(body->build, encoding, "headers") : NULL;
    for (uint32_t i = 0; headers && i < headers->count; i++)
        add_header(body, &headers->members[i], of);
}

/* A file stays one, whatever style is given. */
static void add_part_property(struct body *body, struct draft *draft, const struct node *encoding)
{
    struct build *build = body->build;
    struct str type = one_type(build, encoding);
    if (encoding && is_styled(body, encoding, true) &&
        !is_file(build, part_schema(build, draft), STR(""))) {
        parameter_style_read(build, encoding, &draft->argument);
        draft->argument.allow_reserved = false; /* nothing is percent-encoded */
    } else {
        bool is_json = type.len && media_type_is_json(type);
        draft->argument.style = is_json ? STYLE_JSON : STYLE_PART;
        draft->argument.explode = false;
        set_part(body, draft, type);
    }
    *list_add(build->arena, &body->drafts->items) = *draft;
    add_headers(body, encoding, &draft->argument);
}

/* An object in a form is JSON by default, and whatever is said to be (OpenAPI 3.2, 4.15.1.1). */
static void add_pair_property(struct body *body, struct draft *draft, const struct node *encoding)
{
    struct build *build = body->build;
    struct str type = one_type(build, encoding);
    if (encoding && is_styled(body, encoding, false))
        parameter_style_read(build, encoding, &draft->argument);
    else if ((type.len && media_type_is_json(type)) ||
             schema_has_type(build, draft->schema, "object"))
        draft->argument.style = STYLE_JSON;
    *list_add(build->arena, &body->drafts->items) = *draft;
}

static void add_form_property(struct body *body, const struct property *property, bool is_multipart)
{
    struct draft draft = form_property_draft(property);
    const struct node *encoding = encoding_of(body, property->name);
    if (is_multipart)
        add_part_property(body, &draft, encoding);
    else
        add_pair_property(body, &draft, encoding);
}

/* The server draws its own boundary. */
static struct str without_boundary(struct str type)
{
    for (size_t i = 0; i + 8 <= type.len; i++)
        if (strncasecmp(type.at + i, "boundary", 8) == 0)
            return str_trimmed(str_part(type, 0, str_find(type, ';')), " ");
    return type;
}

/* Parts that have no names (OpenAPI 3.2, section 4.14.5) are not made. */
static void report_positions(struct body *body)
{
    static const char *const members[] = {"prefixEncoding", "itemEncoding"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const struct member *member = node_member(body->media, str_of(members[i]));
        if (member)
            build_diag_warning(body->build, "unsupported-encoding", member->name_span,
                               "parts that are told apart by their place are not supported");
    }
}

void form_add(struct body *body, bool is_multipart)
{
    struct build *build = body->build;
    struct object object = object_read(build, body->schema);
    if (is_multipart)
        report_positions(body);
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
    form_note_optional(body, &object);
    if (is_multipart)
        body->operation->content_type = without_boundary(body->type);
    body->operation->body = is_multipart ? BODY_MULTIPART : BODY_FORM;
    for (size_t i = 0; i < object.properties.count; i++)
        add_form_property(body, &object.properties.at[i], is_multipart);
}

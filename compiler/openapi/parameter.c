/*
 * Reading parameters.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/parameter.h"

#include "compiler/openapi/media_type.h"
#include "compiler/openapi/parameter_style.h"
#include "compiler/openapi/querystring.h"
#include "compiler/openapi/security.h"

struct reading {
    struct build *build;
    const struct operation *operation;
    struct draft_list *drafts;
};

/* ---- which are arguments ---- */

static bool read_place(struct str text, enum parameter_place *place)
{
    static const struct {
        const char *name;
        enum parameter_place place;
    } places[] = {{"path", PLACE_PATH},
                  {"query", PLACE_QUERY},
                  {"header", PLACE_HEADER},
                  {"cookie", PLACE_COOKIE},
                  {"querystring", PLACE_QUERYSTRING}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (!str_is(text, places[i].name))
            continue;
        *place = places[i].place;
        return true;
    }
    return false;
}

static bool is_header_of(struct str name, const char *const *names)
{
    for (; *names; names++)
        if (build_equal_ignoring_case(name, *names))
            return true;
    return false;
}

/* Headers that no argument may set. OpenAPI says so of the first kind; the second frames the
 * message or carries credentials, and a caller could change the request with it. */
static bool is_reserved_header(struct build *build, const struct draft *draft)
{
    static const char *const ignored[] = {"Accept", "Content-Type", "Authorization", NULL};
    static const char *const framing[] = {
        "Host", "Connection", "Content-Length", "Keep-Alive", "TE", "Transfer-Encoding", "Trailer",
        "Upgrade", "Expect", "Cookie", "Proxy-Authorization", "Proxy-Connection",
        /* would make it another operation */
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", NULL};
    struct str name = draft->argument.wire_name;
    if (draft->argument.place != PLACE_HEADER)
        return false;
    if (is_header_of(name, framing)) {
        build_diag_warning(build, "reserved-header", draft->argument.span,
                           "the header '%.*s' cannot be an argument; it is left out",
                           STR_ARG(name));
        return true;
    }
    if (!is_header_of(name, ignored))
        return false;
    if (build_is_first(build, "reserved-header", name))
        build_diag_add(build, DIAG_NOTE, "reserved-header", draft->argument.span,
                       "header parameters '%.*s' are ignored, as OpenAPI says", STR_ARG(name));
    return true;
}

static bool is_credential(struct build *build, const struct draft *draft)
{
    struct str name = draft->argument.wire_name;
    if (!security_is_credential(build, draft->argument.place, name))
        return false;
    if (build_is_first(build, "credential-parameter", name))
        build_diag_add(build, DIAG_NOTE, "credential-parameter", draft->argument.span,
                       "'%.*s' is an API key of a security scheme: a credential, no argument",
                       STR_ARG(name));
    return true;
}

static bool is_wire_name(struct build *build, const struct draft *draft)
{
    const struct argument *argument = &draft->argument;
    bool is_header = argument->place == PLACE_HEADER || argument->place == PLACE_COOKIE ||
                     argument->place == PLACE_PART_HEADER;
    if (argument->wire_name.len && (!is_header || build_is_token(argument->wire_name)))
        return true;
    build_diag_warning(build, "bad-parameter", argument->span,
                       "'%.*s' is no name of a header or cookie; the parameter is left out",
                       STR_ARG(argument->wire_name));
    return false;
}

/* ---- one parameter ---- */

static const struct node *first_example(struct build *build, const struct node *node)
{
    const struct node *example = node_get(node, "example");
    const struct node *list = node_get(node, "examples");
    if (example || !list || list->kind != NODE_MAPPING || list->count == 0)
        return example;
    const struct node *first = reference_follow(build->references, list->members[0].value);
    const struct node *value = node_get(first, "value");
    return value ? value : node_get(first, "dataValue");
}

/* `content` instead of a schema: one media type; its value travels as JSON text. */
static void read_content(struct build *build, const struct node *content, struct draft *draft)
{
    const struct member *media = content->count ? &content->members[0] : NULL;
    draft->argument.style = STYLE_JSON;
    draft->argument.explode = false;
    if (!media) {
        build_diag_warning(build, "bad-parameter", content->span,
                           "the parameter '%.*s' has no media type; any value is taken",
                           STR_ARG(draft->argument.wire_name));
        return;
    }
    bool is_form =
        draft->argument.place == PLACE_QUERYSTRING && media_type_kind(media->name) == MEDIA_FORM;
    if (content->count > 1 || (!is_form && !str_ends(media->name, "json")))
        build_diag_warning(build, "unsupported-parameter", media->name_span,
                           "the parameter '%.*s' is sent as JSON text, not as '%.*s'",
                           STR_ARG(draft->argument.wire_name), STR_ARG(media->name));
    const struct node *value = reference_follow(build->references, media->value);
    draft->schema = node_get(value, "schema");
    if (is_form)
        draft->argument.style = STYLE_FORM;
}

static void read_schema(struct build *build, const struct node *node, struct draft *draft)
{
    const struct node *content = build_mapping(build, node, "content");
    draft->schema = node_get(node, "schema");
    if (content)
        read_content(build, content, draft);
    else if (!draft->schema)
        build_diag_warning(build, "bad-parameter", draft->argument.span,
                           "the parameter '%.*s' has no schema; any value is taken",
                           STR_ARG(draft->argument.wire_name));
}

/* What a Header Object has too: all but its name and place. */
static void read_value(struct build *build, const struct node *node, struct draft *out)
{
    struct argument *argument = &out->argument;
    argument->description = build_string(build, node, "description");
    argument->is_required =
        build_boolean(build, node, "required", false) || argument->place == PLACE_PATH;
    out->notes =
        (struct schema_notes){.description = argument->description,
                              .example = first_example(build, node),
                              .is_deprecated = build_boolean(build, node, "deprecated", false)};
    parameter_style_read(build, node, argument);
    read_schema(build, node, out);
}

static bool read_one(struct build *build, const struct node *item, struct draft *out)
{
    const struct node *node = reference_follow(build->references, item);
    *out = (struct draft){.argument = {.span = item->span}, .owner = node};
    struct argument *argument = &out->argument;
    if (!build_is_mapping(build, node, item->span, "a parameter"))
        return false;
    struct str place = build_string(build, node, "in");
    argument->wire_name = build_string(build, node, "name");
    if (!read_place(place, &argument->place)) {
        build_diag_warning(build, "bad-parameter", item->span,
                           "the parameter '%.*s' has no place that is known; it is left out",
                           STR_ARG(argument->wire_name));
        return false;
    }
    build_check_members(build, node, "a parameter",
                        " name in description required deprecated allowEmptyValue style explode "
                        "allowReserved schema example examples content $ref summary ");
    read_value(build, node, out);
    return is_wire_name(build, out);
}

bool parameter_read_header(struct build *build, const struct member *header, struct draft *out)
{
    const struct node *node = reference_follow(build->references, header->value);
    *out = (struct draft){.argument = {.wire_name = header->name,
                                       .place = PLACE_PART_HEADER,
                                       .span = header->name_span}};
    if (!build_is_mapping(build, node, header->name_span, "a header"))
        return false;
    build_check_members(build, node, "a header",
                        " description required deprecated allowEmptyValue style explode "
                        "allowReserved schema example examples content $ref summary ");
    read_value(build, node, out);
    return is_wire_name(build, out);
}

/* ---- all of them ---- */

static const struct draft *find(const struct draft_list *drafts, const struct argument *wanted)
{
    for (size_t i = 0; i < drafts->items.count; i++) {
        const struct argument *argument = &drafts->items.at[i].argument;
        if (argument->place == wanted->place &&
            build_same_name(argument->place, argument->wire_name, wanted->wire_name))
            return &drafts->items.at[i];
    }
    return NULL;
}

static void read_list(struct build *build, const struct node *owner, struct draft_list *out)
{
    const struct node *list = build_sequence(build, owner, "parameters");
    for (uint32_t i = 0; list && i < list->count; i++) {
        struct draft draft;
        if (!read_one(build, list->items[i], &draft))
            continue;
        const struct draft *first = find(out, &draft.argument);
        if (!first) {
            *list_add(build->arena, &out->items) = draft;
            continue;
        }
        struct diag *diag = build_diag_warning(build, "duplicate-parameter", draft.argument.span,
                                               "the parameter '%.*s' is there twice; the second "
                                               "is left out",
                                               STR_ARG(draft.argument.wire_name));
        diag_note(build->diags, diag, first->argument.span, "first here");
    }
}

static bool has_place(struct str path, struct str name)
{
    for (size_t at = 0; at < path.len;) {
        size_t open = at + str_find(str_from(path, at), '{');
        size_t close = open + str_find(str_from(path, open), '}');
        if (close < path.len && str_equal(str_part(path, open + 1, close), name))
            return true;
        at = close + 1;
    }
    return false;
}

static void add_one(struct reading *reading, const struct draft *draft)
{
    struct build *build = reading->build;
    const struct argument *argument = &draft->argument;
    if (is_reserved_header(build, draft) || is_credential(build, draft))
        return;
    if (argument->place == PLACE_PATH &&
        !has_place(reading->operation->path, argument->wire_name)) {
        build_diag_warning(build, "unknown-path-parameter", argument->span,
                           "the path parameter '%.*s' has no place in '%.*s'; it is left out",
                           STR_ARG(argument->wire_name), STR_ARG(reading->operation->path));
        return;
    }
    if (argument->place == PLACE_QUERYSTRING)
        querystring_add(build, draft, reading->drafts);
    else
        *list_add(build->arena, &reading->drafts->items) = *draft;
}

/* Template variables that nothing declares: the request cannot do without a value. */
static void add_undeclared(struct reading *reading)
{
    struct build *build = reading->build;
    struct str path = reading->operation->path;
    for (size_t at = 0; at < path.len;) {
        size_t open = at + str_find(str_from(path, at), '{');
        size_t close = open + str_find(str_from(path, open), '}');
        at = close + 1;
        if (close >= path.len)
            break;
        struct draft draft = {.form = DRAFT_STRING,
                              .argument = {.wire_name = str_part(path, open + 1, close),
                                           .place = PLACE_PATH,
                                           .is_required = true,
                                           .span = reading->operation->span}};
        if (find(reading->drafts, &draft.argument))
            continue;
        build_diag_warning(build, "undeclared-path-parameter", draft.argument.span,
                           "'{%.*s}' in '%.*s' is not declared; it is taken as a string",
                           STR_ARG(draft.argument.wire_name), STR_ARG(path));
        *list_add(build->arena, &reading->drafts->items) = draft;
    }
}

void parameter_read_all(struct build *build, const struct node *path_item, const struct node *node,
                        const struct operation *operation, struct draft_list *drafts)
{
    struct reading reading = {build, operation, drafts};
    struct draft_list of_path = {0}, own = {0};
    read_list(build, path_item, &of_path);
    read_list(build, node, &own);
    for (size_t i = 0; i < of_path.items.count; i++) {
        const struct draft *replaced = find(&own, &of_path.items.at[i].argument);
        if (!replaced)
            add_one(&reading, &of_path.items.at[i]);
    }
    for (size_t i = 0; i < own.items.count; i++)
        add_one(&reading, &own.items.at[i]);
    add_undeclared(&reading);
}

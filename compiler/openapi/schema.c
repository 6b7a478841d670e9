/*
 * Writing schemas. Each member of an OpenAPI schema is written, changed into its 2020-12 form or
 * reported. References stay references, so recursion is no matter here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/schema.h"

#include "compiler/openapi/definition.h"
#include "compiler/openapi/json_write.h"
#include "compiler/openapi/schema_keyword.h"

/* One schema mapping that is being written. */
struct place {
    const struct node *schema;
    const struct place *outer; /* whose allOf it belongs to, or NULL */
    const struct schema_notes *notes;
    bool has_members; /* written so far */
    bool is_object;   /* "type":"object" stands there already */
    bool adds_null;   /* null is one more type and value */
};

static void write_any(struct schema_text *text, const struct node *schema,
                      const struct place *outer, const struct schema_notes *notes);

void schema_begin(struct schema_text *text, struct build *build, enum schema_direction direction)
{
    *text = (struct schema_text){.build = build,
                                 .direction = direction,
                                 .out = {.arena = build->arena},
                                 .mark = ++build->definitions.last_mark};
}

/* ---- pieces ---- */

static void write_name(struct schema_text *text, struct place *place, struct str name)
{
    if (place->has_members)
        str_add_byte(&text->out, ',');
    place->has_members = true;
    json_write_string(&text->out, name);
    str_add_byte(&text->out, ':');
}

static void write_value(struct schema_text *text, struct place *place, const struct member *member)
{
    write_name(text, place, member->name);
    json_write_value(&text->out, member->value, SCHEMA_TEXT_MAX);
}

static void report_bad(struct schema_text *text, const struct member *member, const char *wanted)
{
    build_diag_warning(text->build, "bad-schema", member->value->span,
                       "the value of '%.*s' is %s, not %s; it is left out", STR_ARG(member->name),
                       node_kind_name(member->value->kind), wanted);
}

void schema_add_notes(struct schema_text *text, const struct schema_notes *notes)
{
    if (notes && notes->description.len) {
        str_add_text(&text->out, ",\"description\":");
        json_write_string(&text->out, notes->description);
    }
    if (notes && notes->example) {
        str_add_text(&text->out, ",\"examples\":[");
        json_write_value(&text->out, notes->example, SCHEMA_TEXT_MAX);
        str_add_byte(&text->out, ']');
    }
    if (notes && notes->is_deprecated)
        str_add_text(&text->out, ",\"deprecated\":true");
    if (notes && notes->mcp_header.len) {
        str_add_text(&text->out, ",\"x-mcp-header\":");
        json_write_string(&text->out, notes->mcp_header);
    }
}

/* Notes behind what is there; without a comma when that is nothing. */
static void write_notes(struct schema_text *text, struct place *place,
                        const struct schema_notes *notes)
{
    struct schema_text part = {.build = text->build, .out = {.arena = text->out.arena}};
    schema_add_notes(&part, notes);
    struct str members = str_built(&part.out);
    if (members.len == 0)
        return;
    str_add(&text->out, place->has_members ? members : str_from(members, 1));
    place->has_members = true;
}

/* ---- keywords with rules of their own ---- */

static bool is_type_name(struct str name)
{
    static const char *const names[] = {"string", "integer", "number", "boolean",
                                        "object", "array",   "null"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(name, names[i]))
            return true;
    return false;
}

struct type_list {
    struct str names[7];
    size_t count;
};

static void add_type(struct type_list *types, struct str name)
{
    for (size_t i = 0; i < types->count; i++)
        if (str_equal(types->names[i], name))
            return;
    types->names[types->count++] = name;
}

static void read_type(struct schema_text *text, const struct node *node, struct type_list *types)
{
    if (node->kind == NODE_STRING && is_type_name(node->text))
        add_type(types, node->text);
    else if (node->kind == NODE_STRING)
        build_diag_warning(text->build, "unknown-type", node->span,
                           "'%.*s' is no type of JSON Schema; any value is taken",
                           STR_ARG(node->text));
    else
        build_diag_warning(text->build, "unknown-type", node->span,
                           "a type is %s, not a string; any value is taken",
                           node_kind_name(node->kind));
}

static void write_type(struct schema_text *text, struct place *place, const struct member *member)
{
    struct type_list types = {.count = 0};
    const struct node *node = member->value;
    if (node->kind != NODE_SEQUENCE)
        read_type(text, node, &types);
    for (uint32_t i = 0; node->kind == NODE_SEQUENCE && i < node->count; i++)
        read_type(text, node->items[i], &types);
    if (types.count == 0 || place->is_object)
        return;
    if (place->adds_null)
        add_type(&types, STR("null"));
    write_name(text, place, member->name);
    for (size_t i = 0; i < types.count; i++) {
        if (types.count > 1)
            str_add_byte(&text->out, i ? ',' : '[');
        json_write_string(&text->out, types.names[i]);
    }
    if (types.count > 1)
        str_add_byte(&text->out, ']');
}

static void write_enum(struct schema_text *text, struct place *place, const struct member *member)
{
    bool lacks_null = place->adds_null;
    if (member->value->kind != NODE_SEQUENCE) {
        report_bad(text, member, "a sequence");
        return;
    }
    write_name(text, place, member->name);
    str_add_byte(&text->out, '[');
    for (uint32_t i = 0; i < member->value->count; i++) {
        if (i)
            str_add_byte(&text->out, ',');
        json_write_value(&text->out, member->value->items[i], SCHEMA_TEXT_MAX);
        lacks_null = lacks_null && member->value->items[i]->kind != NODE_NULL;
    }
    if (lacks_null)
        str_add_text(&text->out, member->value->count ? ",null" : "null");
    str_add_byte(&text->out, ']');
}

/* OpenAPI 3.0: `exclusiveMinimum: true` speaks about `minimum`. */
static void write_exclusive(struct schema_text *text, struct place *place,
                            const struct member *member)
{
    const char *bound = str_is(member->name, "exclusiveMinimum") ? "minimum" : "maximum";
    const struct node *number = node_get(place->schema, bound);
    if (member->value->kind == NODE_NUMBER) {
        write_value(text, place, member);
    } else if (member->value->kind != NODE_BOOLEAN) {
        report_bad(text, member, "a number");
    } else if (member->value->is_true && number && number->kind == NODE_NUMBER) {
        write_name(text, place, member->name);
        str_add(&text->out, number->text);
    }
}

static void write_bound(struct schema_text *text, struct place *place, const struct member *member)
{
    const char *exclusive =
        str_is(member->name, "minimum") ? "exclusiveMinimum" : "exclusiveMaximum";
    if (member->value->kind != NODE_NUMBER)
        report_bad(text, member, "a number");
    else if (!node_boolean(node_get(place->schema, exclusive), false))
        write_value(text, place, member);
}

static void use_definition(struct schema_text *text, struct place *place,
                           struct definition *definition)
{
    if (!definition)
        return;
    if (definition->mark != text->mark)
        *list_add(text->build->arena, &text->uses) = definition;
    definition->mark = text->mark;
    write_name(text, place, STR("$ref"));
    str_add_format(&text->out, "\"#/$defs/%.*s\"", STR_ARG(definition->name));
}

/* An example is no help where the model gets a value, only where it makes one. */
static void write_example(struct schema_text *text, struct place *place,
                          const struct member *member)
{
    if (text->direction == SCHEMA_OUTPUT || node_get(place->schema, "examples"))
        return;
    write_name(text, place, STR("examples"));
    str_add_byte(&text->out, '[');
    json_write_value(&text->out, member->value, SCHEMA_TEXT_MAX);
    str_add_byte(&text->out, ']');
}

/* Once in a document: where it is done it is done often. */
static void note_changed(struct schema_text *text, const struct member *member, const char *how)
{
    if (build_is_first(text->build, "unsupported-keyword", member->name))
        build_diag_add(text->build, DIAG_NOTE, "unsupported-keyword", member->name_span,
                       "%s, here and elsewhere", how);
}

static void report_unsupported(struct schema_text *text, const struct member *member,
                               const struct keyword *keyword)
{
    build_diag_warning(text->build, "unsupported-keyword", member->name_span,
                       keyword->is_annotation
                           ? "'%s' is not supported; the schema is read as if it were not there"
                           : "'%s' is not supported; it is left out, so more values are taken",
                       keyword->name);
}

/* ---- required ---- */

static bool is_required(struct schema_text *text, const struct place *place,
                        const struct node *names, uint32_t index)
{
    struct str name = node_string(names->items[index]);
    for (uint32_t i = 0; i < index; i++)
        if (str_equal(node_string(names->items[i]), name))
            return false;
    for (const struct place *at = place; at; at = at->outer)
        if (schema_excludes(text->build, at->schema, name, text->direction))
            return false;
    return names->items[index]->kind == NODE_STRING;
}

static void write_required(struct schema_text *text, struct place *place,
                           const struct member *member)
{
    const struct node *names = member->value;
    uint32_t count = 0;
    if (names->kind != NODE_SEQUENCE) {
        report_bad(text, member, "a sequence of names");
        return;
    }
    for (uint32_t i = 0; i < names->count; i++) {
        if (names->items[i]->kind != NODE_STRING)
            build_diag_warning(text->build, "bad-schema", names->items[i]->span,
                               "a name under 'required' is %s, not a string; it is left out",
                               node_kind_name(names->items[i]->kind));
        if (!is_required(text, place, names, i))
            continue;
        if (count++ == 0) {
            write_name(text, place, member->name);
            str_add_byte(&text->out, '[');
        } else {
            str_add_byte(&text->out, ',');
        }
        json_write_string(&text->out, names->items[i]->text);
    }
    if (count)
        str_add_byte(&text->out, ']');
}

/* ---- keywords that hold schemas ---- */

static void write_list(struct schema_text *text, struct place *place, const struct member *member)
{
    const struct node *list = member->value;
    const struct place *outer = str_is(member->name, "allOf") ? place : NULL;
    if (list->kind != NODE_SEQUENCE || list->count == 0) {
        report_bad(text, member, "a sequence of schemas");
        return;
    }
    write_name(text, place, member->name);
    str_add_byte(&text->out, '[');
    for (uint32_t i = 0; i < list->count; i++) {
        if (i)
            str_add_byte(&text->out, ',');
        write_any(text, list->items[i], outer, NULL);
    }
    str_add_byte(&text->out, ']');
}

static bool is_never(const struct node *schema)
{
    return schema->kind == NODE_BOOLEAN && !schema->is_true;
}

static void write_map(struct schema_text *text, struct place *place, const struct member *member)
{
    const struct node *map = build_embedded(text->build, member->value);
    struct place inside = {.schema = map};
    bool is_properties = str_is(member->name, "properties");
    if (!map)
        return;
    if (map->kind != NODE_MAPPING) {
        report_bad(text, member, "a mapping of schemas");
        return;
    }
    write_name(text, place, member->name);
    str_add_byte(&text->out, '{');
    for (uint32_t i = 0; i < map->count; i++) {
        const struct member *property = &map->members[i];
        if (is_properties && schema_is_excluded(text->build, property->value, text->direction))
            continue;
        write_name(text, &inside, property->name);
        if (is_properties && is_never(property->value))
            str_add_text(&text->out, "{\"not\":{}}"); /* MCP wants objects here */
        else
            write_any(text, property->value, NULL, NULL);
    }
    str_add_byte(&text->out, '}');
}

static void write_inner(struct schema_text *text, struct place *place, const struct member *member)
{
    if (member->value->kind == NODE_SEQUENCE) {
        report_bad(text, member, "a schema");
        return;
    }
    write_name(text, place, member->name);
    write_any(text, member->value, NULL, NULL);
}

/* Where the dynamic scope does not matter, and in all that `$dynamicAnchor` does for documents of
 * APIs, a `$dynamicRef` is a `$ref` (JSON Schema 2020-12, Core, section 8.2.3.2). */
static void write_dynamic(struct schema_text *text, struct place *place,
                          const struct keyword *keyword, const struct member *member)
{
    if (node_get(place->schema, "$ref")) {
        report_unsupported(text, member, keyword);
        return;
    }
    note_changed(text, member, "'$dynamicRef' is read as '$ref', which it is for most schemas");
    use_definition(text, place, definition_of_dynamic(text->build, member->value));
}

/* Before 2020-12 `items` could be what `prefixItems` is now, and `additionalItems` was `items`. */
static void write_items(struct schema_text *text, struct place *place, const struct member *member)
{
    struct member renamed = *member;
    renamed.name = STR("prefixItems");
    if (member->value->kind != NODE_SEQUENCE) {
        write_inner(text, place, member);
        return;
    }
    note_changed(text, member, "a sequence under 'items' is read as 'prefixItems'");
    if (member->value->count && !node_get(place->schema, "prefixItems"))
        write_list(text, place, &renamed);
}

static void write_additional_items(struct schema_text *text, struct place *place,
                                   const struct member *member)
{
    const struct node *items = node_get(place->schema, "items");
    struct member renamed = *member;
    renamed.name = STR("items");
    if (items && items->kind == NODE_SEQUENCE) /* else it says nothing */
        write_inner(text, place, &renamed);
}

/* ---- members ---- */

static void write_keyword(struct schema_text *text, struct place *place,
                          const struct keyword *keyword, const struct member *member)
{
    switch (keyword->kind) {
    case KEYWORD_SCHEMA:
        write_inner(text, place, member);
        break;
    case KEYWORD_SCHEMA_LIST:
        write_list(text, place, member);
        break;
    case KEYWORD_SCHEMA_MAP:
        write_map(text, place, member);
        break;
    case KEYWORD_TYPE:
        write_type(text, place, member);
        break;
    case KEYWORD_ENUM:
        write_enum(text, place, member);
        break;
    case KEYWORD_REQUIRED:
        write_required(text, place, member);
        break;
    case KEYWORD_MINIMUM:
    case KEYWORD_MAXIMUM:
        write_bound(text, place, member);
        break;
    case KEYWORD_EXCLUSIVE:
        write_exclusive(text, place, member);
        break;
    case KEYWORD_EXAMPLE:
        write_example(text, place, member);
        break;
    case KEYWORD_REFERENCE:
        use_definition(text, place, definition_of(text->build, place->schema));
        break;
    case KEYWORD_DYNAMIC:
        write_dynamic(text, place, keyword, member);
        break;
    case KEYWORD_ITEMS:
        write_items(text, place, member);
        break;
    case KEYWORD_ADDITIONAL_ITEMS:
        write_additional_items(text, place, member);
        break;
    case KEYWORD_DROPPED:
        break;
    case KEYWORD_UNSUPPORTED:
        report_unsupported(text, member, keyword);
        break;
    default:
        if (schema_keyword_check(text->build, keyword, member))
            write_value(text, place, member);
    }
}

/* Whether the notes of what is around the schema say it already, or nobody needs it. */
static bool is_said(const struct schema_text *text, const struct schema_notes *notes,
                    struct str name)
{
    bool is_example = str_is(name, "example") || str_is(name, "examples");
    if (is_example && text->direction == SCHEMA_OUTPUT)
        return true;
    return notes &&
           ((notes->description.len && str_is(name, "description")) ||
            (notes->example && is_example) || (notes->is_deprecated && str_is(name, "deprecated")));
}

/* OpenAPI 3.0.4, section 4.7.23: what stands beside a $ref is ignored there; remarks do no harm. */
static bool is_ignored(const struct schema_text *text, const struct place *place,
                       const struct keyword *keyword)
{
    return text->build->version == OPENAPI_3_0 && node_get(place->schema, "$ref") &&
           keyword->kind != KEYWORD_REFERENCE && keyword->kind != KEYWORD_DROPPED &&
           !keyword->is_annotation;
}

/* Nothing is lost when the target says the same. */
static void report_ignored(struct schema_text *text, const struct place *place,
                           const struct member *member)
{
    const struct node *target = reference_follow(text->build->references, place->schema);
    const struct member *same = node_member(target, member->name);
    if (!same || !member->value->text.len || !str_equal(same->value->text, member->value->text))
        build_diag_warning(text->build, "ignored-keyword", member->name_span,
                           "'%.*s' beside '$ref' is ignored in OpenAPI 3.0", STR_ARG(member->name));
}

static void write_member(struct schema_text *text, struct place *place, const struct member *member)
{
    const struct keyword *keyword = schema_keyword(text->build, member->name);
    if (build_is_extension(member->name) || is_said(text, place->notes, member->name))
        return;
    if (!keyword)
        build_diag_warning(text->build, "unknown-keyword", member->name_span,
                           "'%.*s' is no keyword of a schema; it is left out",
                           STR_ARG(member->name));
    else if (is_ignored(text, place, keyword))
        report_ignored(text, place, member);
    else
        write_keyword(text, place, keyword, member);
}

static void write_members(struct schema_text *text, struct place *place)
{
    for (uint32_t i = 0; i < place->schema->count && text->out.len <= SCHEMA_TEXT_MAX; i++)
        write_member(text, place, &place->schema->members[i]);
}

/* ---- schemas ---- */

bool schema_is_nullable(const struct node *schema)
{
    return node_boolean(node_get(schema, "nullable"), false) ||
           node_boolean(node_get(schema, "x-nullable"), false);
}

/* What else the schema demands is not met by null, so null must be an alternative to all of it. */
static bool needs_null_beside(const struct node *schema)
{
    static const char *const names[] = {"$ref", "allOf", "anyOf", "oneOf", "not", "const"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (node_get(schema, names[i]))
            return true;
    return false;
}

static void write_mapping(struct schema_text *text, struct place *place,
                          const struct schema_notes *notes)
{
    bool is_nullable = schema_is_nullable(place->schema);
    bool is_beside = is_nullable && needs_null_beside(place->schema);
    place->adds_null = is_nullable && !is_beside;
    place->notes = notes;
    str_add_text(&text->out, is_beside ? "{\"anyOf\":[{" : "{");
    write_members(text, place);
    if (is_beside) {
        str_add_text(&text->out, "},{\"type\":\"null\"}]");
        place->has_members = true;
    }
    write_notes(text, place, notes);
    str_add_byte(&text->out, '}');
}

static void write_any(struct schema_text *text, const struct node *schema,
                      const struct place *outer, const struct schema_notes *notes)
{
    static const struct node anything = {.kind = NODE_MAPPING};
    struct place place = {.schema = schema, .outer = outer};
    if (!schema || text->out.len > SCHEMA_TEXT_MAX) {
        place.schema = &anything;
    } else if (is_never(schema)) {
        str_add_text(&text->out, "false");
        return;
    } else if (schema->kind != NODE_MAPPING) {
        if (schema->kind != NODE_BOOLEAN)
            build_diag_warning(text->build, "bad-schema", schema->span,
                               "a schema is %s; any value is taken", node_kind_name(schema->kind));
        place.schema = &anything;
    }
    write_mapping(text, &place, notes);
}

/* What reads better in its place than as a definition; and the runtime wants to see whether an
 * argument may be null. */
static bool is_small(struct build *build, const struct node *schema)
{
    if (schema_is_nullable(schema))
        return true;
    for (uint32_t i = 0; i < schema->count; i++) {
        const struct keyword *keyword = schema_keyword(build, schema->members[i].name);
        if (keyword && (keyword->kind == KEYWORD_SCHEMA || keyword->kind == KEYWORD_SCHEMA_LIST ||
                        keyword->kind == KEYWORD_SCHEMA_MAP || keyword->kind == KEYWORD_REFERENCE ||
                        keyword->kind == KEYWORD_DYNAMIC || keyword->kind == KEYWORD_ITEMS))
            return false;
    }
    return true;
}

void schema_add(struct schema_text *text, const struct node *schema,
                const struct schema_notes *notes)
{
    size_t start = text->out.len;
    const struct node *written = schema;
    if (schema && schema->count == 1 && node_get(schema, "$ref")) {
        const struct node *target = reference_follow(text->build->references, schema);
        if (target && target->kind == NODE_MAPPING && is_small(text->build, target))
            written = target;
    }
    write_any(text, written, NULL, notes);
    if (!schema || text->out.len <= SCHEMA_TEXT_MAX)
        return;
    build_diag_warning(text->build, "schema-too-large", schema->span,
                       "the schema is longer than %d bytes, or is together with those before it; "
                       "any value is taken for it",
                       SCHEMA_TEXT_MAX);
    text->out.len = start;
    str_add_text(&text->out, "{}");
}

void schema_add_definition(struct schema_text *text, const struct node *schema)
{
    write_any(text, schema, NULL, NULL);
}

void schema_add_object_members(struct schema_text *text, const struct node *schema)
{
    const struct node *target = schema;
    if (schema->count == 1 && node_get(schema, "$ref"))
        target = reference_follow(text->build->references, schema);
    struct place place = {.schema = target, .has_members = true, .is_object = true};
    str_add_text(&text->out, "{\"type\":\"object\"");
    if (target && target->kind == NODE_MAPPING)
        write_members(text, &place);
}

/*
 * Naming arguments and writing the schema of the object that they form.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/argument.h"

#include <ctype.h>

#include "compiler/openapi/json_write.h"
#include "compiler/openapi/mcp_header.h"

enum { NAME_SIZE_MAX = 64, HASH_SIZE = 9 }; /* "_" and 8 digits */

/* ---- names ---- */

struct naming {
    struct build *build;
    struct argument *arguments;
    uint32_t count;
    struct map taken; /* name -> struct argument */
};

static bool is_name_byte(char byte)
{
    unsigned char code = (unsigned char)byte;
    return code < 0x80 && (isalnum(code) || code == '_' || code == '.' || code == '-');
}

static bool is_name(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_name_byte(text.at[i]))
            return false;
    return text.len > 0 && text.len <= NAME_SIZE_MAX;
}

/* `filter[name]` is `filter_name`. */
static struct str plain_name(struct build *build, struct str wire_name)
{
    struct str_builder out = {.arena = build->arena};
    for (size_t i = 0; i < wire_name.len; i++) {
        bool is_kept = is_name_byte(wire_name.at[i]);
        if (is_kept)
            str_add_byte(&out, wire_name.at[i]);
        else if (out.len && out.at[out.len - 1] != '_')
            str_add_byte(&out, '_');
    }
    struct str name = str_built(&out);
    while (name.len && name.at[name.len - 1] == '_' &&
           !is_name_byte(wire_name.at[wire_name.len - 1]))
        name.len--;
    return name.len ? name : STR("argument");
}

/* With the suffix, and still short enough. */
static struct str fitted_name(struct build *build, struct str name, struct str suffix)
{
    if (name.len + suffix.len <= NAME_SIZE_MAX)
        return str_format(build->arena, "%.*s%.*s", STR_ARG(name), STR_ARG(suffix));
    size_t kept = NAME_SIZE_MAX - HASH_SIZE - suffix.len;
    return str_format(build->arena, "%.*s_%08x%.*s", (int)kept, name.at,
                      (unsigned)(str_hash(name) & 0xffffffffU), STR_ARG(suffix));
}

static const char *place_suffix(enum parameter_place place)
{
    static const char *const suffixes[] = {
        [PLACE_PATH] = "_path",       [PLACE_QUERY] = "_query",       [PLACE_HEADER] = "_header",
        [PLACE_COOKIE] = "_cookie",   [PLACE_QUERYSTRING] = "_query", [PLACE_BODY] = "_body",
        [PLACE_WHOLE_BODY] = "_body", [PLACE_PART_HEADER] = "_header"};
    return suffixes[place];
}

static bool take(struct naming *naming, struct argument *argument, struct str name)
{
    if (map_get(&naming->taken, name))
        return false;
    map_add(&naming->taken, name, argument);
    argument->name = name;
    return true;
}

/* Names that can stay as they are, for path parameters or for the others. */
static void keep_names(struct naming *naming, bool of_path)
{
    for (uint32_t i = 0; i < naming->count; i++) {
        struct argument *argument = &naming->arguments[i];
        if ((argument->place == PLACE_PATH) == of_path && argument->place != PLACE_PART_HEADER &&
            is_name(argument->wire_name))
            take(naming, argument, argument->wire_name);
    }
}

static void find_name(struct naming *naming, struct argument *argument)
{
    struct build *build = naming->build;
    struct str wanted = argument->wire_name;
    if (argument->place == PLACE_PART_HEADER)
        wanted = str_format(build->arena, "%.*s_%.*s", STR_ARG(argument->part), STR_ARG(wanted));
    struct str plain = plain_name(build, wanted);
    struct str suffix = str_of(place_suffix(argument->place));
    if (take(naming, argument, fitted_name(build, plain, STR(""))) ||
        take(naming, argument, fitted_name(build, plain, suffix)))
        return;
    for (unsigned number = 2; argument->name.len == 0; number++)
        take(naming, argument, fitted_name(build, plain, str_format(build->arena, "_%u", number)));
}

static void name_arguments(struct build *build, struct argument *arguments, uint32_t count)
{
    struct naming naming = {build, arguments, count, {.arena = build->arena}};
    keep_names(&naming, true);
    keep_names(&naming, false);
    for (uint32_t i = 0; i < count; i++)
        if (arguments[i].name.len == 0)
            find_name(&naming, &arguments[i]);
}

/* ---- the schema ---- */

static void add_bytes(struct schema_text *text, const struct draft *draft)
{
    str_add_text(&text->out, "\"type\":\"string\",\"contentEncoding\":\"base64\"");
    if (draft->media_type.len) {
        str_add_text(&text->out, ",\"contentMediaType\":");
        json_write_string(&text->out, draft->media_type);
    }
}

static void add_property(struct schema_text *text, const struct draft *draft)
{
    if (draft->form == DRAFT_SCHEMA) {
        schema_add(text, draft->schema, &draft->notes);
        return;
    }
    str_add_byte(&text->out, '{');
    if (draft->form == DRAFT_STRING) {
        str_add_text(&text->out, "\"type\":\"string\"");
    } else if (draft->form == DRAFT_BYTES) {
        add_bytes(text, draft);
    } else {
        str_add_text(&text->out, "\"type\":\"array\",\"items\":{");
        add_bytes(text, draft);
        str_add_byte(&text->out, '}');
    }
    schema_add_notes(text, &draft->notes);
    str_add_byte(&text->out, '}');
}

static void add_required(struct schema_text *text, const struct operation *operation)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < operation->argument_count; i++) {
        if (!operation->arguments[i].is_required)
            continue;
        str_add_text(&text->out, count++ ? "," : ",\"required\":[");
        json_write_string(&text->out, operation->arguments[i].name);
    }
    if (count)
        str_add_byte(&text->out, ']');
}

static void write_schema(struct build *build, struct draft_list *drafts,
                         struct operation *operation)
{
    struct schema_text text;
    schema_begin(&text, build, SCHEMA_INPUT);
    str_add_text(&text.out, "{\"type\":\"object\",\"properties\":{");
    for (uint32_t i = 0; i < operation->argument_count; i++) {
        if (i)
            str_add_byte(&text.out, ',');
        json_write_string(&text.out, operation->arguments[i].name);
        str_add_byte(&text.out, ':');
        add_property(&text, &drafts->items.at[i]);
    }
    str_add_byte(&text.out, '}');
    add_required(&text, operation);
    str_add_text(&text.out, ",\"additionalProperties\":false");
    if (!schema_add_definitions(&text))
        build_diag_warning(build, "schema-too-large", operation->span,
                           "the schemas of the arguments of %.*s %.*s are too large; any value is "
                           "taken where they refer to others",
                           STR_ARG(operation->method), STR_ARG(operation->path));
    str_add_byte(&text.out, '}');
    operation->input_schema = str_built(&text.out);
}

static bool is_single(struct build *build, const struct draft *draft)
{
    static const char *const types[] = {"string", "integer", "number", "boolean"};
    for (size_t i = 0; draft->form == DRAFT_SCHEMA && i < sizeof types / sizeof types[0]; i++)
        if (schema_has_type(build, draft->schema, types[i]))
            return true;
    return draft->form == DRAFT_STRING;
}

void argument_build(struct build *build, struct draft_list *drafts, struct operation *operation)
{
    uint32_t count = (uint32_t)drafts->items.count;
    struct argument *arguments = arena_array(build->arena, count + 1, sizeof *arguments);
    for (uint32_t i = 0; i < count; i++)
        arguments[i] = drafts->items.at[i].argument;
    for (uint32_t i = 0; i < count; i++)
        arguments[i].is_single = is_single(build, &drafts->items.at[i]);
    name_arguments(build, arguments, count);
    operation->arguments = arguments;
    operation->argument_count = count;
    mcp_header_read(build, drafts, arguments);
    write_schema(build, drafts, operation);
}

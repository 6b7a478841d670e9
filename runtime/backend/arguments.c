/*
 * Matches arguments with parameters: required ones are there, unknown ones are named, null means
 * absent. Types and bounds are the backend's to judge for now.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/arguments.h"

#include <stdio.h>

enum { NAMES_SHOWN_MAX = 20, NAME_SHOWN_BYTES = 80 };

const char refusal_no_memory[] = "The server ran out of memory for this call.";

const char *refusal_format(struct pool *pool, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *text = NULL;
    int len = vsnprintf(NULL, 0, format, list);
    va_end(list);
    if (len >= 0)
        text = pool_alloc(pool, (size_t)len + 1);
    if (!text)
        return refusal_no_memory;
    va_start(list, format);
    vsnprintf(text, (size_t)len + 1, format, list);
    va_end(list);
    return text;
}

bool argument_is_given(const struct matched *matched, uint32_t parameter)
{
    return matched->values[parameter].tape != NULL;
}

/* ---- what the schema says ---- */

static bool scan_schema(const struct mcpp_tool *tool, struct pool *pool, struct value *out)
{
    return value_scan(slice_of(tool->input_schema), JSON_DEPTH_CEILING, pool, out);
}

bool argument_schema(const struct mcpp_tool *tool, const char *argument, struct pool *pool,
                     struct value *out)
{
    struct value root, properties;
    return scan_schema(tool, pool, &root) && value_member(&root, "properties", &properties) &&
           value_member(&properties, argument, out);
}

static bool is_closed(const struct mcpp_tool *tool, struct pool *pool)
{
    struct value root, additional;
    return scan_schema(tool, pool, &root) &&
           value_member(&root, "additionalProperties", &additional) &&
           value_node(&additional)->kind == JSON_FALSE;
}

static bool lists_null_type(const struct value *type)
{
    if (value_is_string(type, "null"))
        return true;
    if (value_node(type)->kind == JSON_ARRAY)
        for (struct value_walk walk = value_first(type); value_next(&walk);)
            if (value_is_string(&walk.item, "null"))
                return true;
    return false;
}

static bool schema_names_null(const struct value *schema)
{
    struct value type;
    return value_member(schema, "type", &type) && lists_null_type(&type);
}

static bool schema_allows_null(const struct value *schema)
{
    struct value alternatives;
    if (schema_names_null(schema))
        return true;
    if (!value_member(schema, "anyOf", &alternatives) &&
        !value_member(schema, "oneOf", &alternatives))
        return false;
    for (struct value_walk walk = value_first(&alternatives); value_next(&walk);)
        if (schema_names_null(&walk.item))
            return true;
    return false;
}

/* Only a JSON body can carry a null. */
static bool null_is_meant(const struct matched *matched, const struct mcpp_parameter *parameter)
{
    struct value schema;
    return matched->tool->body == MCPP_BODY_JSON &&
           (parameter->place == MCPP_IN_BODY || parameter->place == MCPP_IN_WHOLE_BODY) &&
           argument_schema(matched->tool, parameter->argument, matched->pool, &schema) &&
           schema_allows_null(&schema);
}

/* ---- matching ---- */

static uint32_t find_parameter(const struct mcpp_tool *tool, const struct value *name)
{
    uint32_t found = 0;
    while (found < tool->parameter_count &&
           !value_is_string(name, tool->parameters[found].argument))
        found++;
    return found;
}

static void list_arguments(struct text *out, const struct mcpp_tool *tool)
{
    uint32_t shown = tool->parameter_count;
    if (shown > NAMES_SHOWN_MAX)
        shown = NAMES_SHOWN_MAX;
    for (uint32_t i = 0; i < shown; i++) {
        text_add_literal(out, i ? ", " : "");
        text_add_literal(out, tool->parameters[i].argument);
    }
    if (shown < tool->parameter_count)
        text_add_literal(out, ", …");
    text_add_byte(out, '\0');
}

static const char *refuse_unknown(const struct matched *matched, const struct value *name)
{
    struct slice characters;
    struct text known = {.pool = matched->pool};
    list_arguments(&known, matched->tool);
    if (known.failed || !value_characters(name, matched->pool, &characters))
        return refusal_no_memory;
    if (characters.len > NAME_SHOWN_BYTES)
        characters.len = NAME_SHOWN_BYTES;
    if (matched->tool->parameter_count == 0)
        return refusal_format(matched->pool, "Unknown argument: %.*s. This tool takes none.",
                              SLICE_ARG(characters));
    return refusal_format(matched->pool, "Unknown argument: %.*s. This tool takes: %s.",
                          SLICE_ARG(characters), known.at);
}

static const char *match_members(const struct matched *matched, const struct value *arguments,
                                 struct value *values)
{
    for (struct value_walk walk = value_first(arguments); value_next(&walk);) {
        uint32_t index = find_parameter(matched->tool, &walk.name);
        if (index == matched->tool->parameter_count) {
            if (is_closed(matched->tool, matched->pool))
                return refuse_unknown(matched, &walk.name);
            continue;
        }
        if (!value_is_null(&walk.item) || null_is_meant(matched, &matched->tool->parameters[index]))
            values[index] = walk.item;
    }
    return NULL;
}

static const char *require(const struct matched *matched)
{
    struct text missing = {.pool = matched->pool};
    uint32_t count = 0;
    for (uint32_t i = 0; i < matched->tool->parameter_count; i++) {
        const struct mcpp_parameter *parameter = &matched->tool->parameters[i];
        if (!parameter->is_required || argument_is_given(matched, i))
            continue;
        text_add_literal(&missing, count++ ? ", " : "");
        text_add_literal(&missing, parameter->argument);
    }
    if (count == 0)
        return NULL;
    text_add_byte(&missing, '\0');
    if (missing.failed)
        return refusal_no_memory;
    return refusal_format(matched->pool, "Missing required argument%s: %s.", count > 1 ? "s" : "",
                          missing.at);
}

const char *arguments_match(const struct mcpp_tool *tool, const struct call_arguments *arguments,
                            struct pool *pool, struct matched *out)
{
    struct value *values = pool_zero(pool, (tool->parameter_count + 1) * sizeof *values);
    if (!values)
        return refusal_no_memory;
    *out = (struct matched){tool, values, pool};
    if (arguments->object) {
        struct value object = {arguments->text, arguments->tape, arguments->object};
        const char *refusal = match_members(out, &object, values);
        if (refusal)
            return refusal;
    }
    return require(out);
}

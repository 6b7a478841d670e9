/*
 * Arguments against the tool's input schema and its parameters. Null means absent wherever the
 * request has no word for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/arguments.h"

#include <stdio.h>

#include "runtime/identity/caller.h"
#include "runtime/validate/schema_cache.h"
#include "runtime/validate/validate.h"

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

bool argument_schema(const struct mcpp_tool *tool, const char *argument, struct pool *pool,
                     struct value *out)
{
    struct value root, properties;
    return value_scan(slice_of(tool->input_schema), JSON_DEPTH_CEILING, pool, &root) &&
           value_member(&root, "properties", &properties) &&
           value_member(&properties, argument, out);
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

/* Whether a member of the arguments counts as not given. */
static bool is_absent(const struct matched *matched, const struct value *name,
                      const struct value *item)
{
    if (!value_is_null(item))
        return false;
    uint32_t index = find_parameter(matched->tool, name);
    return index < matched->tool->parameter_count &&
           !null_is_meant(matched, &matched->tool->parameters[index]);
}

const char *arguments_match(const struct mcpp_tool *tool, const struct call_arguments *arguments,
                            struct pool *pool, struct matched *out)
{
    struct value *values = pool_zero(pool, (tool->parameter_count + 1) * sizeof *values);
    if (!values)
        return refusal_no_memory;
    *out = (struct matched){tool, values, pool};
    const struct value object = {arguments->text, arguments->tape, arguments->object};
    if (!arguments->object)
        return NULL;
    for (struct value_walk walk = value_first(&object); value_next(&walk);) {
        uint32_t index = find_parameter(tool, &walk.name);
        if (index < tool->parameter_count && !is_absent(out, &walk.name, &walk.item))
            values[index] = walk.item;
    }
    return NULL;
}

/* ---- filling in ---- */

/* The claim's value as JSON, scanned like an argument. */
static bool scan_claim(const struct caller_claim *claim, struct pool *pool, struct value *out)
{
    struct text text = {.pool = pool};
    if (claim->kind == JSON_STRING)
        text_add_json(&text, claim->text);
    else
        text_add(&text, claim->text);
    size_t size = text.len;
    text_add_byte(&text, '\0');
    return !text.failed && value_scan((struct slice){text.at, size}, 1, pool, out);
}

const char *arguments_fill(const struct caller *caller, struct matched *matched)
{
    for (uint32_t i = 0; i < matched->tool->fill_count; i++) {
        const struct mcpp_fill *fill = &matched->tool->fills[i];
        const struct caller_claim *claim = caller ? caller_claim(caller, fill->claim) : NULL;
        if (!claim) /* decide() has seen to it: never without, that would be another's data */
            return "The caller has not got the claim that fills an argument in.";
        if (!scan_claim(claim, matched->pool, &matched->values[fill->parameter]))
            return refusal_no_memory;
    }
    return NULL;
}

/* ---- validating ---- */

static bool has_absent(const struct matched *matched, const struct value *arguments)
{
    for (struct value_walk walk = value_first(arguments); value_next(&walk);)
        if (is_absent(matched, &walk.name, &walk.item))
            return true;
    return false;
}

static uint32_t copy_nodes(struct json_node *out, uint32_t count, const struct value *value)
{
    const struct json_node *nodes = value->tape->nodes;
    uint32_t first = count;
    for (uint32_t i = value->node; i < nodes[value->node].next; i++) {
        out[count] = nodes[i];
        out[count++].next = nodes[i].next - value->node + first;
    }
    return count;
}

/* The arguments without those that count as not given: a tape of their own. */
static bool drop_absent(const struct matched *matched, const struct value *arguments,
                        struct instance *out)
{
    const struct json_node *object = value_node(arguments);
    struct json_node *nodes =
        pool_alloc(matched->pool, (object->next - arguments->node) * sizeof *nodes);
    uint32_t count = 1;
    if (!nodes)
        return false;
    nodes[0] = *object;
    for (struct value_walk walk = value_first(arguments); value_next(&walk);) {
        if (is_absent(matched, &walk.name, &walk.item)) {
            nodes[0].count--;
            continue;
        }
        count = copy_nodes(nodes, count, &walk.name);
        count = copy_nodes(nodes, count, &walk.item);
    }
    nodes[0].next = count;
    *out = (struct instance){arguments->text, nodes, 0};
    return true;
}

static bool instance_of(const struct matched *matched, const struct call_arguments *arguments,
                        struct instance *out)
{
    static const struct json_node empty = {.start = 0, .end = 2, .next = 1, .kind = JSON_OBJECT};
    const struct value object = {arguments->text, arguments->tape, arguments->object};
    *out = (struct instance){"{}", &empty, 0};
    if (!arguments->object)
        return true;
    if (has_absent(matched, &object))
        return drop_absent(matched, &object, out);
    *out = (struct instance){arguments->text, arguments->tape->nodes, arguments->object};
    return true;
}

static const char *refuse(const struct mcpp_tool *tool, enum validate_result result,
                          struct text *problems)
{
    switch (result) {
    case VALIDATE_FITS:
        return NULL;
    case VALIDATE_DIFFERS:
        problems->len--; /* the last line's end */
        text_add_byte(problems, '\0');
        return problems->failed
                   ? refusal_no_memory
                   : refusal_format(problems->pool,
                                    "The arguments do not fit the input schema of %s:\n%s",
                                    tool->name, problems->at);
    case VALIDATE_TOO_DEEP:
        return "The arguments cannot be checked: they or the tool's input schema are nested too "
               "deeply.";
    case VALIDATE_TOO_COSTLY:
        return "The arguments cannot be checked: they are too large for the tool's input schema.";
    case VALIDATE_NO_MEMORY:
        break;
    }
    return refusal_no_memory;
}

const char *arguments_validate(struct schema_cache *schemas, const struct mcpp_tool *tool,
                               const struct call_arguments *arguments, struct pool *pool)
{
    const struct matched matched = {tool, NULL, pool};
    const struct schema *schema;
    struct instance instance;
    struct text problems = {.pool = pool};
    enum schema_status status = schema_cache_get(schemas, tool, &schema);
    if (status == SCHEMA_BROKEN)
        return "The tool's input schema cannot be used, so that no call of it can be checked.";
    if (status != SCHEMA_COMPILED || !instance_of(&matched, arguments, &instance))
        return refusal_no_memory;
    return refuse(tool, validate_value(schema, &instance, pool, &problems), &problems);
}

/* ---- members that are parameters ---- */

static bool is_other_parameter(const struct mcpp_tool *tool, const struct mcpp_parameter *self,
                               const struct value *name)
{
    for (uint32_t i = 0; i < tool->parameter_count; i++) {
        const struct mcpp_parameter *other = &tool->parameters[i];
        if (other != self && other->place == self->place && value_is_string(name, other->name))
            return true;
    }
    return false;
}

static bool names_members(const struct mcpp_parameter *parameter)
{
    switch (parameter->style) {
    case MCPP_STYLE_DEEP_OBJECT:
    case MCPP_STYLE_JSON:
    case MCPP_STYLE_PART:
        return false;
    default:
        return parameter->explode;
    }
}

const char *arguments_check_members(const struct matched *matched, uint32_t parameter)
{
    const struct mcpp_tool *tool = matched->tool;
    const struct mcpp_parameter *self = &tool->parameters[parameter];
    const struct value *value = &matched->values[parameter];
    if (!names_members(self) || value_node(value)->kind != JSON_OBJECT)
        return NULL;
    for (struct value_walk walk = value_first(value); value_next(&walk);)
        if (is_other_parameter(tool, self, &walk.name))
            return refusal_format(matched->pool,
                                  "Argument %s must not have a member that is named as another "
                                  "parameter of the operation.",
                                  self->argument);
    return NULL;
}

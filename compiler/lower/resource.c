/*
 * URI templates (RFC 6570, levels 1 and 3) of operations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/resource.h"

#include <ctype.h>
#include <string.h>

struct str resource_base(struct arena *arena, struct str server_name)
{
    struct str_builder out = {.arena = arena};
    str_add_text(&out, "mcpp://");
    for (size_t i = 0; i < server_name.len; i++) {
        unsigned char byte = (unsigned char)server_name.at[i];
        bool is_plain = byte < 0x80 && (isalnum(byte) || strchr("._-", byte));
        str_add_byte(&out, is_plain ? (char)byte : '-');
    }
    return str_built(&out);
}

/* Names of template variables have no hyphen. */
static bool is_variable(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char byte = (unsigned char)name.at[i];
        if (byte >= 0x80 || !(isalnum(byte) || byte == '_'))
            return false;
    }
    return name.len > 0;
}

static const struct argument *path_argument(const struct operation *operation, struct str wire_name)
{
    for (uint32_t i = 0; i < operation->argument_count; i++) {
        const struct argument *argument = &operation->arguments[i];
        if (argument->place == PLACE_PATH && str_equal(argument->wire_name, wire_name))
            return argument;
    }
    return NULL;
}

static bool can_be_variable(const struct argument *argument)
{
    return argument && argument->is_single && is_variable(argument->name);
}

static void add_literal(struct str_builder *out, char byte)
{
    unsigned char code = (unsigned char)byte;
    if (code < 0x80 && (isalnum(code) || strchr("-._~!$&'()*+,;=:@/%", code)))
        str_add_byte(out, byte);
    else
        str_add_format(out, "%%%02X", code);
}

/* The path with the arguments' names in its braces; false: it cannot be in a template. */
static bool add_path(struct str_builder *out, const struct operation *operation)
{
    struct str path = operation->path;
    for (size_t i = 0; i < path.len; i++) {
        if (path.at[i] == '?' || path.at[i] == '#')
            return false;
        if (path.at[i] != '{') {
            add_literal(out, path.at[i]);
            continue;
        }
        size_t end = i + str_find(str_from(path, i), '}');
        if (end >= path.len)
            return false;
        const struct argument *argument = path_argument(operation, str_part(path, i + 1, end));
        if (!can_be_variable(argument) || (i && path.at[i - 1] == '}'))
            return false; /* two with nothing between them cannot be told apart */
        str_add_format(out, "{%.*s}", STR_ARG(argument->name));
        i = end;
    }
    return true;
}

struct str resource_template(struct arena *arena, struct str base,
                             const struct operation *operation)
{
    struct str_builder out = {.arena = arena};
    const char *joint = "{?";
    if (!str_is(operation->method, "GET") || operation->body != BODY_NONE)
        return (struct str){0};
    str_add(&out, base);
    if (!add_path(&out, operation))
        return (struct str){0};
    for (uint32_t i = 0; i < operation->argument_count; i++) {
        const struct argument *argument = &operation->arguments[i];
        if (argument->place == PLACE_QUERY && can_be_variable(argument)) {
            str_add_format(&out, "%s%.*s", joint, STR_ARG(argument->name));
            joint = ",";
        } else if (argument->place != PLACE_PATH && argument->is_required) {
            return (struct str){0};
        }
    }
    str_add_text(&out, joint[0] == ',' ? "}" : "");
    return str_built(&out);
}

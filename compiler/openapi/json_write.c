/*
 * Writing JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/json_write.h"

static void write_byte(struct str_builder *out, char byte)
{
    unsigned char code = (unsigned char)byte;
    if (byte == '"' || byte == '\\') {
        str_add_byte(out, '\\');
        str_add_byte(out, byte);
    } else if (byte == '\n') {
        str_add_text(out, "\\n");
    } else if (byte == '\t') {
        str_add_text(out, "\\t");
    } else if (code < 0x20 || code == 0x7f) {
        str_add_format(out, "\\u%04x", (unsigned)code);
    } else {
        str_add_byte(out, byte);
    }
}

static bool is_plain(char byte)
{
    unsigned char code = (unsigned char)byte;
    return code >= 0x20 && code != 0x7f && byte != '"' && byte != '\\';
}

void json_write_string(struct str_builder *out, struct str text)
{
    str_add_byte(out, '"');
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && is_plain(text.at[end]))
            end++;
        str_add(out, str_part(text, at, end));
        if (end < text.len)
            write_byte(out, text.at[end++]);
        at = end;
    }
    str_add_byte(out, '"');
}

static void write_items(struct str_builder *out, const struct node *node, size_t limit)
{
    str_add_byte(out, '[');
    for (uint32_t i = 0; i < node->count && out->len <= limit; i++) {
        if (i)
            str_add_byte(out, ',');
        json_write_value(out, node->items[i], limit);
    }
    str_add_byte(out, ']');
}

static void write_members(struct str_builder *out, const struct node *node, size_t limit)
{
    str_add_byte(out, '{');
    for (uint32_t i = 0; i < node->count && out->len <= limit; i++) {
        if (i)
            str_add_byte(out, ',');
        json_write_string(out, node->members[i].name);
        str_add_byte(out, ':');
        json_write_value(out, node->members[i].value, limit);
    }
    str_add_byte(out, '}');
}

void json_write_value(struct str_builder *out, const struct node *node, size_t limit)
{
    switch (node->kind) {
    case NODE_NULL:
        str_add_text(out, "null");
        break;
    case NODE_BOOLEAN:
        str_add_text(out, node->is_true ? "true" : "false");
        break;
    case NODE_NUMBER:
        str_add(out, node->text);
        break;
    case NODE_STRING:
        json_write_string(out, node->text);
        break;
    case NODE_SEQUENCE:
        write_items(out, node, limit);
        break;
    case NODE_MAPPING:
        write_members(out, node, limit);
        break;
    }
}

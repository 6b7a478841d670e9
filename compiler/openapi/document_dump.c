/*
 * The readable text of a document.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/document_dump.h"

static void add_quoted(struct str_builder *out, struct str text)
{
    str_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte == '"' || byte == '\\')
            str_add_format(out, "\\%c", byte);
        else if (byte == '\n')
            str_add_text(out, "\\n");
        else if (byte < 0x20 || byte == 0x7f)
            str_add_format(out, "\\u%04x", byte);
        else
            str_add_byte(out, (char)byte);
    }
    str_add_byte(out, '"');
}

static void add_value(struct str_builder *out, const struct node *node)
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
        add_quoted(out, node->text);
        break;
    case NODE_SEQUENCE:
        str_add_format(out, "sequence of %u", node->count);
        break;
    case NODE_MAPPING:
        str_add_format(out, "mapping of %u", node->count);
        break;
    }
    if (node->span.source) {
        struct position at = source_position(node->span.source, node->span.start);
        str_add_format(out, " @%u:%u", at.line, at.column);
    }
    str_add_byte(out, '\n');
}

/* Recursive: the readers have limited the depth. */
static void add_node(struct str_builder *out, const struct node *node, int indent)
{
    add_value(out, node);
    for (uint32_t i = 0; node->kind == NODE_SEQUENCE && i < node->count; i++) {
        str_add_format(out, "%*s- ", indent, "");
        add_node(out, node->items[i], indent + 2);
    }
    for (uint32_t i = 0; node->kind == NODE_MAPPING && i < node->count; i++) {
        str_add_format(out, "%*s", indent, "");
        add_quoted(out, node->members[i].name);
        str_add_text(out, ": ");
        add_node(out, node->members[i].value, indent + 2);
    }
}

void document_dump(const struct document *document, struct str_builder *out)
{
    if (document->root)
        add_node(out, document->root, 0);
}

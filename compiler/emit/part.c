/*
 * Pieces of tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/emit/part.h"

#include "compiler/emit/c_text.h"
#include "compiler/policy/format.h"

enum { WIDTH_MAX = 100, FIELD_INDENT = 8 };

void part_item(struct str item, bool is_last, size_t indent, size_t *column,
               struct str_builder *out)
{
    if (*column + item.len + 2 > WIDTH_MAX && *column > indent) {
        str_add_byte(out, '\n');
        c_text_indent(indent, out);
        *column = indent;
    } else if (*column > indent) {
        str_add_byte(out, ' ');
        ++*column;
    }
    str_add(out, item);
    str_add_text(out, is_last ? "" : ",");
    *column += item.len + 1;
}

void part_enum(const struct str *identifiers, uint32_t count, const char *last,
               struct str_builder *out)
{
    size_t width = 8;
    for (uint32_t i = 0; i < count; i++)
        width += identifiers[i].len + 2;
    if (width + str_of(last).len <= WIDTH_MAX) {
        str_add_text(out, "enum { ");
        for (uint32_t i = 0; i < count; i++)
            str_add_format(out, "%.*s, ", STR_ARG(identifiers[i]));
        str_add_format(out, "%s };\n\n", last);
        return;
    }
    size_t column = 4;
    str_add_text(out, "enum {\n    ");
    for (uint32_t i = 0; i < count; i++)
        part_item(identifiers[i], false, 4, &column, out);
    part_item(str_of(last), true, 4, &column, out);
    str_add_text(out, "\n};\n\n");
}

static const struct statement *statement_of(const struct policy_ast *ast, uint32_t i)
{
    return ast->by_place ? ast->by_place[i] : &ast->statements[i];
}

static bool is_before(struct span first, struct span second)
{
    if (first.source != second.source)
        return (uintptr_t)first.source < (uintptr_t)second.source;
    return first.start <= second.start;
}

/* Statements stand in the order of the source: the last one that begins at or before the place. */
static const struct statement *statement_at(const struct policy_ast *ast, struct span span)
{
    uint32_t low = 0, high = ast ? ast->statement_count : 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_before(statement_of(ast, middle)->span, span))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    const struct statement *found = statement_of(ast, low - 1);
    return found->span.source == span.source && span.start < found->span.end ? found : NULL;
}

void part_statement(const struct emission *emission, struct span origin, size_t indent,
                    struct str_builder *out)
{
    const struct statement *statement = statement_at(emission->ast, origin);
    if (!statement)
        return;
    struct str_builder text = {.arena = out->arena};
    policy_format_statement(statement, &text);
    c_text_comment(str_built(&text), indent, out);
}

void part_text(const char *name, const char *text, struct str_builder *out)
{
    c_text_indent(FIELD_INDENT, out);
    str_add_format(out, ".%s = ", name);
    c_text_wrapped(str_of(text), FIELD_INDENT + 4, out);
    str_add_text(out, ",\n");
}

void part_origin(struct mcpp_origin origin, struct str_builder *out)
{
    c_text_indent(FIELD_INDENT, out);
    str_add_text(out, ".origin = {");
    c_text_literal(str_of(origin.file), out);
    str_add_format(out, ", %u},\n", origin.line);
}

/*
 * Prints a policy in its one layout: comments kept, at most one blank line in a row, neighbouring
 * tools and scopes in columns, long lists over several lines. Takes any AST, parsed or lowered.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/format_part.h"

#include <string.h>

#include "compiler/policy/text.h"

/* Names and paths longer than this stand out of their column rather than widen it. */
enum { NAME_COLUMN_MAX = 40, PATH_COLUMN_MAX = 60 };

/* ---- pieces ---- */

void format_pad(struct str_builder *out, size_t width, size_t column)
{
    for (size_t i = width; i < column; i++)
        str_add_byte(out, ' ');
}

void format_column(struct str_builder *out, struct str text, size_t column)
{
    str_add(out, text);
    format_pad(out, text_width(text), column);
}

void format_named(struct str_builder *out, const char *keyword, struct str name)
{
    str_add_text(out, keyword);
    text_quote(name, out);
}

struct str format_quoted(struct arena *arena, struct str text)
{
    struct str_builder out = {.arena = arena};
    text_quote(text, &out);
    return str_built(&out);
}

size_t format_line_width(const struct str_builder *out)
{
    struct str text = str_built(out);
    size_t start = text.len;
    while (start > 0 && text.at[start - 1] != '\n')
        start--;
    return text_width(str_from(text, start));
}

void format_list(const struct str *texts, size_t count, struct str_builder *out)
{
    size_t width = format_line_width(out);
    for (size_t i = 0; i < count; i++) {
        size_t more = text_width(texts[i]) + 2;
        if (i > 0 && width + more > FORMAT_LINE_MAX) {
            str_add_text(out, ",\n");
            format_pad(out, 0, FORMAT_INDENT);
            width = FORMAT_INDENT;
        } else {
            str_add_text(out, i > 0 ? ", " : " ");
        }
        str_add(out, texts[i]);
        width += more;
    }
}

/* ---- comments ---- */

static const char white[] = " \t\r\n";

void format_comments(struct str comments, size_t indent, int edges, struct str_builder *out)
{
    bool is_blank = false, is_start = edges & EDGE_START;
    while (comments.len) {
        size_t end = str_find(comments, '\n');
        bool is_whole = end < comments.len;
        struct str line = str_trimmed(str_part(comments, 0, end), white);
        comments = str_from(comments, end + 1);
        if (line.len) {
            str_add_text(out, is_blank && !is_start ? "\n" : "");
            format_pad(out, 0, indent);
            str_add(out, line);
            str_add_byte(out, '\n');
            is_blank = is_start = false;
        } else if (is_whole) {
            is_blank = true;
        }
    }
    if (is_blank && !is_start && !(edges & EDGE_END))
        str_add_byte(out, '\n');
}

void format_comment_at_end(struct str comment, struct str_builder *out)
{
    comment = str_trimmed(comment, white);
    if (comment.len) {
        str_add_text(out, "  ");
        str_add(out, comment);
    }
}

bool format_has_comment(struct str comments)
{
    return str_trimmed(comments, white).len > 0;
}

/* ---- columns ---- */

static bool has_blank_line(struct str comments)
{
    for (size_t i = 0; i < comments.len; i = i + str_find(str_from(comments, i), '\n') + 1) {
        struct str rest = str_from(comments, i);
        size_t end = str_find(rest, '\n');
        if (end < rest.len && str_trimmed(str_part(rest, 0, end), white).len == 0)
            return true;
    }
    return false;
}

static bool is_operation(const struct statement *statement)
{
    return statement->kind == STATEMENT_TOOL || statement->kind == STATEMENT_OMIT;
}

/* Whether two neighbours share their columns: of one sort, and no blank line between them. */
static bool are_together(const struct statement *first, const struct statement *second)
{
    bool are_alike = first->kind == second->kind || (is_operation(first) && is_operation(second));
    return are_alike && !has_blank_line(second->comments);
}

static void widen(size_t *column, struct str text, size_t most)
{
    size_t width = text_width(text);
    if (width <= most && width > *column)
        *column = width;
}

static void fit(struct columns *columns, const struct statement *statement, struct arena *arena)
{
    if (is_operation(statement)) {
        widen(&columns->method, format_method(arena, statement->method.text), NAME_COLUMN_MAX);
        widen(&columns->path, format_path(arena, statement->path.text), PATH_COLUMN_MAX);
    }
    if (statement->kind == STATEMENT_TOOL) {
        widen(&columns->name, statement->name.text, NAME_COLUMN_MAX);
        columns->has_tools = true;
    }
    if (statement->kind == STATEMENT_SCOPE)
        widen(&columns->scope, format_quoted(arena, statement->name.text), NAME_COLUMN_MAX);
}

struct str policy_format(const struct policy_ast *ast, struct arena *arena)
{
    struct str_builder out = {.arena = arena};
    struct columns columns = {0};
    for (uint32_t i = 0; i < ast->statement_count; i++) {
        const struct statement *statement = &ast->statements[i];
        if (i == 0 || !are_together(statement - 1, statement)) {
            columns = (struct columns){0};
            fit(&columns, statement, arena);
            for (uint32_t next = i + 1; next < ast->statement_count; next++) {
                if (!are_together(&ast->statements[next - 1], &ast->statements[next]))
                    break;
                fit(&columns, &ast->statements[next], arena);
            }
        }
        format_comments(statement->comments, 0, i == 0 ? EDGE_START : EDGE_NONE, &out);
        format_statement(statement, columns, &out);
        format_comment_at_end(statement->comment_at_end, &out);
        str_add_byte(&out, '\n');
    }
    format_comments(ast->comments_at_end, 0, EDGE_END | (out.len ? EDGE_NONE : EDGE_START), &out);
    return str_built(&out);
}

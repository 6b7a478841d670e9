/*
 * Prints a policy in its one layout: comments kept, at most one blank line in a row, neighbouring
 * tools and scopes in columns, long lists over several lines. Takes any AST, parsed or lowered.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/format.h"

#include <string.h>

#include "compiler/policy/text.h"

/* Names and paths longer than this stand out of their column rather than widen it. */
enum { NAME_COLUMN_MAX = 40, PATH_COLUMN_MAX = 60, LINE_MAX = 100, INDENT = 4 };

struct columns {
    size_t name, method, path, scope;
    bool has_tools;
};

static void pad(struct str_builder *out, size_t width, size_t column)
{
    for (size_t i = width; i < column; i++)
        str_add_byte(out, ' ');
}

/* Adds a text that the next column follows. */
static void put_column(struct str_builder *out, struct str text, size_t column)
{
    str_add(out, text);
    pad(out, text_width(text), column);
}

static struct str quoted(struct arena *arena, struct str text)
{
    struct str_builder out = {.arena = arena};
    text_quote(text, &out);
    return str_built(&out);
}

static struct str method_text(struct arena *arena, struct str method)
{
    return text_is_word(method) ? method : quoted(arena, method);
}

static struct str path_text(struct arena *arena, struct str path)
{
    return text_is_path(path) ? path : quoted(arena, path);
}

/* ---- conditions ---- */

static void put_operand(const struct condition *condition, bool needs_parentheses,
                        struct str_builder *out)
{
    str_add_text(out, needs_parentheses ? "(" : "");
    policy_format_condition(condition, out);
    str_add_text(out, needs_parentheses ? ")" : "");
}

void policy_format_condition(const struct condition *condition, struct str_builder *out)
{
    bool is_and = condition->kind == CONDITION_AND;
    switch (condition->kind) {
    case CONDITION_NOTHING:
        str_add_text(out, "nothing");
        break;
    case CONDITION_TOKEN:
        str_add_text(out, "token");
        break;
    case CONDITION_SCOPE:
        text_quote(condition->word.text, out);
        break;
    case CONDITION_AND:
    case CONDITION_OR:
        put_operand(condition->left, is_and && condition->left->kind == CONDITION_OR, out);
        str_add_text(out, is_and ? " and " : " or ");
        /* operators group to the left: what stands on the right in brackets keeps them */
        put_operand(condition->right,
                    condition->right->kind == CONDITION_OR ||
                        (is_and && condition->right->kind == CONDITION_AND),
                    out);
        break;
    }
}

/* ---- lists ---- */

static size_t line_width(const struct str_builder *out)
{
    struct str text = str_built(out);
    size_t start = text.len;
    while (start > 0 && text.at[start - 1] != '\n')
        start--;
    return text_width(str_from(text, start));
}

static void put_list(struct words list, bool are_strings, struct str_builder *out)
{
    size_t width = line_width(out);
    for (uint32_t i = 0; i < list.count; i++) {
        struct str text = list.at[i].text;
        if (are_strings)
            text = quoted(out->arena, text);
        size_t more = text_width(text) + 2;
        if (i > 0 && width + more > LINE_MAX) {
            str_add_text(out, ",\n");
            pad(out, 0, INDENT);
            width = INDENT;
        } else {
            str_add_text(out, i > 0 ? ", " : " ");
        }
        str_add(out, text);
        width += more;
    }
}

/* ---- comments ---- */

static const char white[] = " \t\r\n";

/* Where comments stand: blank lines neither begin a file or a block, nor stand before its end. */
enum edge { EDGE_NONE = 0, EDGE_START = 1, EDGE_END = 2 };

static void put_comments(struct str comments, size_t indent, int edges, struct str_builder *out)
{
    bool is_blank = false, is_start = edges & EDGE_START;
    while (comments.len) {
        size_t end = str_find(comments, '\n');
        bool is_whole = end < comments.len;
        struct str line = str_trimmed(str_part(comments, 0, end), white);
        comments = str_from(comments, end + 1);
        if (line.len) {
            str_add_text(out, is_blank && !is_start ? "\n" : "");
            pad(out, 0, indent);
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

static void put_comment_at_end(struct str comment, struct str_builder *out)
{
    comment = str_trimmed(comment, white);
    if (comment.len) {
        str_add_text(out, "  ");
        str_add(out, comment);
    }
}

/* ---- blocks ---- */

static size_t setting_column(struct settings settings)
{
    size_t column = 0;
    for (uint32_t i = 0; i < settings.count; i++) {
        size_t width = text_width(settings.at[i].name.text);
        column = width > column ? width : column;
    }
    return column;
}

static void put_setting(const struct setting *setting, size_t column, struct str_builder *out)
{
    pad(out, 0, INDENT);
    put_column(out, setting->name.text, column);
    for (uint32_t i = 0; i < setting->values.count; i++) {
        str_add_byte(out, ' ');
        if (setting->values.at[i].is_string)
            text_quote(setting->values.at[i].text, out);
        else
            str_add(out, setting->values.at[i].text);
    }
    put_comment_at_end(setting->comment_at_end, out);
    str_add_byte(out, '\n');
}

static void put_block(const struct statement *statement, struct str_builder *out)
{
    size_t column = setting_column(statement->settings);
    str_add_text(out, " {\n");
    for (uint32_t i = 0; i < statement->settings.count; i++) {
        const struct setting *setting = &statement->settings.at[i];
        put_comments(setting->comments, INDENT, i == 0 ? EDGE_START : EDGE_NONE, out);
        put_setting(setting, column, out);
    }
    put_comments(statement->comments_at_block_end, INDENT,
                 EDGE_END | (statement->settings.count ? EDGE_NONE : EDGE_START), out);
    str_add_byte(out, '}');
}

static bool has_block(const struct statement *statement)
{
    return statement->kind == STATEMENT_VERIFIER || statement->settings.count > 0 ||
           str_trimmed(statement->comments_at_block_end, white).len > 0;
}

/* ---- statements ---- */

static void put_named(const char *keyword, struct str name, struct str_builder *out)
{
    str_add_text(out, keyword);
    text_quote(name, out);
}

static void put_operation(const struct statement *statement, struct columns columns, bool is_last,
                          struct str_builder *out)
{
    put_column(out, method_text(out->arena, statement->method.text), columns.method);
    str_add_byte(out, ' ');
    put_column(out, path_text(out->arena, statement->path.text), is_last ? 0 : columns.path);
}

static void put_tool(const struct statement *statement, struct columns columns,
                     struct str_builder *out)
{
    str_add_text(out, "tool ");
    put_column(out, statement->name.text, columns.name);
    str_add_byte(out, ' ');
    put_operation(statement, columns, false, out);
    str_add_text(out, " needs ");
    policy_format_condition(statement->needs, out);
    if (has_block(statement))
        put_block(statement, out);
}

static void put_omit(const struct statement *statement, struct columns columns,
                     struct str_builder *out)
{
    bool has_reason = statement->description.is_string;
    str_add_text(out, "omit ");
    if (columns.has_tools)
        pad(out, 0, columns.name + 1);
    put_operation(statement, columns, !has_reason, out);
    if (has_reason)
        put_named(" ", statement->description.text, out);
}

static void put_scope(const struct statement *statement, struct columns columns,
                      struct str_builder *out)
{
    bool has_description = statement->description.is_string;
    str_add_text(out, "scope ");
    put_column(out, quoted(out->arena, statement->name.text), has_description ? columns.scope : 0);
    if (has_description)
        put_named(" ", statement->description.text, out);
    if (statement->list.count) {
        str_add_text(out, " implies");
        put_list(statement->list, true, out);
    }
}

static void put_send(const struct statement *statement, struct str_builder *out)
{
    static const char *const kinds[] = {[SEND_BEARER] = "bearer",
                                        [SEND_BASIC] = "basic",
                                        [SEND_HEADER] = "header",
                                        [SEND_QUERY] = "query",
                                        [SEND_COOKIE] = "cookie"};
    str_add_format(out, "send %s", kinds[statement->send]);
    if (statement->send >= SEND_HEADER)
        put_named(" ", statement->name.text, out);
    if (statement->secret.kind == SECRET_ENV)
        str_add_format(out, " env %.*s", STR_ARG(statement->secret.name.text));
    else
        put_named(" file ", statement->secret.name.text, out);
    if (statement->list.count) {
        str_add_text(out, " for");
        put_list(statement->list, false, out);
    }
}

static void put_statement(const struct statement *statement, struct columns columns,
                          struct str_builder *out)
{
    switch (statement->kind) {
    case STATEMENT_VERSION:
        str_add_format(out, "mcpp %.*s", STR_ARG(statement->name.text));
        break;
    case STATEMENT_API:
        put_named("api ", statement->name.text, out);
        break;
    case STATEMENT_OVERLAY:
        put_named("overlay ", statement->name.text, out);
        break;
    case STATEMENT_SERVER:
        put_named("server ", statement->name.text, out);
        break;
    case STATEMENT_BACKEND:
        put_named("backend ", statement->name.text, out);
        break;
    case STATEMENT_VERIFIER:
        str_add_format(out, "verifier %.*s %.*s", STR_ARG(statement->name.text),
                       STR_ARG(statement->verifier_kind.text));
        put_block(statement, out);
        break;
    case STATEMENT_ACCEPT:
        str_add_text(out, "accept");
        put_list(statement->list, false, out);
        break;
    case STATEMENT_VALIDATE:
        str_add_text(out, "validate tokens");
        break;
    case STATEMENT_SCOPE:
        put_scope(statement, columns, out);
        break;
    case STATEMENT_TOOL:
        put_tool(statement, columns, out);
        break;
    case STATEMENT_OMIT:
        put_omit(statement, columns, out);
        break;
    case STATEMENT_SEND:
        put_send(statement, out);
        break;
    }
}

void policy_format_statement(const struct statement *statement, struct str_builder *out)
{
    put_statement(statement, (struct columns){0}, out);
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
        widen(&columns->method, method_text(arena, statement->method.text), NAME_COLUMN_MAX);
        widen(&columns->path, path_text(arena, statement->path.text), PATH_COLUMN_MAX);
    }
    if (statement->kind == STATEMENT_TOOL) {
        widen(&columns->name, statement->name.text, NAME_COLUMN_MAX);
        columns->has_tools = true;
    }
    if (statement->kind == STATEMENT_SCOPE)
        widen(&columns->scope, quoted(arena, statement->name.text), NAME_COLUMN_MAX);
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
        put_comments(statement->comments, 0, i == 0 ? EDGE_START : EDGE_NONE, &out);
        put_statement(statement, columns, &out);
        put_comment_at_end(statement->comment_at_end, &out);
        str_add_byte(&out, '\n');
    }
    put_comments(ast->comments_at_end, 0, EDGE_END | (out.len ? EDGE_NONE : EDGE_START), &out);
    return str_built(&out);
}

/*
 * What the parts of the formatter share: format.c (whole policy, comments), format_statement.c,
 * format_condition.c, format_test.c. Not for other stages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_FORMAT_PART_H
#define POLICY_FORMAT_PART_H

#include "compiler/policy/format.h"

enum { FORMAT_LINE_MAX = 100, FORMAT_INDENT = 4 };

/* Widths that neighbouring statements share; 0: no column. */
struct columns {
    size_t name, method, path, scope;
    bool has_tools;
};

/* ---- format.c ---- */

/* Where comments stand: blank lines neither begin a file or a block, nor stand before its end. */
enum edge { EDGE_NONE = 0, EDGE_START = 1, EDGE_END = 2 };

void format_comments(struct str comments, size_t indent, int edges, struct str_builder *out);
void format_comment_at_end(struct str comment, struct str_builder *out);
bool format_has_comment(struct str comments);

/* ---- format_statement.c ---- */

void format_statement(const struct statement *statement, struct columns columns,
                      struct str_builder *out);
struct str format_selector(struct arena *arena, const struct selector *selector);
struct str format_method(struct arena *arena, struct str method);
struct str format_path(struct arena *arena, struct str path);

/* ---- format_condition.c ---- */

/* ` when C unless D "message"`, on lines of their own where they would make one too long. */
void format_guard(struct guard guard, struct word message, struct str_builder *out);

/* ---- format_test.c ---- */

void format_holdings(const struct holdings *holdings, bool is_test, struct str_builder *out);
void format_test_line(const struct test_line *line, size_t column, struct str_builder *out);
void format_test(const struct statement *statement, struct str_builder *out);

/* ---- pieces ---- */

void format_pad(struct str_builder *out, size_t width, size_t column);
void format_column(struct str_builder *out, struct str text, size_t column);      /* padded */
void format_named(struct str_builder *out, const char *keyword, struct str name); /* name quoted */
struct str format_quoted(struct arena *arena, struct str text);
size_t format_line_width(const struct str_builder *out); /* of the line that is being written */

/* ` a, b, c`, over several lines where they are too many for one. */
void format_list(const struct str *texts, size_t count, struct str_builder *out);

#endif

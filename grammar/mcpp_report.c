/*
 * Syntax errors of policies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "grammar/mcpp_report.h"

#include <string.h>

enum { SHOWN_MAX = 48 };

static const char any_name[] = "a name";
static const char a_statement[] = "'omit'"; /* where it may stand, any statement may */

static bool is_keyword(const char *name)
{
    return name[0] == '\'' && name[1] >= 'a' && name[1] <= 'z';
}

static bool is_among(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void add_found(struct str_builder *out, const char *found, struct span span)
{
    struct str text = span_text(span);
    if (strncmp(found, "end of", 6) == 0 || strcmp(found, "a string") == 0) {
        str_add_text(out, found);
        return;
    }
    size_t end = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;
    while (end < text.len && ((unsigned char)text.at[end] & 0xc0) == 0x80)
        end++;
    str_add_format(out, "'%.*s'", (int)end, text.at);
}

static void add_one(struct str_builder *out, const char *joint, const char *name)
{
    str_add_text(out, joint);
    str_add_text(out, name);
}

/* "a, b or c" of what was expected: any keyword may stand for a name, and any of the first words
 * of statements for a statement. */
static void add_expected(struct str_builder *out, const char *const *names, size_t count)
{
    bool is_name = is_among(names, count, any_name);
    if (!is_name && is_among(names, count, a_statement)) {
        add_one(out, "; expected ", "a statement");
        return;
    }
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        left += !is_keyword(names[i]) || !is_name;
    const char *joint = "; expected ";
    for (size_t i = 0; i < count; i++) {
        if (is_keyword(names[i]) && is_name)
            continue;
        add_one(out, joint, names[i]);
        joint = --left > 1 ? ", " : " or ";
    }
}

static void suggest_keyword(struct mcpp_reader *reader, struct diag *diag, struct str text,
                            const char *const *names, size_t count)
{
    struct str *keywords = arena_array(reader->arena, count, sizeof *keywords);
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        struct str name = str_of(names[i]);
        if (is_keyword(names[i]))
            keywords[found++] = str_part(name, 1, name.len - 1);
    }
    diag_suggest(reader->diags, diag, "keyword", text, keywords, found);
}

void report_syntax(struct mcpp_reader *reader, struct span span, const char *found,
                   const char *const *expected, size_t count)
{
    struct str_builder text = {.arena = reader->arena};
    add_found(&text, found, span);
    add_expected(&text, expected, count);
    struct diag *diag =
        diag_error(reader->diags, "syntax", span, "unexpected %.*s", STR_ARG(str_built(&text)));
    if (strcmp(found, any_name) == 0)
        suggest_keyword(reader, diag, span_text(span), expected, count);
}

/*
 * Reads a policy text: first its characters, then its statements. Refuses what a reader of the text
 * could not see: control characters, ill-formed UTF-8, characters that change the direction of
 * text. Knows no meaning of any name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/parse.h"

#include "compiler/policy/text.h"
#include "grammar/mcpp_read.h"

#include "grammar/mcpp_parse.h"

enum { CHARACTER_ERRORS_MAX = 10, BYTE_ORDER_MARK_SIZE = 3 };

static bool is_line_end(struct str text, size_t at)
{
    return text.at[at] == '\n' ||
           (text.at[at] == '\r' && at + 1 < text.len && text.at[at + 1] == '\n');
}

/* What is wrong with the character there, or NULL. */
static const char *character_problem(struct str text, size_t at, size_t size, uint32_t point)
{
    if (size == 0)
        return "bytes that are not UTF-8";
    if (point == '\t' || is_line_end(text, at))
        return NULL;
    if (utf8_is_control(point))
        return "a control character";
    return utf8_is_direction(point) ? "a character that changes the direction of text" : NULL;
}

/* Where the bytes that belong to the same problem end. */
static size_t problem_end(struct str text, size_t at, size_t size)
{
    uint32_t point;
    if (size)
        return at + size;
    while (at < text.len && utf8_decode(text, at, &point) == 0)
        at++;
    return at;
}

static bool characters_check(struct source *source, struct diag_list *diags)
{
    int errors = 0;
    for (size_t at = 0; at < source->text.len && errors < CHARACTER_ERRORS_MAX;) {
        uint32_t point = 0;
        size_t size = utf8_decode(source->text, at, &point);
        const char *problem = character_problem(source->text, at, size, point);
        size_t end = problem_end(source->text, at, size);
        if (problem) {
            struct span span = {source, (uint32_t)at, (uint32_t)end};
            struct diag *diag = diag_error(diags, "bad-character", span, "%s", problem);
            if (size && point)
                diag_help(diags, diag, "in a string it is written \\u{%x}", point);
            errors++;
        }
        at = end;
    }
    return errors == 0;
}

bool policy_parse(struct source *source, struct arena *arena, struct diag_list *diags,
                  struct policy_ast *out)
{
    return policy_parse_with(source, NULL, arena, diags, out);
}

bool policy_parse_with(struct source *source, const struct mcpp_parameters *parameters,
                       struct arena *arena, struct diag_list *diags, struct policy_ast *out)
{
    *out = (struct policy_ast){.source = source};
    uint32_t errors_before = diags->error_count;
    if (!characters_check(source, diags))
        return false;
    struct mcpp_reader reader = {.source = source,
                                 .arena = arena,
                                 .diags = diags,
                                 .parameters = parameters,
                                 .cursor = source->text.len ? source->text.at : "",
                                 .carried = {.arena = arena}};
    if (str_starts(source->text, "\xef\xbb\xbf")) {
        reader.cursor += BYTE_ORDER_MARK_SIZE;
        reader.comments_start = BYTE_ORDER_MARK_SIZE;
    }
    bool is_read = source->text.len == 0 || mcpp_parse(&reader) == 0;
    out->statements = reader.statements.at;
    out->statement_count = (uint32_t)reader.statements.count;
    out->comments_at_end = str_from(source->text, reader.comments_start);
    return is_read && diags->error_count == errors_before;
}

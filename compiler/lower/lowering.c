/*
 * Building the statements of a lowered policy, with their comments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/lowering.h"

#include "compiler/policy/text.h"

enum { COMMENT_WIDTH = 98, COMMENT_MAX = 600 };

struct statement *lowering_add(struct lowering *lowering, enum statement_kind kind,
                               struct span span)
{
    struct statement *statement = list_add(lowering->arena, &lowering->statements);
    statement->kind = kind;
    statement->span = span;
    statement->comments = str_built(&lowering->comments);
    lowering->comments = (struct str_builder){.arena = lowering->arena};
    return statement;
}

void lowering_gap(struct lowering *lowering)
{
    str_add_byte(&lowering->comments, '\n');
}

struct str lowering_clean(struct arena *arena, struct str text)
{
    struct str_builder out = {.arena = arena};
    for (size_t at = 0; at < text.len;) {
        uint32_t point;
        size_t size = utf8_decode(text, at, &point);
        if (size == 0)
            str_add_byte(&out, '?');
        else if (utf8_is_control(point) || point == ' ')
            str_add_text(&out, out.len && out.at[out.len - 1] != ' ' ? " " : "");
        else if (!utf8_is_direction(point))
            str_add(&out, str_part(text, at, at + size));
        at += size ? size : 1;
    }
    struct str clean = str_built(&out);
    while (str_ends(clean, " "))
        clean.len--;
    return clean;
}

/* The first COMMENT_MAX bytes or so, ending with a whole character. */
static struct str shortened(struct arena *arena, struct str text)
{
    if (text.len <= COMMENT_MAX)
        return text;
    size_t end = COMMENT_MAX;
    while (end > 0 && utf8_is_continuation(text.at[end]))
        end--;
    return str_format(arena, "%.*s…", (int)end, text.at);
}

void lowering_comment(struct lowering *lowering, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str text = str_vformat(lowering->arena, format, arguments);
    va_end(arguments);
    text = shortened(lowering->arena, lowering_clean(lowering->arena, text));
    size_t width = 0;
    while (text.len) {
        struct str word = str_part(text, 0, str_find(text, ' '));
        text = str_from(text, word.len + 1);
        size_t more = text_width(word) + 1;
        if (width == 0 || width + more > COMMENT_WIDTH) {
            str_add_text(&lowering->comments, width ? "\n#" : "#");
            width = 1;
        }
        str_add_byte(&lowering->comments, ' ');
        str_add(&lowering->comments, word);
        width += more;
    }
    str_add_byte(&lowering->comments, '\n');
}

struct word lowering_name(struct str text, struct span span)
{
    return (struct word){text, span, false};
}

struct word lowering_string(struct str text, struct span span)
{
    return (struct word){text, span, true};
}

static void add_upper(struct str text, struct str_builder *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];
        bool is_lower = byte >= 'a' && byte <= 'z';
        bool is_other = !is_lower && !(byte >= 'A' && byte <= 'Z') && !(byte >= '0' && byte <= '9');
        if (!is_other)
            str_add_byte(out, is_lower ? (char)(byte & ~0x20) : byte);
        else if (out->len && out->at[out->len - 1] != '_')
            str_add_byte(out, '_');
    }
}

struct str lowering_variable(struct arena *arena, struct str text)
{
    struct str_builder out = {.arena = arena};
    if (text.len && text.at[0] >= '0' && text.at[0] <= '9')
        str_add_text(&out, "API_");
    add_upper(text, &out);
    struct str name = str_built(&out);
    while (str_ends(name, "_"))
        name.len--;
    return name.len ? name : STR("API");
}

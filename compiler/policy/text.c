/*
 * Characters of policy texts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/text.h"

bool text_is_printable(struct str text)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t point;
        size_t size = utf8_decode(text, at, &point);
        if (size == 0 || utf8_is_control(point))
            return false;
        at += size;
    }
    return true;
}

void text_quote(struct str text, struct str_builder *out)
{
    str_add_byte(out, '"');
    for (size_t at = 0; at < text.len;) {
        uint32_t point = 0xfffd;
        size_t size = utf8_decode(text, at, &point);
        if (point == '"' || point == '\\')
            str_add_format(out, "\\%c", (char)point);
        else if (point == '\n')
            str_add_text(out, "\\n");
        else if (point == '\t')
            str_add_text(out, "\\t");
        else if (size == 0 || point == 0)
            str_add_text(out, "\\u{fffd}"); /* no text of a policy holds a NUL */
        else if (utf8_is_control(point) || utf8_is_direction(point))
            str_add_format(out, "\\u{%x}", point);
        else
            str_add(out, str_part(text, at, at + size));
        at += size ? size : 1;
    }
    str_add_byte(out, '"');
}

bool text_is_word(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];
        bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        if (!is_letter && !(byte >= '0' && byte <= '9') && byte != '_' && byte != '.' &&
            byte != '-')
            return false;
    }
    return text.len > 0;
}

bool text_is_path(struct str text)
{
    if (!str_starts(text, "/") || !text_is_printable(text))
        return false;
    bool is_inside = false;
    for (size_t at = 0; at < text.len;) {
        uint32_t point;
        size_t size = utf8_decode(text, at, &point);
        if (point == ' ' || point == '"' || utf8_is_direction(point))
            return false;
        if (point == '#' && is_inside)
            return false;
        if (point == (is_inside ? '{' : '}'))
            return false;
        if (point == '{' || point == '}')
            is_inside = !is_inside;
        at += size;
    }
    return !is_inside;
}

size_t text_width(struct str text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.len; i++)
        width += !utf8_is_continuation(text.at[i]);
    return width;
}

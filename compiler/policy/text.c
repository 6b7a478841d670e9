/*
 * Characters of policy texts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/text.h"

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

size_t text_decode(struct str text, size_t at, uint32_t *point)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)text.at[at];
    size_t size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (size == 0 || lead > 0xf4 || size > text.len - at)
        return 0;
    *point = size == 1 ? lead : lead & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (!is_continuation(text.at[at + i]))
            return 0;
        *point = *point << 6 | ((unsigned char)text.at[at + i] & 0x3f);
    }
    bool is_surrogate = *point >= 0xd800 && *point < 0xe000;
    return *point < smallest[size] || is_surrogate || *point > 0x10ffff ? 0 : size;
}

bool text_is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029;
}

bool text_is_direction(uint32_t point)
{
    return point == 0x061c || point == 0x200e || point == 0x200f ||
           (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

bool text_is_printable(struct str text)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t point;
        size_t size = text_decode(text, at, &point);
        if (size == 0 || text_is_control(point))
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
        size_t size = text_decode(text, at, &point);
        if (point == '"' || point == '\\')
            str_add_format(out, "\\%c", (char)point);
        else if (point == '\n')
            str_add_text(out, "\\n");
        else if (point == '\t')
            str_add_text(out, "\\t");
        else if (size == 0 || point == 0)
            str_add_text(out, "\\u{fffd}"); /* no text of a policy holds a NUL */
        else if (text_is_control(point) || text_is_direction(point))
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
        size_t size = text_decode(text, at, &point);
        if (point == ' ' || point == '"' || point == '#' || text_is_direction(point))
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
        width += !is_continuation(text.at[i]);
    return width;
}

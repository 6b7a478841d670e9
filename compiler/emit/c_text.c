/*
 * Quoting for C.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/emit/c_text.h"

enum { WIDTH_MAX = 100 };

static bool is_plain(char byte)
{
    return byte >= ' ' && byte <= '~';
}

/* Always three digits: a digit that follows must not join in. */
static void add_octal(char byte, struct str_builder *out)
{
    str_add_format(out, "\\%03o", (unsigned)(unsigned char)byte);
}

/* ---- literals ---- */

static void add_literal_byte(char byte, char before, struct str_builder *out)
{
    if (byte == '"' || byte == '\\') {
        str_add_byte(out, '\\');
        str_add_byte(out, byte);
    } else if (byte == '\n') {
        str_add_text(out, "\\n");
    } else if (byte == '\t') {
        str_add_text(out, "\\t");
    } else if (byte == '?' && before == '?') {
        str_add_text(out, "\\?"); /* two in a row would begin a trigraph */
    } else if (is_plain(byte)) {
        str_add_byte(out, byte);
    } else {
        add_octal(byte, out);
    }
}

void c_text_literal(struct str text, struct str_builder *out)
{
    str_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        size_t start = i; /* schemas are long, and most of their bytes stay as they are */
        while (i < text.len && is_plain(text.at[i]) && text.at[i] != '"' && text.at[i] != '\\' &&
               text.at[i] != '?')
            i++;
        str_add(out, str_part(text, start, i));
        if (i < text.len)
            add_literal_byte(text.at[i], i ? text.at[i - 1] : '\0', out);
    }
    str_add_byte(out, '"');
}

void c_text_wrapped(struct str text, size_t indent, struct str_builder *out)
{
    size_t start = out->len;
    str_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        add_literal_byte(text.at[i], i ? text.at[i - 1] : '\0', out);
        bool is_full = text.at[i] == ' ' && indent + out->len - start >= WIDTH_MAX;
        if (i + 1 == text.len || (text.at[i] != '\n' && !is_full))
            continue;
        str_add_text(out, "\"\n");
        c_text_indent(indent, out);
        start = out->len;
        str_add_byte(out, '"');
    }
    str_add_byte(out, '"');
}

/* ---- comments ---- */

void c_text_comment_line(struct str line, struct str_builder *out)
{
    char before = '\0';
    for (size_t i = 0; i < line.len; i++) {
        char byte = line.at[i];
        bool is_last = i + 1 == line.len;
        /* an end or a beginning of a comment, a trigraph */
        if ((before == '*' && byte == '/') || (before == '/' && byte == '*') ||
            (before == '?' && byte == '?'))
            str_add_byte(out, ' ');
        if (!is_plain(byte) || (byte == '\\' && is_last))
            add_octal(byte, out); /* a backslash at the end would continue the line */
        else
            str_add_byte(out, byte);
        before = byte;
    }
}

void c_text_comment(struct str text, size_t indent, struct str_builder *out)
{
    c_text_indent(indent, out);
    str_add_text(out, "/* ");
    for (;;) {
        size_t end = str_find(text, '\n');
        c_text_comment_line(str_part(text, 0, end), out);
        text = str_from(text, end + 1);
        if (text.len == 0)
            break;
        str_add_byte(out, '\n');
        c_text_indent(indent, out);
        str_add_text(out, " * ");
    }
    str_add_text(out, " */\n");
}

void c_text_indent(size_t indent, struct str_builder *out)
{
    for (size_t i = 0; i < indent; i++)
        str_add_byte(out, ' ');
}

/*
 * The text of references.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/reference_name.h"

#include <ctype.h>
#include <string.h>

bool reference_is_remote(struct str reference)
{
    if (reference.len && reference.at[0] == '/')
        return true;
    size_t at = 0;
    while (at < reference.len &&
           (isalnum((unsigned char)reference.at[at]) || (at && strchr("+.-", reference.at[at]))))
        at++;
    return at > 0 && at < reference.len && reference.at[at] == ':';
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    int lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool reference_percent_decode(struct arena *arena, struct str text, struct str *out)
{
    *out = text;
    if (str_find(text, '%') == text.len)
        return true;
    char *decoded = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '%') {
            decoded[len++] = text.at[i];
            continue;
        }
        int high = i + 2 < text.len ? hex_digit(text.at[i + 1]) : -1;
        int low = i + 2 < text.len ? hex_digit(text.at[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        decoded[len++] = (char)(high * 16 + low);
        i += 2;
    }
    *out = (struct str){decoded, len};
    return true;
}

struct str reference_token_decode(struct arena *arena, struct str token)
{
    if (str_find(token, '~') == token.len)
        return token;
    struct str_builder out = {.arena = arena};
    for (size_t i = 0; i < token.len; i++) {
        bool is_escape = token.at[i] == '~' && i + 1 < token.len &&
                         (token.at[i + 1] == '0' || token.at[i + 1] == '1');
        if (is_escape)
            str_add_byte(&out, token.at[++i] == '0' ? '~' : '/');
        else
            str_add_byte(&out, token.at[i]);
    }
    return str_built(&out);
}

/* Removes the last segment, unless there is none or it is ".." itself. */
static bool drop_segment(struct str_builder *out)
{
    struct str built = str_built(out);
    struct str segment = built;
    if (segment.len && segment.at[segment.len - 1] == '/')
        segment.len--;
    size_t start = segment.len;
    while (start > 0 && segment.at[start - 1] != '/')
        start--;
    segment = str_from(segment, start);
    if (segment.len == 0 || str_is(segment, ".."))
        return false;
    out->len = start;
    return true;
}

struct str reference_name_clean(struct arena *arena, struct str name)
{
    struct str_builder out = {.arena = arena};
    if (str_starts(name, "/"))
        str_add_byte(&out, '/');
    for (size_t start = 0; start < name.len;) {
        size_t end = start + str_find(str_from(name, start), '/');
        struct str segment = str_part(name, start, end);
        bool is_last = end >= name.len;
        start = end + 1;
        if (segment.len == 0 || str_is(segment, "."))
            continue;
        if (str_is(segment, "..") && drop_segment(&out))
            continue;
        str_add(&out, segment);
        if (!is_last)
            str_add_byte(&out, '/');
    }
    return str_built(&out);
}

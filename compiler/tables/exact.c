/*
 * Texts as C strings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/exact.h"

#include "compiler/base/file.h"

const char *exact_text(const struct exact *exact, struct str text, struct span origin,
                       const char *noun)
{
    if (str_find(text, '\0') < text.len)
        diag_error(exact->diags, "nul-character", origin, "%s holds a NUL character", noun);
    return str_text(exact->arena, text);
}

const char *exact_shown(const struct exact *exact, struct str text)
{
    if (str_find(text, '\0') == text.len)
        return str_text(exact->arena, text);
    struct str_builder out = {.arena = exact->arena};
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i])
            str_add_byte(&out, text.at[i]);
        else
            str_add_text(&out, "\xef\xbf\xbd");
    }
    return out.at;
}

struct mcpp_origin exact_origin(const struct exact *exact, struct span span)
{
    if (!span.source)
        return (struct mcpp_origin){"", 0};
    struct str name = span.source->name;
    if (str_starts(name, "/"))
        name = str_from(name, file_folder(name).len);
    return (struct mcpp_origin){exact_text(exact, name, span, "the name of the file"),
                                source_position(span.source, span.start).line};
}

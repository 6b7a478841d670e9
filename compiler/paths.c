/*
 * Names of files. Nothing here may bring an absolute path into an output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/paths.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/file.h"
#include "compiler/base/url.h"

static struct str base_of(struct str path)
{
    return str_from(path, file_folder(path).len);
}

/* The text from its first line that is neither empty nor a comment. */
static struct str first_words(struct str text)
{
    for (;;) {
        while (text.len && strchr(" \t\r\n", text.at[0]))
            text = str_from(text, 1);
        if (text.len == 0 || text.at[0] != '#')
            return text;
        text = str_from(text, str_find(text, '\n'));
    }
}

bool paths_is_policy(const struct source *source)
{
    struct str words = first_words(source->text);
    return str_ends(source->name, ".mcpp") || str_starts(words, "mcpp ") ||
           str_starts(words, "mcpp\t");
}

struct str paths_of_policy(struct arena *arena, struct str input)
{
    if (url_is_http(input)) {
        input = url_split(input).path;
        input = input.len > 1 && !str_ends(input, "/") ? input : STR("/policy");
    }
    struct str base = base_of(input);
    if (str_is(input, "-"))
        base = STR("policy");
    size_t end = base.len;
    while (end > 1 && base.at[end - 1] != '.')
        end--;
    if (end > 1)
        base.len = end - 1;
    return str_format(arena, "%.*s.mcpp", STR_ARG(base));
}

/* The folder without symbolic links and with a '/' at its end, or an empty text. */
static struct str real_folder(struct arena *arena, struct str path)
{
    struct str folder = file_folder(path);
    char *real = realpath(folder.len ? str_text(arena, folder) : ".", NULL);
    if (!real)
        return (struct str){0};
    struct str found = str_format(arena, "%s%s", real, strcmp(real, "/") ? "/" : "");
    free(real);
    return found;
}

/* The way from one real folder to another: "../specs/". */
static struct str way(struct arena *arena, struct str from, struct str to)
{
    struct str_builder out = {.arena = arena};
    size_t common = 0;
    for (size_t i = 0; i < from.len && i < to.len && from.at[i] == to.at[i]; i++)
        if (from.at[i] == '/')
            common = i + 1;
    for (size_t i = common; i < from.len; i++)
        if (from.at[i] == '/')
            str_add_text(&out, "../");
    str_add(&out, str_from(to, common));
    return str_built(&out);
}

struct str paths_of_api(struct arena *arena, struct str input, struct str policy)
{
    if (str_is(input, "-"))
        return STR("openapi.yaml");
    if (url_is_http(input))
        return input;
    if (policy.len == 0)
        return str_starts(input, "/") ? base_of(input) : input;
    if (str_equal(file_folder(input), file_folder(policy)))
        return base_of(input);
    if (file_folder(policy).len == 0 && !str_starts(input, "/"))
        return input;
    struct str from = real_folder(arena, policy), to = real_folder(arena, input);
    if (from.len == 0 || to.len == 0)
        return base_of(input);
    return str_format(arena, "%.*s%.*s", STR_ARG(way(arena, from, to)), STR_ARG(base_of(input)));
}

const char *paths_beside(struct arena *arena, struct str from, struct str name)
{
    struct str folder = file_folder(from);
    if (url_is_http(name))
        return str_text(arena, name);
    if (str_starts(name, "/"))
        folder.len = 0;
    /* "-" would be standard input */
    const char *prefix = str_is(name, "-") && folder.len == 0 ? "./" : "";
    return str_format(arena, "%s%.*s%.*s", prefix, STR_ARG(folder), STR_ARG(name)).at;
}

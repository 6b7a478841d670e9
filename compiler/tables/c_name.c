/*
 * Identifiers for policy.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/c_name.h"

enum { NAME_SIZE_MAX = 60 };

/* <ctype.h> follows the locale; identifiers must not. */
static bool is_upper(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static bool is_lower(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static char to_upper(char byte)
{
    return is_lower(byte) ? (char)(byte - 'a' + 'A') : byte;
}

static char to_lower(char byte)
{
    return is_upper(byte) ? (char)(byte - 'A' + 'a') : byte;
}

/* Whether a new word begins at `i`: petId, getURLPath -> get, URL, Path. */
static bool begins_word(struct str text, size_t i)
{
    if (i == 0 || !is_upper(text.at[i]))
        return false;
    if (is_lower(text.at[i - 1]) || is_digit(text.at[i - 1]))
        return true;
    return is_upper(text.at[i - 1]) && i + 1 < text.len && is_lower(text.at[i + 1]);
}

/* Words joined by '_'; every byte outside the alphabet separates. */
static struct str spell(struct arena *arena, struct str text, bool in_capitals)
{
    struct str_builder out = {.arena = arena};
    bool is_separated = false;
    for (size_t i = 0; i < text.len && out.len < NAME_SIZE_MAX; i++) {
        char byte = text.at[i];
        if (!is_upper(byte) && !is_lower(byte) && !is_digit(byte)) {
            is_separated = true;
            continue;
        }
        if (out.len && (is_separated || begins_word(text, i)))
            str_add_byte(&out, '_');
        is_separated = false;
        str_add_byte(&out, in_capitals ? to_upper(byte) : to_lower(byte));
    }
    return str_built(&out);
}

/* Macros of <stdint.h> and <stddef.h>, and the header's own names. */
static bool is_reserved(struct str name)
{
    static const char *const prefixes[] = {"MCPP_",    "INT",  "UINT",  "SIZE_",
                                           "PTRDIFF_", "SIG_", "WCHAR", "WINT"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (str_starts(name, prefixes[i]))
            return true;
    return str_is(name, "NULL") || str_is(name, "EOF") || is_digit(name.at[0]);
}

static struct str make_unique(struct c_names *names, struct str name)
{
    if (!map_add(&names->taken, name, names))
        return name;
    uint32_t *number = map_get(&names->counters, name);
    if (!number) {
        number = arena_new(names->arena, uint32_t);
        *number = 1;
        map_add(&names->counters, name, number);
    }
    for (;;) {
        struct str numbered = str_format(names->arena, "%.*s_%u", STR_ARG(name), ++*number);
        if (!map_add(&names->taken, numbered, names))
            return numbered;
    }
}

void c_names_open(struct c_names *names, struct arena *arena)
{
    *names =
        (struct c_names){.arena = arena, .taken = {.arena = arena}, .counters = {.arena = arena}};
    static const char *const own[] = {"FACT_COUNT",     "FACT_WORDS",       "TOOL_COUNT",
                                      "VERIFIER_COUNT", "CREDENTIAL_COUNT", "BIT"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        map_add(&names->taken, str_of(own[i]), names);
}

struct str c_name(struct c_names *names, struct str text, const char *fallback)
{
    struct str name = spell(names->arena, text, true);
    if (name.len == 0)
        name = str_of(fallback);
    else if (is_reserved(name))
        name = str_format(names->arena, "%s_%.*s", fallback, STR_ARG(name));
    return make_unique(names, name);
}

struct str c_name_with_prefix(struct c_names *names, const char *prefix, struct str text,
                              const char *fallback)
{
    struct str name = spell(names->arena, text, false);
    if (name.len == 0)
        name = str_of(fallback);
    return make_unique(names, str_format(names->arena, "%s%.*s", prefix, STR_ARG(name)));
}

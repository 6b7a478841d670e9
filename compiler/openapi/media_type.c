/*
 * Telling media types apart. Parameters after ';' do not matter here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/media_type.h"

#include <strings.h>

static struct str essence(struct str name)
{
    struct str bare = str_part(name, 0, str_find(name, ';'));
    while (bare.len && bare.at[bare.len - 1] == ' ')
        bare.len--;
    return bare;
}

static bool ends(struct str text, const char *suffix)
{
    struct str wanted = str_of(suffix);
    return text.len >= wanted.len &&
           strncasecmp(text.at + text.len - wanted.len, suffix, wanted.len) == 0;
}

static bool is_any(struct str bare, const char *const *names)
{
    for (; *names; names++)
        if (build_equal_ignoring_case(bare, *names))
            return true;
    return false;
}

static bool is_text(struct str bare)
{
    static const char *const names[] = {
        "application/xml",        "application/yaml",         "application/x-yaml",
        "application/javascript", "application/sql",          "application/graphql",
        "application/jwt",        "application/jsonl",        "application/x-ndjson",
        "application/json-seq",   "application/toml",         "application/x-pem-file",
        "application/jose",       "application/sparql-query", NULL};
    return (bare.len > 5 && strncasecmp(bare.at, "text/", 5) == 0) || ends(bare, "+xml") ||
           ends(bare, "+yaml") || is_any(bare, names);
}

enum media_kind media_type_kind(struct str name)
{
    static const char *const like_json[] = {"*/*", "application/*", "text/json", NULL};
    struct str bare = essence(name);
    if (build_equal_ignoring_case(bare, "application/json"))
        return MEDIA_JSON;
    if (ends(bare, "+json") || is_any(bare, like_json))
        return MEDIA_LIKE_JSON;
    if (build_equal_ignoring_case(bare, "application/x-www-form-urlencoded"))
        return MEDIA_FORM;
    if (bare.len > 10 && strncasecmp(bare.at, "multipart/", 10) == 0)
        return MEDIA_MULTIPART;
    return is_text(bare) ? MEDIA_TEXT : MEDIA_BYTES;
}

bool media_type_is_safe(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] < ' ' || name.at[i] >= 0x7f)
            return false;
    return str_find(name, '/') != name.len;
}

bool media_type_is_range(struct str name)
{
    return str_find(name, '*') != name.len;
}

bool media_type_is_json(struct str name)
{
    return media_type_kind(name) <= MEDIA_LIKE_JSON && !media_type_is_range(name);
}

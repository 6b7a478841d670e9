/*
 * Reporting and typed access for the files that build the model.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/build.h"

#include <string.h>
#include <strings.h>

struct diag *build_diag_add(struct build *build, enum diag_severity severity, const char *slug,
                            struct span span, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str message = str_vformat(build->arena, format, arguments);
    va_end(arguments);
    struct str key = str_format(build->arena, "%p %u %s %.*s", (void *)span.source,
                                (unsigned)span.start, slug, STR_ARG(message));
    if (map_add(&build->reported, key, build))
        return &build->repeated;
    return diag_add(build->diags, severity, slug, span, "%.*s", STR_ARG(message));
}

bool build_is_first(struct build *build, const char *slug, struct str subject)
{
    struct str key = str_format(build->arena, "%s %.*s", slug, STR_ARG(subject));
    return !map_add(&build->reported, key, build);
}

const struct node *build_get(struct build *build, const struct node *mapping, const char *name)
{
    const struct node *node = node_get(mapping, name);
    return node ? reference_follow(build->references, node) : NULL;
}

const struct node *build_embedded(struct build *build, const struct node *node)
{
    const struct node *reference = node_get(node, "$ref");
    if (!reference || reference->kind != NODE_STRING)
        return node;
    return reference_follow(build->references, node);
}

/* ---- typed members ---- */

static const struct node *get_of_kind(struct build *build, const struct node *mapping,
                                      const char *name, enum node_kind kind)
{
    const struct node *node = build_embedded(build, node_get(mapping, name));
    if (node && node->kind != kind) {
        build_diag_warning(build, "bad-value", node->span, "'%s' is %s, not %s; it is left out",
                           name, node_kind_name(node->kind), node_kind_name(kind));
        return NULL;
    }
    return node;
}

struct str build_string(struct build *build, const struct node *mapping, const char *name)
{
    return node_string(get_of_kind(build, mapping, name, NODE_STRING));
}

bool build_boolean(struct build *build, const struct node *mapping, const char *name,
                   bool otherwise)
{
    return node_boolean(get_of_kind(build, mapping, name, NODE_BOOLEAN), otherwise);
}

const struct node *build_sequence(struct build *build, const struct node *mapping, const char *name)
{
    return get_of_kind(build, mapping, name, NODE_SEQUENCE);
}

const struct node *build_mapping(struct build *build, const struct node *mapping, const char *name)
{
    return get_of_kind(build, mapping, name, NODE_MAPPING);
}

bool build_is_mapping(struct build *build, const struct node *node, struct span span,
                      const char *what)
{
    if (!node)
        return false; /* a reference that leads nowhere: reported */
    if (node->kind != NODE_MAPPING)
        build_diag_warning(build, "bad-value", span, "%s, where %s belongs; it is left out",
                           node_kind_name(node->kind), what);
    return node->kind == NODE_MAPPING;
}

/* ---- names ---- */

bool build_is_extension(struct str name)
{
    return str_starts(name, "x-");
}

static bool is_listed(const char *words, struct str word)
{
    if (str_find(word, ' ') != word.len || str_find(word, '\0') != word.len)
        return false;
    for (const char *at = words; (at = strchr(at, ' ')) && at[1]; at++)
        if (strncmp(at + 1, word.at, word.len) == 0 && at[1 + word.len] == ' ')
            return true;
    return false;
}

void build_check_members(struct build *build, const struct node *mapping, const char *what,
                         const char *known)
{
    for (uint32_t i = 0; i < mapping->count; i++) {
        const struct member *member = &mapping->members[i];
        if (build_is_extension(member->name) ||
            (member->name.len && is_listed(known, member->name)))
            continue;
        build_diag_warning(build, "unknown-key", member->name_span,
                           "'%.*s' has no meaning in %s; it is left out", STR_ARG(member->name),
                           what);
    }
}

bool build_is_token(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", text.at[i]))
            return false;
    return text.len > 0;
}

bool build_equal_ignoring_case(struct str text, const char *wanted)
{
    return text.len == strlen(wanted) && strncasecmp(text.at, wanted, text.len) == 0;
}

bool build_same_name(enum parameter_place place, struct str first, struct str second)
{
    if (place != PLACE_HEADER)
        return str_equal(first, second);
    return first.len == second.len &&
           (first.len == 0 || strncasecmp(first.at, second.at, first.len) == 0);
}

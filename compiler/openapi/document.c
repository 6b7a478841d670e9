/*
 * Reading a document, whichever of the two languages it is in, and looking into one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/document.h"

#include <string.h>

#include "compiler/openapi/json.h"
#include "compiler/openapi/yaml.h"

static bool looks_like_json(struct str text)
{
    size_t at = str_starts(text, "\xef\xbb\xbf") ? 3 : 0;
    while (at < text.len && strchr(" \t\r\n", text.at[at]))
        at++;
    return at < text.len && (text.at[at] == '{' || text.at[at] == '[');
}

bool document_read(struct source *source, struct arena *arena, struct diag_list *diags,
                   struct document *out)
{
    uint32_t errors_before = diags->error_count;
    const struct node *root = looks_like_json(source->text) ? json_read(source, arena, diags)
                                                            : yaml_read(source, arena, diags);
    if (diags->error_count != errors_before)
        root = NULL;
    *out = (struct document){.source = source, .root = root};
    return root;
}

const struct member *node_member(const struct node *mapping, struct str name)
{
    if (!mapping || mapping->kind != NODE_MAPPING)
        return NULL;
    if (mapping->index)
        return map_get(mapping->index, name);
    for (uint32_t i = 0; i < mapping->count; i++)
        if (str_equal(mapping->members[i].name, name))
            return &mapping->members[i];
    return NULL;
}

const struct node *node_get(const struct node *mapping, const char *name)
{
    const struct member *member = node_member(mapping, str_of(name));
    return member ? member->value : NULL;
}

struct str node_string(const struct node *node)
{
    return node && node->kind == NODE_STRING ? node->text : (struct str){0};
}

bool node_boolean(const struct node *node, bool otherwise)
{
    return node && node->kind == NODE_BOOLEAN ? node->is_true : otherwise;
}

const char *node_kind_name(enum node_kind kind)
{
    static const char *const names[] = {
        [NODE_NULL] = "null",       [NODE_BOOLEAN] = "a boolean",   [NODE_NUMBER] = "a number",
        [NODE_STRING] = "a string", [NODE_SEQUENCE] = "a sequence", [NODE_MAPPING] = "a mapping",
    };
    return names[kind];
}

/*
 * Reading x-mcp-header.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/mcp_header.h"

#include <strings.h>

static const char KEY[] = "x-mcp-header";

static const struct node *find(struct build *build, const struct draft *draft)
{
    const struct node *own = draft->owner ? node_get(draft->owner, KEY) : NULL;
    const struct node *schema =
        draft->schema ? reference_follow(build->references, draft->schema) : NULL;
    return own || !schema ? own : node_get(schema, KEY);
}

/* "parameters with type number are not permitted" */
static bool is_right_type(struct build *build, const struct draft *draft)
{
    return draft->form == DRAFT_STRING ||
           (draft->form == DRAFT_SCHEMA && (schema_has_type(build, draft->schema, "string") ||
                                            schema_has_type(build, draft->schema, "integer") ||
                                            schema_has_type(build, draft->schema, "boolean")));
}

/* Both are tokens, so of ASCII. */
static bool is_same(struct str a, struct str b)
{
    return a.len == b.len && strncasecmp(a.at, b.at, a.len) == 0;
}

static bool is_taken(const struct argument *arguments, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (is_same(arguments[i].mcp_header, name))
            return true;
    return false;
}

void mcp_header_read(struct build *build, struct draft_list *drafts, struct argument *arguments)
{
    for (size_t i = 0; i < drafts->items.count; i++) {
        struct draft *draft = &drafts->items.at[i];
        const struct node *node = find(build, draft);
        const char *problem = NULL;
        if (!node)
            continue;
        if (node->kind != NODE_STRING || !build_is_token(node->text))
            problem = "is no name of a header";
        else if (!is_right_type(build, draft))
            problem = "is for strings, integers and booleans only";
        else if (is_taken(arguments, i, node->text))
            problem = "names the header of another argument";
        if (problem) {
            build_diag_warning(build, "bad-mcp-header", node->span,
                               "x-mcp-header of '%.*s' %s; it is left out",
                               STR_ARG(arguments[i].name), problem);
            continue;
        }
        arguments[i].mcp_header = draft->notes.mcp_header = node->text;
    }
}

/*
 * The table of keywords, and what their values must be.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/schema_keyword.h"

#include <string.h>

static const struct keyword keywords[] = {
    {"$ref", KEYWORD_REFERENCE, false},
    {"type", KEYWORD_TYPE, false},
    {"enum", KEYWORD_ENUM, false},
    {"const", KEYWORD_ANY, false},
    {"format", KEYWORD_STRING, true},
    {"title", KEYWORD_STRING, true},
    {"description", KEYWORD_STRING, true},
    {"default", KEYWORD_ANY, true},
    {"deprecated", KEYWORD_BOOLEAN, true},
    {"example", KEYWORD_EXAMPLE, true},
    {"examples", KEYWORD_SEQUENCE, true},
    {"properties", KEYWORD_SCHEMA_MAP, false},
    {"required", KEYWORD_REQUIRED, false},
    {"items", KEYWORD_ITEMS, false},
    {"allOf", KEYWORD_SCHEMA_LIST, false},
    {"oneOf", KEYWORD_SCHEMA_LIST, false},
    {"anyOf", KEYWORD_SCHEMA_LIST, false},
    {"not", KEYWORD_SCHEMA, false},
    {"additionalProperties", KEYWORD_SCHEMA, false},
    {"minimum", KEYWORD_MINIMUM, false},
    {"maximum", KEYWORD_MAXIMUM, false},
    {"exclusiveMinimum", KEYWORD_EXCLUSIVE, false},
    {"exclusiveMaximum", KEYWORD_EXCLUSIVE, false},
    {"multipleOf", KEYWORD_POSITIVE, false},
    {"minLength", KEYWORD_COUNT, false},
    {"maxLength", KEYWORD_COUNT, false},
    {"pattern", KEYWORD_STRING, false},
    {"minItems", KEYWORD_COUNT, false},
    {"maxItems", KEYWORD_COUNT, false},
    {"uniqueItems", KEYWORD_BOOLEAN, false},
    {"minProperties", KEYWORD_COUNT, false},
    {"maxProperties", KEYWORD_COUNT, false},
    {"prefixItems", KEYWORD_SCHEMA_LIST, false},
    {"contains", KEYWORD_SCHEMA, false},
    {"minContains", KEYWORD_COUNT, false},
    {"maxContains", KEYWORD_COUNT, false},
    {"patternProperties", KEYWORD_SCHEMA_MAP, false},
    {"propertyNames", KEYWORD_SCHEMA, false},
    {"dependentSchemas", KEYWORD_SCHEMA_MAP, false},
    {"dependentRequired", KEYWORD_NAMES_MAP, false},
    {"unevaluatedItems", KEYWORD_SCHEMA, false},
    {"unevaluatedProperties", KEYWORD_SCHEMA, false},
    {"if", KEYWORD_SCHEMA, false},
    {"then", KEYWORD_SCHEMA, false},
    {"else", KEYWORD_SCHEMA, false},
    {"contentEncoding", KEYWORD_STRING, true},
    {"contentMediaType", KEYWORD_STRING, true},
    {"contentSchema", KEYWORD_SCHEMA, true},
    {"nullable", KEYWORD_DROPPED, false},
    {"readOnly", KEYWORD_DROPPED, true},
    {"writeOnly", KEYWORD_DROPPED, true},
    {"discriminator", KEYWORD_DROPPED, true},
    {"xml", KEYWORD_DROPPED, true},
    {"externalDocs", KEYWORD_DROPPED, true},
    {"$defs", KEYWORD_DROPPED, true}, /* what refers to them finds them in the document */
    {"definitions", KEYWORD_DROPPED, true},
    {"$comment", KEYWORD_DROPPED, true},
    {"$schema", KEYWORD_DROPPED, true},
    {"$anchor", KEYWORD_DROPPED, true},
    {"$dynamicAnchor", KEYWORD_DROPPED, true},
    {"$id", KEYWORD_DROPPED, true},
    {"$dynamicRef", KEYWORD_DYNAMIC, false},
    {"$recursiveRef", KEYWORD_UNSUPPORTED, false},
    {"$recursiveAnchor", KEYWORD_UNSUPPORTED, true},
    {"$vocabulary", KEYWORD_UNSUPPORTED, true},
    {"additionalItems", KEYWORD_ADDITIONAL_ITEMS, false},
    {"dependencies", KEYWORD_UNSUPPORTED, false},
};

const struct keyword *schema_keyword(struct build *build, struct str name)
{
    struct map *map = &build->definitions.keywords;
    bool is_new = map->count == 0;
    for (size_t i = 0; is_new && i < sizeof keywords / sizeof *keywords; i++)
        map_add(map, str_of(keywords[i].name), (void *)(uintptr_t)&keywords[i]);
    return map_get(map, name);
}

/* ---- values ---- */

static bool is_count(const struct node *node)
{
    if (node->kind != NODE_NUMBER)
        return false;
    for (size_t i = 0; i < node->text.len; i++)
        if (node->text.at[i] < '0' || node->text.at[i] > '9')
            return false;
    return true;
}

/* By its digits: "0.0" and "0e5" are not, "1e-400" is. */
static bool is_positive(const struct node *node)
{
    if (node->kind != NODE_NUMBER || str_starts(node->text, "-"))
        return false;
    for (size_t i = 0; i < node->text.len && !strchr("eE", node->text.at[i]); i++)
        if (node->text.at[i] >= '1' && node->text.at[i] <= '9')
            return true;
    return false;
}

static bool is_names(const struct node *node)
{
    for (uint32_t i = 0; node->kind == NODE_SEQUENCE && i < node->count; i++)
        if (node->items[i]->kind != NODE_STRING)
            return false;
    return node->kind == NODE_SEQUENCE;
}

static bool is_names_map(const struct node *node)
{
    for (uint32_t i = 0; node->kind == NODE_MAPPING && i < node->count; i++)
        if (!is_names(node->members[i].value))
            return false;
    return node->kind == NODE_MAPPING;
}

/* What the value should be, or NULL when it is. */
static const char *missed(enum keyword_kind kind, const struct node *node)
{
    switch (kind) {
    case KEYWORD_STRING:
        return node->kind == NODE_STRING ? NULL : "a string";
    case KEYWORD_BOOLEAN:
        return node->kind == NODE_BOOLEAN ? NULL : "a boolean";
    case KEYWORD_NUMBER:
        return node->kind == NODE_NUMBER ? NULL : "a number";
    case KEYWORD_POSITIVE:
        return is_positive(node) ? NULL : "a number above 0";
    case KEYWORD_COUNT:
        return is_count(node) ? NULL : "an integer from 0";
    case KEYWORD_SEQUENCE:
        return node->kind == NODE_SEQUENCE ? NULL : "a sequence";
    case KEYWORD_NAMES_MAP:
        return is_names_map(node) ? NULL : "a mapping of sequences of names";
    default:
        return NULL;
    }
}

bool schema_keyword_check(struct build *build, const struct keyword *keyword,
                          const struct member *member)
{
    const char *wanted = missed(keyword->kind, member->value);
    if (wanted)
        build_diag_warning(build, "bad-schema", member->value->span,
                           "the value of '%s' is not %s; it is left out", keyword->name, wanted);
    return !wanted;
}

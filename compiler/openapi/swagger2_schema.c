/*
 * Parameters of Swagger 2.0 carry their schema's keywords themselves; OpenAPI 3.0 has them in
 * `schema`. collectionFormat becomes style and explode, as 3.0's style table says, or one of the
 * styles beyond it that parameter_style.c knows for converted documents.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/swagger2_view.h"

bool swagger2_is_schema_keyword(struct str name)
{
    static const char *const keywords[] = {
        "type",      "format",           "items",     "default",     "maximum",
        "minimum",   "exclusiveMaximum", "maxLength", "minLength",   "exclusiveMinimum",
        "pattern",   "maxItems",         "minItems",  "uniqueItems", "enum",
        "multipleOf"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (str_is(name, keywords[i]))
            return true;
    return false;
}

static bool is_file(const struct node *schema)
{
    return str_is(node_string(node_get(schema, "type")), "file");
}

const struct node *swagger2_plain_schema(const struct swagger2 *view, const struct node *schema)
{
    if (!is_file(schema))
        return schema;
    struct span span = node_get(schema, "type")->span;
    struct shape out = shape_at(view, schema);
    shape_put_text(&out, "type", STR("string"), span);
    shape_put_text(&out, "format", STR("binary"), span);
    for (uint32_t i = 0; i < schema->count; i++)
        if (!str_is(schema->members[i].name, "type") && !str_is(schema->members[i].name, "format"))
            shape_keep(&out, &schema->members[i]);
    return shape_mapping(&out);
}

const struct node *swagger2_schema(const struct swagger2 *view, const struct node *holder)
{
    struct shape out = shape_at(view, holder);
    for (uint32_t i = 0; i < holder->count; i++)
        if (swagger2_is_schema_keyword(holder->members[i].name))
            shape_keep(&out, &holder->members[i]);
    return swagger2_plain_schema(view, shape_mapping(&out));
}

bool swagger2_is_foreign(const struct swagger2 *view, const struct member *member)
{
    static const char *const names[] = {"schema", "style", "explode", "allowReserved", "content"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!str_is(member->name, names[i]))
            continue;
        const struct node **key = arena_new(view->arena, const struct node *);
        *key = member->value;
        if (!map_add(view->reported, (struct str){(const char *)key, sizeof *key}, key))
            diag_warning(view->diags, "unknown-key", member->name_span,
                         "a parameter of Swagger 2.0 has no '%.*s' here; it is left out",
                         STR_ARG(member->name));
        return true;
    }
    return false;
}

const struct node *swagger2_parameter_schema(const struct swagger2 *view,
                                             const struct node *parameter)
{
    const struct node *schema = node_get(parameter, "schema");
    return schema && !node_get(parameter, "type") ? schema : swagger2_schema(view, parameter);
}

struct collection {
    const char *format, *style; /* of a query or form */
    bool explode;
};

static const struct collection *find_collection(struct str format)
{
    static const struct collection collections[] = {
        {"csv", "form", false},
        {"multi", "form", true},
        {"ssv", "spaceDelimited", false},
        {"tsv", "tabDelimited", false},
        {"pipes", "pipeDelimited", false},
    };
    for (size_t i = 0; i < sizeof collections / sizeof *collections; i++)
        if (str_is(format, collections[i].format))
            return &collections[i];
    return NULL;
}

void swagger2_put_style(const struct swagger2 *view, const struct node *parameter, bool is_query,
                        struct shape *out)
{
    const struct node *format = swagger2_get(view, parameter, "collectionFormat", NODE_STRING);
    if (!str_is(node_string(node_get(parameter, "type")), "array"))
        return;
    struct str text = format ? format->text : STR("csv");
    struct span span = format ? format->span : parameter->span;
    const struct collection *collection = find_collection(text);
    if (!collection || (!is_query && collection->explode)) {
        diag_warning(view->diags, "collection-format", span,
                     "the collection format '%.*s' is not possible here; csv is taken",
                     STR_ARG(text));
        collection = find_collection(STR("csv"));
    }
    bool is_simple = !is_query && str_is(str_of(collection->style), "form");
    shape_put_text(out, "style", str_of(is_simple ? "simple" : collection->style), span);
    shape_put_boolean(out, "explode", collection->explode, span);
}

/*
 * A form in the query: an object's properties are query parameters each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/querystring.h"

#include "compiler/openapi/object.h"

static bool has_query(const struct draft_list *drafts, struct str name)
{
    for (size_t i = 0; i < drafts->items.count; i++)
        if (drafts->items.at[i].argument.place == PLACE_QUERY &&
            str_equal(drafts->items.at[i].argument.wire_name, name))
            return true;
    return false;
}

static void add_properties(struct build *build, const struct draft *parameter,
                           const struct object *object, struct draft_list *drafts)
{
    for (size_t i = 0; i < object->properties.count; i++) {
        const struct property *property = &object->properties.at[i];
        if (has_query(drafts, property->name))
            continue;
        bool is_required = property->is_required && parameter->argument.is_required;
        *list_add(build->arena, &drafts->items) =
            (struct draft){.schema = property->schema,
                           .argument = {.wire_name = property->name,
                                        .place = PLACE_QUERY,
                                        .style = STYLE_FORM,
                                        .explode = true,
                                        .is_required = is_required,
                                        .span = property->span}};
    }
}

void querystring_add(struct build *build, const struct draft *parameter, struct draft_list *drafts)
{
    const struct argument *argument = &parameter->argument;
    if (!schema_is_object(build, parameter->schema)) {
        build_diag_warning(build, "unsupported-parameter", argument->span,
                           "the query string '%.*s' is no object; it is left out",
                           STR_ARG(argument->wire_name));
        return;
    }
    if (argument->style != STYLE_FORM) {
        build_diag_warning(build, "unsupported-parameter", argument->span,
                           "a query string that is no form is not supported; '%.*s' is left out",
                           STR_ARG(argument->wire_name));
        return;
    }
    struct object object = object_read(build, parameter->schema);
    bool is_whole = argument->is_required || !object.has_required;
    if (object.is_plain && object.properties.count && is_whole) {
        add_properties(build, parameter, &object, drafts);
        return;
    }
    struct draft draft = *parameter;
    draft.argument.place = PLACE_QUERY;
    draft.argument.style = STYLE_FORM;
    draft.argument.explode = true;
    *list_add(build->arena, &drafts->items) = draft;
}

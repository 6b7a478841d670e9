/*
 * Path items, operations and their parameters. Parameters in the body leave the list and become the
 * operation's request body, those of the path item too, since OpenAPI 3.0 knows no shared ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/swagger2_view.h"

/* ---- parameters ---- */

static bool is_in(const struct node *parameter, const char *place)
{
    return str_is(node_string(node_get(parameter, "in")), place);
}

const struct node *swagger2_parameter(const struct swagger2 *view, const struct node *parameter)
{
    struct shape out = shape_at(view, parameter);
    const struct node *schema = swagger2_parameter_schema(view, parameter);
    for (uint32_t i = 0; i < parameter->count; i++) {
        const struct member *member = &parameter->members[i];
        if (!swagger2_is_schema_keyword(member->name) &&
            !str_is(member->name, "collectionFormat") && member->value != schema &&
            !swagger2_is_foreign(view, member))
            shape_keep(&out, member);
    }
    swagger2_put_style(view, parameter, is_in(parameter, "query"), &out);
    shape_put(&out, STR("schema"), schema);
    return shape_mapping(&out);
}

/* An operation's parameters, sorted by where OpenAPI 3.0 has them. */
struct parameters {
    struct shape listed;
    LIST(const struct node *) body; /* one body parameter, or form parameters */
};

static bool has_form_parameter(const struct parameters *parameters, struct str name)
{
    for (size_t i = 0; i < parameters->body.count; i++)
        if (str_equal(node_string(node_get(parameters->body.at[i], "name")), name))
            return true;
    return false;
}

/* Swagger 2.0, "Parameter Object": one body parameter, and not together with form parameters. */
static void add_body(const struct swagger2 *view, struct parameters *parameters,
                     const struct node *parameter)
{
    bool is_alone = is_in(parameter, "body");
    if (parameters->body.count && (is_alone || is_in(parameters->body.at[0], "body"))) {
        struct diag *diag = diag_error(view->diags, "second-body", parameter->span,
                                       "a second request body in one operation");
        diag_note(view->diags, diag, parameters->body.at[0]->span, "the first is here");
        return;
    }
    *list_add(view->arena, &parameters->body) = parameter;
}

static void sort_parameter(const struct swagger2 *view, const struct node *node,
                           struct parameters *parameters)
{
    const struct node *parameter = reference_follow(view->references, node);
    if (!parameter || parameter->kind != NODE_MAPPING)
        shape_add(&parameters->listed, node);
    else if (is_in(parameter, "body") || is_in(parameter, "formData"))
        add_body(view, parameters, parameter);
    else
        shape_add(&parameters->listed, swagger2_parameter(view, parameter));
}

/* The path item's body applies unless the operation has its own; its form parameters unless the
 * operation has a body or one of that name. */
static void inherit_body(const struct swagger2 *view, const struct parameters *common,
                         struct parameters *own)
{
    bool has_own = own->body.count;
    bool has_own_body = has_own && is_in(own->body.at[0], "body");
    for (size_t i = 0; i < common->body.count; i++) {
        const struct node *parameter = common->body.at[i];
        bool is_replaced =
            is_in(parameter, "body")
                ? has_own
                : has_own_body || has_form_parameter(own, node_string(node_get(parameter, "name")));
        if (!is_replaced)
            *list_add(view->arena, &own->body) = parameter;
    }
}

static struct parameters sort_parameters(const struct swagger2 *view, const struct node *holder)
{
    const struct node *list = swagger2_get(view, holder, "parameters", NODE_SEQUENCE);
    struct parameters parameters = {.listed = shape_at(view, list ? list : holder)};
    for (uint32_t i = 0; list && i < list->count; i++)
        sort_parameter(view, list->items[i], &parameters);
    return parameters;
}

static void put_parameters(struct parameters *parameters, struct shape *out)
{
    if (parameters->listed.members.count)
        shape_put(out, STR("parameters"), shape_sequence(&parameters->listed));
}

/* ---- operations ---- */

/* The operation's own list, or the document's. */
static const struct node *media_types(const struct swagger2 *view, const struct node *operation,
                                      const char *name, const struct node *otherwise)
{
    const struct node *own = swagger2_get(view, operation, name, NODE_SEQUENCE);
    return own ? own : otherwise;
}

static bool is_converted(struct str name)
{
    static const char *const names[] = {"parameters", "responses", "consumes", "produces",
                                        "schemes"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(name, names[i]))
            return true;
    return false;
}

static const struct node *convert_operation(const struct swagger2 *view,
                                            const struct node *operation,
                                            const struct parameters *common)
{
    struct shape out = shape_at(view, operation);
    for (uint32_t i = 0; i < operation->count; i++)
        if (!is_converted(operation->members[i].name))
            shape_keep(&out, &operation->members[i]);
    struct parameters own = sort_parameters(view, operation);
    inherit_body(view, common, &own);
    put_parameters(&own, &out);
    if (own.body.count)
        shape_put(&out, STR("requestBody"),
                  swagger2_request_body(view,
                                        media_types(view, operation, "consumes", view->consumes),
                                        own.body.at, own.body.count));
    const struct node *responses = swagger2_get(view, operation, "responses", NODE_MAPPING);
    if (responses)
        shape_put(&out, STR("responses"),
                  swagger2_responses(view, media_types(view, operation, "produces", view->produces),
                                     responses));
    const struct node *schemes = swagger2_get(view, operation, "schemes", NODE_SEQUENCE);
    if (schemes)
        shape_put(&out, STR("servers"), swagger2_servers(view, schemes));
    return shape_mapping(&out);
}

static bool is_method(struct str name)
{
    static const char *const methods[] = {"get",     "put",  "post", "delete",
                                          "options", "head", "patch"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (str_is(name, methods[i]))
            return true;
    return false;
}

const struct node *swagger2_path_item(const struct swagger2 *view, const struct node *node)
{
    const struct node *item = reference_follow(view->references, node);
    if (!item || item->kind != NODE_MAPPING)
        return node;
    struct shape out = shape_at(view, item);
    struct parameters common = sort_parameters(view, item);
    put_parameters(&common, &out);
    for (uint32_t i = 0; i < item->count; i++) {
        struct member member = item->members[i];
        if (str_is(member.name, "parameters"))
            continue;
        if (is_method(member.name) && member.value->kind == NODE_MAPPING)
            member.value = convert_operation(view, member.value, &common);
        shape_keep(&out, &member);
    }
    return shape_mapping(&out);
}

/*
 * Request bodies and responses: body and form parameters become `requestBody`, schemas move below
 * the media types of consumes and produces.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/node.h"
#include "compiler/openapi/swagger2_view.h"

/* ---- media types ---- */

static const char FORM[] = "application/x-www-form-urlencoded", MULTIPART[] = "multipart/form-data";

/* Puts `media` under each of the media types; under application/json when there are none. */
static const struct node *content_of(const struct swagger2 *view, const struct node *types,
                                     const struct node *media, const struct node *examples)
{
    struct shape out = shape_at(view, media);
    for (uint32_t i = 0; types && i < types->count; i++) {
        struct str name = node_string(types->items[i]);
        if (name.len == 0 || shape_has(&out, name))
            continue;
        const struct member *example = node_member(examples, name);
        if (!example) {
            shape_put(&out, name, media);
            continue;
        }
        struct shape with_example = shape_at(view, media);
        for (uint32_t at = 0; at < media->count; at++)
            shape_keep(&with_example, &media->members[at]);
        shape_put(&with_example, STR("example"), example->value);
        shape_put(&out, name, shape_mapping(&with_example));
    }
    if (out.members.count == 0)
        shape_put(&out, STR("application/json"), media);
    return shape_mapping(&out);
}

/* ---- request bodies ---- */

static const struct node *convert_body(const struct swagger2 *view, const struct node *consumes,
                                       const struct node *parameter)
{
    struct shape out = shape_at(view, parameter), media = shape_at(view, parameter);
    shape_put(&media, STR("schema"), swagger2_plain_schema(view, node_get(parameter, "schema")));
    for (uint32_t i = 0; i < parameter->count; i++) {
        struct str name = parameter->members[i].name;
        if (!str_is(name, "in") && !str_is(name, "name") && !str_is(name, "schema"))
            shape_keep(&out, &parameter->members[i]);
    }
    shape_put(&out, STR("content"), content_of(view, consumes, shape_mapping(&media), NULL));
    return shape_mapping(&out);
}

static bool is_file(const struct node *parameter)
{
    return str_is(node_string(node_get(parameter, "type")), "file");
}

/* Files need multipart; otherwise the first form type that the operation consumes. */
static const char *form_type(const struct node *consumes, const struct node *const *parameters,
                             size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_file(parameters[i]))
            return MULTIPART;
    for (uint32_t i = 0; consumes && i < consumes->count; i++) {
        struct str type = node_string(consumes->items[i]);
        if (str_is(type, FORM) || str_is(type, MULTIPART))
            return str_is(type, FORM) ? FORM : MULTIPART;
    }
    return FORM;
}

/* The property of a form parameter: its keywords and its description. */
static const struct node *form_property(const struct swagger2 *view, const struct node *parameter)
{
    struct shape out = shape_at(view, parameter);
    const struct node *schema = swagger2_parameter_schema(view, parameter);
    const struct node *description = node_get(parameter, "description");
    for (uint32_t i = 0; i < parameter->count; i++)
        if (parameter->members[i].value != schema)
            swagger2_is_foreign(view, &parameter->members[i]);
    for (uint32_t i = 0; schema->kind == NODE_MAPPING && i < schema->count; i++)
        if (!description || !str_is(schema->members[i].name, "description"))
            shape_keep(&out, &schema->members[i]);
    shape_put(&out, STR("description"), description);
    return shape_mapping(&out);
}

/* The parts of a form's media type object while its parameters are gone through. */
struct form {
    struct shape properties, required, encoding;
};

static void add_form_parameter(const struct swagger2 *view, const struct node *parameter,
                               struct form *form)
{
    const struct node *name = node_get(parameter, "name");
    struct shape encoding = shape_at(view, parameter);
    shape_put(&form->properties, node_string(name), form_property(view, parameter));
    if (node_boolean(node_get(parameter, "required"), false))
        shape_add(&form->required, name);
    swagger2_put_style(view, parameter, true, &encoding);
    if (encoding.members.count)
        shape_put(&form->encoding, node_string(name), shape_mapping(&encoding));
}

static const struct node *convert_form(const struct swagger2 *view, const struct node *consumes,
                                       const struct node *const *parameters, size_t count)
{
    struct shape start = shape_at(view, parameters[0]);
    struct shape schema = start, media = start, content = start, out = start;
    struct form form = {start, start, start};
    for (size_t i = 0; i < count; i++)
        if (swagger2_get(view, parameters[i], "name", NODE_STRING))
            add_form_parameter(view, parameters[i], &form);
    shape_put_text(&schema, "type", STR("object"), start.span);
    shape_put(&schema, STR("properties"), shape_mapping(&form.properties));
    if (form.required.members.count)
        shape_put(&schema, STR("required"), shape_sequence(&form.required));
    shape_put(&media, STR("schema"), shape_mapping(&schema));
    if (form.encoding.members.count)
        shape_put(&media, STR("encoding"), shape_mapping(&form.encoding));
    shape_put(&content, str_of(form_type(consumes, parameters, count)), shape_mapping(&media));
    shape_put(&out, STR("content"), shape_mapping(&content));
    shape_put_boolean(&out, "required", form.required.members.count, start.span);
    return shape_mapping(&out);
}

const struct node *swagger2_request_body(const struct swagger2 *view, const struct node *consumes,
                                         const struct node *const *parameters, size_t count)
{
    if (str_is(node_string(node_get(parameters[0], "in")), "body"))
        return convert_body(view, consumes, parameters[0]);
    return convert_form(view, consumes, parameters, count);
}

/* ---- responses ---- */

static const struct node *convert_header(const struct swagger2 *view, const struct node *header)
{
    struct shape out = shape_at(view, header);
    for (uint32_t i = 0; i < header->count; i++) {
        struct str name = header->members[i].name;
        if (!swagger2_is_schema_keyword(name) && !str_is(name, "collectionFormat"))
            shape_keep(&out, &header->members[i]);
    }
    shape_put(&out, STR("schema"), swagger2_schema(view, header));
    return shape_mapping(&out);
}

static const struct node *convert_headers(const struct swagger2 *view, const struct node *headers)
{
    struct shape out = shape_at(view, headers);
    for (uint32_t i = 0; i < headers->count; i++) {
        struct member member = headers->members[i];
        if (member.value->kind == NODE_MAPPING)
            member.value = convert_header(view, member.value);
        shape_keep(&out, &member);
    }
    return shape_mapping(&out);
}

static const struct node *convert_response(const struct swagger2 *view, const struct node *produces,
                                           const struct node *response)
{
    const struct node *schema = node_get(response, "schema");
    const struct node *headers = swagger2_get(view, response, "headers", NODE_MAPPING);
    struct shape out = shape_at(view, response);
    for (uint32_t i = 0; i < response->count; i++) {
        struct str name = response->members[i].name;
        if (!str_is(name, "schema") && !str_is(name, "headers") && !str_is(name, "examples"))
            shape_keep(&out, &response->members[i]);
    }
    if (headers)
        shape_put(&out, STR("headers"), convert_headers(view, headers));
    if (schema) {
        struct shape media = shape_at(view, schema);
        shape_put(&media, STR("schema"), swagger2_plain_schema(view, schema));
        shape_put(
            &out, STR("content"),
            content_of(view, produces, shape_mapping(&media), node_get(response, "examples")));
    }
    return shape_mapping(&out);
}

const struct node *swagger2_responses(const struct swagger2 *view, const struct node *produces,
                                      const struct node *responses)
{
    struct shape out = shape_at(view, responses);
    for (uint32_t i = 0; i < responses->count; i++) {
        struct member member = responses->members[i];
        const struct node *response =
            str_starts(member.name, "x-") ? NULL : reference_follow(view->references, member.value);
        if (response && response->kind == NODE_MAPPING)
            member.value = convert_response(view, produces, response);
        shape_keep(&out, &member);
    }
    return shape_mapping(&out);
}

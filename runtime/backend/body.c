/*
 * Builds bodies. JSON values are sliced out of the message, never converted: a 64-bit integer
 * reaches the backend with the digits it came with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/body.h"

#include "runtime/backend/multipart.h"
#include "runtime/backend/style.h"
#include "runtime/memory/base64.h"

static const char *finish(struct text *text, const char *content_type, struct body *out)
{
    if (text->failed)
        return refusal_no_memory;
    *out = (struct body){true, text_slice(text), content_type};
    return NULL;
}

/* The one MCPP_IN_WHOLE_BODY argument, or NULL. */
static const struct value *whole_body(const struct matched *matched,
                                      const struct mcpp_parameter **parameter)
{
    for (uint32_t i = 0; i < matched->tool->parameter_count; i++) {
        *parameter = &matched->tool->parameters[i];
        if ((*parameter)->place == MCPP_IN_WHOLE_BODY && argument_is_given(matched, i))
            return &matched->values[i];
    }
    return NULL;
}

static bool has_properties(const struct mcpp_tool *tool)
{
    for (uint32_t i = 0; i < tool->parameter_count; i++)
        if (tool->parameters[i].place == MCPP_IN_BODY)
            return true;
    return false;
}

static bool is_given_property(const struct matched *matched, uint32_t index)
{
    return matched->tool->parameters[index].place == MCPP_IN_BODY &&
           argument_is_given(matched, index);
}

/* ---- JSON ---- */

static void add_members(struct text *out, const struct matched *matched)
{
    bool is_first = true;
    text_add_byte(out, '{');
    for (uint32_t i = 0; i < matched->tool->parameter_count; i++) {
        if (!is_given_property(matched, i))
            continue;
        text_add_literal(out, is_first ? "" : ",");
        text_add_json(out, slice_of(matched->tool->parameters[i].name));
        text_add_byte(out, ':');
        text_add(out, value_bytes(&matched->values[i]));
        is_first = false;
    }
    text_add_byte(out, '}');
}

static const char *build_json(const struct matched *matched, const char *type, struct body *out)
{
    const struct mcpp_parameter *parameter;
    struct text text = {.pool = matched->pool};
    const struct value *whole = whole_body(matched, &parameter);
    if (whole)
        text_add(&text, value_bytes(whole));
    else if (has_properties(matched->tool))
        add_members(&text, matched);
    else
        return NULL;
    return finish(&text, type, out);
}

/* ---- application/x-www-form-urlencoded ---- */

static const char *build_form(const struct matched *matched, const char *type, struct body *out)
{
    struct text text = {.pool = matched->pool};
    for (uint32_t i = 0; i < matched->tool->parameter_count; i++) {
        const struct mcpp_parameter *parameter = &matched->tool->parameters[i];
        if (!is_given_property(matched, i))
            continue;
        const char *refusal = arguments_check_members(matched, i);
        if (refusal)
            return refusal;
        struct text pairs = {.pool = matched->pool};
        struct style_target target = {slice_of(parameter->name),
                                      parameter->style,
                                      parameter->explode,
                                      parameter->allow_reserved ? ENCODE_RESERVED : ENCODE_FORM,
                                      "&",
                                      false};
        if (!style_add(&pairs, &target, &matched->values[i]))
            return refusal_format(matched->pool, "Argument %s must be an object.",
                                  parameter->argument);
        if (text.len && pairs.len)
            text_add_byte(&text, '&');
        text_add(&text, text_slice(&pairs));
        text.failed = text.failed || pairs.failed;
    }
    return finish(&text, type, out);
}

/* ---- text and bytes ---- */

static const char *build_whole(const struct matched *matched, const char *type, struct body *out)
{
    const struct mcpp_parameter *parameter;
    const struct value *whole = whole_body(matched, &parameter);
    struct text text = {.pool = matched->pool};
    struct slice characters;
    if (!whole)
        return NULL;
    if (!value_characters(whole, matched->pool, &characters))
        return refusal_no_memory;
    if (matched->tool->body == MCPP_BODY_TEXT)
        text_add(&text, characters);
    else if (value_node(whole)->kind != JSON_STRING || !base64_decode(&text, characters))
        return refusal_format(matched->pool, "Argument %s must be Base64 (RFC 4648, padded).",
                              parameter->argument);
    return finish(&text, type, out);
}

const char *body_build(const struct matched *matched, struct body *out)
{
    static const char *const usual_types[] = {
        [MCPP_BODY_NONE] = "",
        [MCPP_BODY_JSON] = "application/json",
        [MCPP_BODY_FORM] = "application/x-www-form-urlencoded",
        [MCPP_BODY_MULTIPART] = "multipart/form-data",
        [MCPP_BODY_TEXT] = "text/plain; charset=utf-8",
        [MCPP_BODY_BASE64] = "application/octet-stream",
    };
    const struct mcpp_tool *tool = matched->tool;
    const char *type = tool->content_type[0] ? tool->content_type : usual_types[tool->body];
    *out = (struct body){false, {NULL, 0}, NULL};
    switch (tool->body) {
    case MCPP_BODY_NONE:
        break;
    case MCPP_BODY_JSON:
        return build_json(matched, type, out);
    case MCPP_BODY_FORM:
        return build_form(matched, type, out);
    case MCPP_BODY_MULTIPART:
        return multipart_build(matched, type, out);
    case MCPP_BODY_TEXT:
    case MCPP_BODY_BASE64:
        return build_whole(matched, type, out);
    }
    return NULL;
}

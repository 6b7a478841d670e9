/*
 * Builds bodies. JSON values are sliced out of the message, never converted: a 64-bit integer
 * reaches the backend with the digits it came with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/body.h"

#include <sys/random.h>

#include "runtime/backend/style.h"

enum { BOUNDARY_BYTES = 16, BOUNDARY_TRIES = 4 };

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

/* ---- multipart/form-data (RFC 7578) ---- */

struct multipart {
    const struct matched *matched;
    const char *boundary;
    struct text text;
    size_t part_count;
    const char *refusal;
};

/* Whether the schema, or that of the items, says that strings stand for bytes: files. */
static bool is_file(const struct value *schema)
{
    struct value encoding, items;
    if (value_member(schema, "items", &items))
        return is_file(&items);
    return value_member(schema, "contentEncoding", &encoding) &&
           value_is_string(&encoding, "base64");
}

/* A name between quotes, as browsers write it (WHATWG HTML, "multipart form data"). */
static void add_quoted(struct text *out, struct slice name)
{
    text_add_byte(out, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '"')
            text_add_literal(out, "%22");
        else if (name.at[i] == '\r')
            text_add_literal(out, "%0D");
        else if (name.at[i] == '\n')
            text_add_literal(out, "%0A");
        else
            text_add_byte(out, name.at[i]);
    }
    text_add_byte(out, '"');
}

static void add_part_content(struct multipart *multipart, const struct mcpp_parameter *parameter,
                             bool is_bytes, const struct value *value)
{
    struct text *out = &multipart->text;
    struct slice characters;
    if (parameter->style == MCPP_STYLE_JSON) {
        value_add_compact(out, value);
    } else if (!value_characters(value, out->pool, &characters)) {
        out->failed = true;
    } else if (!is_bytes) {
        text_add(out, characters);
    } else if (!encode_decode_base64(out, characters)) {
        multipart->refusal = refusal_format(
            out->pool, "Argument %s must be Base64 (RFC 4648, padded).", parameter->argument);
    }
}

/* What is usual when the document says nothing (OpenAPI 3.2, 4.15.1.1); NULL: plain text, which a
 * part without the header is (RFC 7578, section 4.4). */
static const char *usual_type(const struct mcpp_parameter *parameter, bool is_bytes,
                              const struct value *value)
{
    if (is_bytes)
        return "application/octet-stream";
    return parameter->style == MCPP_STYLE_JSON || value_is_compound(value) ? "application/json"
                                                                           : NULL;
}

static void add_part(struct multipart *multipart, const struct mcpp_parameter *parameter,
                     bool is_bytes, const struct value *value)
{
    struct text *out = &multipart->text;
    const char *type =
        parameter->content_type ? parameter->content_type : usual_type(parameter, is_bytes, value);
    multipart->part_count++;
    text_add_literal(out, "--");
    text_add_literal(out, multipart->boundary);
    text_add_literal(out, "\r\nContent-Disposition: form-data; name=");
    add_quoted(out, slice_of(parameter->name));
    if (is_bytes) {
        text_add_literal(out, "; filename=");
        add_quoted(out, slice_of(parameter->name));
    }
    if (type) {
        text_add_literal(out, "\r\nContent-Type: ");
        text_add_literal(out, type);
    }
    text_add_literal(out, "\r\n\r\n");
    add_part_content(multipart, parameter, is_bytes, value);
    text_add_literal(out, "\r\n");
}

/* An array is one part for each item (OpenAPI 3.2, 4.14.3). */
static void add_property(struct multipart *multipart, uint32_t index)
{
    const struct matched *matched = multipart->matched;
    const struct mcpp_parameter *parameter = &matched->tool->parameters[index];
    const struct value *value = &matched->values[index];
    struct value schema;
    bool is_bytes = parameter->style != MCPP_STYLE_JSON &&
                    argument_schema(matched->tool, parameter->argument, matched->pool, &schema) &&
                    is_file(&schema);
    if (value_node(value)->kind != JSON_ARRAY || parameter->style == MCPP_STYLE_JSON) {
        add_part(multipart, parameter, is_bytes, value);
        return;
    }
    for (struct value_walk walk = value_first(value); value_next(&walk);)
        if (!value_is_null(&walk.item))
            add_part(multipart, parameter, is_bytes, &walk.item);
}

static size_t count_of(struct slice text, struct slice wanted)
{
    size_t count = 0;
    const char *at = text.at, *end = text.at + text.len;
    while ((at = memmem(at, (size_t)(end - at), wanted.at, wanted.len))) {
        count++;
        at += wanted.len;
    }
    return count;
}

static const char *draw_boundary(struct pool *pool)
{
    unsigned char bytes[BOUNDARY_BYTES];
    struct text boundary = {.pool = pool};
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return NULL;
    text_add_literal(&boundary, "mcpp-");
    for (size_t i = 0; i < sizeof bytes; i++)
        text_add_format(&boundary, "%02x", bytes[i]);
    text_add_byte(&boundary, '\0');
    return boundary.failed ? NULL : boundary.at;
}

static const char *build_parts(struct multipart *multipart)
{
    for (uint32_t i = 0; i < multipart->matched->tool->parameter_count; i++)
        if (is_given_property(multipart->matched, i) && !multipart->refusal)
            add_property(multipart, i);
    text_add_literal(&multipart->text, "--");
    text_add_literal(&multipart->text, multipart->boundary);
    text_add_literal(&multipart->text, "--\r\n");
    return multipart->refusal;
}

static const char *build_multipart(const struct matched *matched, const char *type,
                                   struct body *out)
{
    for (unsigned try = 0; try < BOUNDARY_TRIES; try++) {
        struct multipart multipart = {.matched = matched,
                                      .boundary = draw_boundary(matched->pool),
                                      .text = {.pool = matched->pool}};
        if (!multipart.boundary)
            return refusal_no_memory;
        if (build_parts(&multipart))
            return multipart.refusal;
        if (multipart.text.failed)
            return refusal_no_memory;
        /* whoever knows the boundary beforehand could end a part: it must be ours alone */
        if (count_of(text_slice(&multipart.text), slice_of(multipart.boundary)) !=
            multipart.part_count + 1)
            continue;
        return finish(&multipart.text,
                      refusal_format(matched->pool, "%s; boundary=%s", type, multipart.boundary),
                      out);
    }
    return "The arguments cannot be sent as multipart/form-data.";
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
    else if (value_node(whole)->kind != JSON_STRING || !encode_decode_base64(&text, characters))
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
        return build_multipart(matched, type, out);
    case MCPP_BODY_TEXT:
    case MCPP_BODY_BASE64:
        return build_whole(matched, type, out);
    }
    return NULL;
}

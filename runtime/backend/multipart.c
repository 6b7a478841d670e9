/*
 * Builds parts. What a document says nothing about is a part for each item of an array and JSON for
 * an object; with a style (OpenAPI 3.2, section 4.15.1.2) a value becomes the pairs that it would
 * be in a query, each a part, and nothing is percent-encoded (RFC 7578, section 5.1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/multipart.h"

#include <string.h>
#include <sys/random.h>

#include "runtime/backend/style.h"
#include "runtime/memory/base64.h"

enum { BOUNDARY_BYTES = 16, BOUNDARY_TRIES = 4 };

struct multipart {
    const struct matched *matched;
    const char *boundary;
    struct text text;
    size_t part_count;
    const char *refusal;
};

/* A part that is being written. */
struct part {
    const struct mcpp_parameter *parameter; /* that it comes from */
    struct slice name;
    const char *type; /* NULL: plain text, which a part without the header is */
    bool is_file;
};

/* ---- the head of a part ---- */

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

static void add_header(struct multipart *multipart, uint32_t index)
{
    const struct mcpp_parameter *parameter = &multipart->matched->tool->parameters[index];
    struct slice name = slice_of(parameter->name);
    struct style_target target = {name, parameter->style, parameter->explode, ENCODE_NONE, "&",
                                  true};
    struct text value = {.pool = multipart->text.pool};
    style_add(&value, &target, &multipart->matched->values[index]);
    if (!encode_is_token(name) || !encode_is_header_value(text_slice(&value)))
        multipart->refusal = refusal_format(
            value.pool,
            "Argument %s must not have line ends or control characters: it is sent as a header.",
            parameter->argument);
    text_add_literal(&multipart->text, "\r\n");
    text_add(&multipart->text, name);
    text_add_literal(&multipart->text, ": ");
    text_add(&multipart->text, text_slice(&value));
    multipart->text.failed = multipart->text.failed || value.failed;
}

static bool is_header_of(const struct mcpp_parameter *header, const struct mcpp_parameter *of)
{
    return header->place == MCPP_IN_PART_HEADER && strcmp(header->part, of->name) == 0;
}

static void begin_part(struct multipart *multipart, const struct part *part)
{
    struct text *out = &multipart->text;
    const struct mcpp_tool *tool = multipart->matched->tool;
    multipart->part_count++;
    text_add_literal(out, "--");
    text_add_literal(out, multipart->boundary);
    text_add_literal(out, "\r\nContent-Disposition: form-data; name=");
    add_quoted(out, part->name);
    if (part->is_file) {
        text_add_literal(out, "; filename=");
        add_quoted(out, part->name);
    }
    if (part->type) {
        text_add_literal(out, "\r\nContent-Type: ");
        text_add_literal(out, part->type);
    }
    for (uint32_t i = 0; i < tool->parameter_count; i++)
        if (is_header_of(&tool->parameters[i], part->parameter) &&
            argument_is_given(multipart->matched, i))
            add_header(multipart, i);
    text_add_literal(out, "\r\n\r\n");
}

/* ---- parts as they are by default ---- */

/* Whether the schema, or that of the items, says that strings stand for bytes: files. */
static bool is_file(const struct value *schema)
{
    struct value encoding, items;
    if (value_member(schema, "items", &items))
        return is_file(&items);
    return value_member(schema, "contentEncoding", &encoding) &&
           value_is_string(&encoding, "base64");
}

static void add_content(struct multipart *multipart, const struct part *part,
                        const struct value *value)
{
    struct text *out = &multipart->text;
    struct slice characters;
    if (part->parameter->style == MCPP_STYLE_JSON)
        value_add_compact(out, value);
    else if (!value_characters(value, out->pool, &characters))
        out->failed = true;
    else if (!part->is_file)
        text_add(out, characters);
    else if (!base64_decode(out, characters))
        multipart->refusal = refusal_format(
            out->pool, "Argument %s must be Base64 (RFC 4648, padded).", part->parameter->argument);
}

/* What is usual when the document says nothing (OpenAPI 3.2, 4.15.1.1); NULL: plain text
 * (RFC 7578, section 4.4). */
static const char *usual_type(const struct part *part, const struct value *value)
{
    if (part->is_file)
        return "application/octet-stream";
    return part->parameter->style == MCPP_STYLE_JSON || value_is_compound(value)
               ? "application/json"
               : NULL;
}

static void add_part(struct multipart *multipart, struct part part, const struct value *value)
{
    part.type =
        part.parameter->content_type ? part.parameter->content_type : usual_type(&part, value);
    begin_part(multipart, &part);
    add_content(multipart, &part, value);
    text_add_literal(&multipart->text, "\r\n");
}

/* ---- styles ---- */

static void add_text_part(struct multipart *multipart, const struct mcpp_parameter *parameter,
                          struct slice name, struct slice content)
{
    struct part part = {parameter, name, NULL, false};
    begin_part(multipart, &part);
    text_add(&multipart->text, content);
    text_add_literal(&multipart->text, "\r\n");
}

static void add_pair(struct multipart *multipart, const struct mcpp_parameter *parameter,
                     struct slice name, const struct value *value)
{
    struct slice content;
    if (value_characters(value, multipart->text.pool, &content))
        add_text_part(multipart, parameter, name, content);
    else
        multipart->text.failed = true;
}

static void add_exploded(struct multipart *multipart, const struct mcpp_parameter *parameter,
                         const struct value *value)
{
    struct slice name = slice_of(parameter->name);
    for (struct value_walk walk = value_first(value); value_next(&walk);) {
        if (value_is_null(&walk.item))
            continue;
        if (walk.has_names && !value_characters(&walk.name, multipart->text.pool, &name))
            multipart->text.failed = true;
        else
            add_pair(multipart, parameter, name, &walk.item);
    }
}

/* `prefix[name]`; the items of an array have the array's name. */
static struct slice bracketed_name(struct multipart *multipart, struct slice prefix,
                                   const struct value_walk *walk)
{
    struct text name = {.pool = multipart->text.pool};
    struct slice member;
    if (!walk->has_names)
        return prefix;
    if (!value_characters(&walk->name, name.pool, &member))
        name.failed = true;
    text_add(&name, prefix);
    text_add_byte(&name, '[');
    if (!name.failed)
        text_add(&name, member);
    text_add_byte(&name, ']');
    multipart->text.failed = multipart->text.failed || name.failed;
    return name.failed ? prefix : text_slice(&name);
}

/* `prefix[name]` for each member, deeper where that is compound. */
static void add_bracketed(struct multipart *multipart, const struct mcpp_parameter *parameter,
                          struct slice prefix, const struct value *value)
{
    if (!value_is_compound(value)) {
        if (!value_is_null(value))
            add_pair(multipart, parameter, prefix, value);
        return;
    }
    for (struct value_walk walk = value_first(value); value_next(&walk);)
        add_bracketed(multipart, parameter, bracketed_name(multipart, prefix, &walk), &walk.item);
}

static void add_styled(struct multipart *multipart, const struct mcpp_parameter *parameter,
                       const struct value *value)
{
    struct text joined = {.pool = multipart->text.pool};
    struct style_target target = {
        slice_of(parameter->name), parameter->style, parameter->explode, ENCODE_NONE, "&", true};
    if (parameter->style == MCPP_STYLE_DEEP_OBJECT) {
        if (value_node(value)->kind == JSON_OBJECT)
            add_bracketed(multipart, parameter, target.name, value);
        else
            multipart->refusal =
                refusal_format(joined.pool, "Argument %s must be an object.", parameter->argument);
    } else if (parameter->explode && value_is_compound(value)) {
        add_exploded(multipart, parameter, value);
    } else {
        style_add(&joined, &target, value);
        multipart->text.failed = multipart->text.failed || joined.failed;
        if (joined.len || !value_is_compound(value))
            add_text_part(multipart, parameter, target.name, text_slice(&joined));
    }
}

/* ---- a property ---- */

/* An array is one part for each item (OpenAPI 3.2, 4.14.3). */
static void add_property(struct multipart *multipart, uint32_t index)
{
    const struct matched *matched = multipart->matched;
    const struct mcpp_parameter *parameter = &matched->tool->parameters[index];
    const struct value *value = &matched->values[index];
    struct value schema;
    bool is_json = parameter->style == MCPP_STYLE_JSON;
    struct part part = {.parameter = parameter, .name = slice_of(parameter->name)};
    part.is_file = !is_json &&
                   argument_schema(matched->tool, parameter->argument, matched->pool, &schema) &&
                   is_file(&schema);
    if (!part.is_file && !is_json && parameter->style != MCPP_STYLE_PART) {
        add_styled(multipart, parameter, value);
    } else if (value_node(value)->kind != JSON_ARRAY || is_json) {
        add_part(multipart, part, value);
    } else {
        for (struct value_walk walk = value_first(value); value_next(&walk);)
            if (!value_is_null(&walk.item))
                add_part(multipart, part, &walk.item);
    }
}

/* A header whose part is not there would be lost. */
static const char *check_header(const struct matched *matched, uint32_t index)
{
    const struct mcpp_tool *tool = matched->tool;
    const struct mcpp_parameter *header = &tool->parameters[index];
    for (uint32_t i = 0; i < tool->parameter_count; i++)
        if (tool->parameters[i].place == MCPP_IN_BODY &&
            is_header_of(header, &tool->parameters[i]) && !argument_is_given(matched, i))
            return refusal_format(matched->pool,
                                  "Argument %s is a header of %s, which is not there.",
                                  header->argument, tool->parameters[i].argument);
    return NULL;
}

/* ---- the whole ---- */

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
    const struct matched *matched = multipart->matched;
    for (uint32_t i = 0; i < matched->tool->parameter_count && !multipart->refusal; i++) {
        if (!argument_is_given(matched, i))
            continue;
        if (matched->tool->parameters[i].place == MCPP_IN_PART_HEADER)
            multipart->refusal = check_header(matched, i);
        else if (matched->tool->parameters[i].place == MCPP_IN_BODY)
            multipart->refusal = arguments_check_members(matched, i);
        if (!multipart->refusal && matched->tool->parameters[i].place == MCPP_IN_BODY)
            add_property(multipart, i);
    }
    text_add_literal(&multipart->text, "--");
    text_add_literal(&multipart->text, multipart->boundary);
    text_add_literal(&multipart->text, "--\r\n");
    return multipart->refusal;
}

const char *multipart_build(const struct matched *matched, const char *type, struct body *out)
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
        *out = (struct body){
            true, text_slice(&multipart.text),
            refusal_format(matched->pool, "%s; boundary=%s", type, multipart.boundary)};
        return NULL;
    }
    return refusal_format(matched->pool, "The arguments cannot be sent as %s.", type);
}

/*
 * Reading responses. JSON is asked for alone when the operation can answer in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/response.h"

#include "compiler/openapi/media_type.h"
#include "compiler/openapi/schema.h"
#include "compiler/openapi/schema_keyword.h"

struct answers {
    LIST(struct str) types;         /* of 2xx responses */
    LIST(const struct node *) json; /* their JSON schemas; NULL for one without */
    bool has_json, has_other;       /* a response in JSON; one that is not */
};

static bool is_success(struct str code)
{
    return code.len == 3 && code.at[0] == '2' &&
           (str_is(code, "2XX") || str_is(code, "2xx") ||
            (code.at[1] >= '0' && code.at[1] <= '9' && code.at[2] >= '0' && code.at[2] <= '9'));
}

static bool is_code(struct str code)
{
    return code.len == 3 && code.at[0] >= '1' && code.at[0] <= '5';
}

static void add_type(struct build *build, struct answers *answers, struct str type)
{
    for (size_t i = 0; i < answers->types.count; i++)
        if (str_equal(answers->types.at[i], type))
            return;
    *list_add(build->arena, &answers->types) = type;
}

static void read_media(struct build *build, struct answers *answers, const struct member *member)
{
    if (build_is_extension(member->name))
        return;
    if (!media_type_is_safe(member->name)) {
        build_diag_warning(build, "bad-media-type", member->name_span,
                           "'%.*s' is no media type; it is left out", STR_ARG(member->name));
        return;
    }
    add_type(build, answers, member->name);
    if (!media_type_is_json(member->name))
        return;
    const struct node *media = reference_follow(build->references, member->value);
    answers->has_json = true;
    *list_add(build->arena, &answers->json) = node_get(media, "schema");
}

static void read_one(struct build *build, struct answers *answers, const struct member *member)
{
    const struct node *node = reference_follow(build->references, member->value);
    if (!build_is_mapping(build, node, member->value->span, "a response"))
        return;
    build_check_members(build, node, "a response",
                        " description summary headers content links $ref ");
    const struct node *content = build_mapping(build, node, "content");
    size_t before = answers->json.count;
    for (uint32_t i = 0; content && i < content->count; i++)
        read_media(build, answers, &content->members[i]);
    answers->has_other = answers->has_other || answers->json.count == before;
}

static struct str accept_of(struct build *build, const struct answers *answers)
{
    struct str_builder out = {.arena = build->arena};
    for (size_t i = 0; i < answers->types.count; i++) {
        if (answers->has_json && !media_type_is_json(answers->types.at[i]))
            continue;
        if (out.len)
            str_add_text(&out, ", ");
        str_add(&out, answers->types.at[i]);
    }
    return str_built(&out);
}

/* Whether every answer is described, by more than remarks, and not as a file: only then can a
 * result be promised. */
static bool says_something(struct build *build, const struct node *schema)
{
    const struct node *followed = schema ? reference_follow(build->references, schema) : NULL;
    if (!followed || followed->kind != NODE_MAPPING || schema_is_binary(build, schema))
        return false;
    for (uint32_t i = 0; i < followed->count; i++) {
        const struct keyword *keyword = schema_keyword(build, followed->members[i].name);
        if (keyword && !keyword->is_annotation && keyword->kind != KEYWORD_DROPPED &&
            keyword->kind != KEYWORD_UNSUPPORTED)
            return true;
    }
    return false;
}

/* What can be said about all answers together. */
struct common {
    bool is_known, is_same, is_object;
};

static struct common compare(struct build *build, const struct answers *answers)
{
    /* a 204 beside a 200, say: then no result can be promised */
    struct common common = {answers->json.count > 0 && !answers->has_other, true, true};
    for (size_t i = 0; i < answers->json.count; i++) {
        const struct node *schema = answers->json.at[i];
        const struct node *first = answers->json.at[0];
        bool is_object = schema_is_object(build, schema);
        if (!is_object && !says_something(build, schema))
            return (struct common){.is_known = false};
        common.is_object = common.is_object && is_object;
        common.is_same = common.is_same && reference_follow(build->references, schema) ==
                                               reference_follow(build->references, first);
    }
    return common;
}

/* Different responses are alternatives. */
static void add_alternatives(struct schema_text *text, const struct answers *answers,
                             bool is_object)
{
    str_add_text(&text->out, is_object ? "{\"type\":\"object\",\"anyOf\":[" : "{\"anyOf\":[");
    for (size_t i = 0; i < answers->json.count; i++) {
        if (i)
            str_add_byte(&text->out, ',');
        schema_add(text, answers->json.at[i], NULL);
    }
    str_add_byte(&text->out, ']');
}

/* An array, say; a reference is replaced by what it leads to, which reads better at the root. */
static void add_value_members(struct schema_text *text, const struct node *schema)
{
    bool is_reference = schema->count == 1 && node_get(schema, "$ref");
    const struct node *written =
        is_reference ? reference_follow(text->build->references, schema) : schema;
    schema_add_definition(text, written);
    text->out.len--; /* the closing brace */
}

static struct str output_schema(struct build *build, const struct answers *answers,
                                const struct operation *operation)
{
    struct common common = compare(build, answers);
    const struct node *first = common.is_known && answers->json.at ? answers->json.at[0] : NULL;
    struct schema_text text;
    if (!first)
        return STR("");
    schema_begin(&text, build, SCHEMA_OUTPUT);
    if (!common.is_same)
        add_alternatives(&text, answers, common.is_object);
    else if (common.is_object)
        schema_add_object_members(&text, first);
    else
        add_value_members(&text, first);
    if (str_is(str_built(&text.out), "{"))
        return STR(""); /* nothing of it could be carried over */
    if (schema_add_definitions(&text)) {
        str_add_byte(&text.out, '}');
        return str_built(&text.out);
    }
    build_diag_warning(build, "schema-too-large", operation->span,
                       "the schema of the result of %.*s %.*s is too large; it is left out",
                       STR_ARG(operation->method), STR_ARG(operation->path));
    return STR("");
}

void response_read(struct build *build, const struct node *node, struct operation *operation)
{
    const struct node *responses = build_mapping(build, node, "responses");
    struct answers answers = {.has_json = false};
    for (uint32_t i = 0; responses && i < responses->count; i++) {
        const struct member *member = &responses->members[i];
        if (is_success(member->name))
            read_one(build, &answers, member);
        else if (!is_code(member->name) && !str_is(member->name, "default") &&
                 !build_is_extension(member->name))
            build_diag_warning(build, "unknown-key", member->name_span,
                               "'%.*s' is no status code; it is left out", STR_ARG(member->name));
    }
    operation->accept = accept_of(build, &answers);
    operation->output_schema = output_schema(build, &answers, operation);
}

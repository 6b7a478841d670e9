/*
 * Completing from `enum`, `const` and booleans.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/completion.h"

#include <strings.h>

#include "runtime/backend/arguments.h"
#include "runtime/decide/decision.h"
#include "runtime/decide/lookup.h"
#include "runtime/protocol/resources.h"

enum { VALUES_MAX = 100, SCHEMAS_MAX = 8 }; /* the protocol's limit; references and items */

/* ---- what is asked ---- */

struct question {
    const struct mcpp_tool *tool;
    struct slice argument, value;
};

static bool read_text(struct turn *turn, uint32_t object, const char *name, struct slice *out)
{
    uint32_t node = object ? jsonrpc_member(&turn->message, object, name, JSON_STRING) : 0;
    return node && jsonrpc_string(&turn->message, node, turn->exchange->pool, out);
}

static const struct mcpp_tool *find_by_uri(const struct mcpp_policy *policy, struct slice uri)
{
    struct template_match match;
    for (uint32_t i = 0; i < policy->tool_count; i++)
        if (policy->tools[i].resource && slice_is(uri, policy->tools[i].resource))
            return &policy->tools[i];
    return resources_find(policy, uri, &match);
}

/* The tool that the reference leads to, if the caller sees it. */
static const struct mcpp_tool *referred_tool(struct turn *turn, uint32_t reference)
{
    const struct mcpp_policy *policy = turn_policy(turn);
    const struct mcpp_tool *tool = NULL;
    struct slice type, text;
    if (!read_text(turn, reference, "type", &type))
        return NULL;
    if (slice_is(type, "ref/prompt") && read_text(turn, reference, "name", &text))
        tool = lookup_tool(policy, text);
    else if (slice_is(type, "ref/resource") && read_text(turn, reference, "uri", &text))
        tool = find_by_uri(policy, text);
    return tool && decide_is_visible(policy, &turn->exchange->caller, tool) ? tool : NULL;
}

/* False: the message is answered. */
static bool read_question(struct turn *turn, struct question *out)
{
    const struct message *message = &turn->message;
    uint32_t reference =
        message->params ? jsonrpc_member(message, message->params, "ref", JSON_OBJECT) : 0;
    uint32_t argument =
        message->params ? jsonrpc_member(message, message->params, "argument", JSON_OBJECT) : 0;
    if (!reference || !read_text(turn, argument, "name", &out->argument) ||
        !read_text(turn, argument, "value", &out->value)) {
        turn_answer_error(turn, ERROR_PARAMS, SLICE("ref or argument is missing"));
        return false;
    }
    out->tool = referred_tool(turn, reference);
    if (!out->tool)
        turn_answer_error(turn, ERROR_PARAMS, SLICE("ref leads to nothing"));
    return out->tool != NULL;
}

/* ---- what can be answered ---- */

struct answer {
    struct turn *turn;
    struct slice value; /* typed so far */
    struct text *out;
    uint32_t count, total;
};

static bool begins(struct slice text, struct slice prefix)
{
    return text.len >= prefix.len &&
           (!prefix.len || strncasecmp(text.at, prefix.at, prefix.len) == 0);
}

static void offer(struct answer *answer, struct slice text)
{
    if (!begins(text, answer->value))
        return;
    answer->total++;
    if (answer->count == VALUES_MAX)
        return;
    text_add_byte(answer->out, answer->count ? ',' : '[');
    text_add_json(answer->out, text);
    answer->count++;
}

static void offer_value(struct answer *answer, const struct value *value)
{
    struct slice text;
    if (!value_is_compound(value) && !value_is_null(value) &&
        value_characters(value, answer->turn->exchange->pool, &text))
        offer(answer, text);
}

/* The definition that `#/$defs/NAME` leads to; a name with escapes is not followed. */
static bool follow(const struct mcpp_tool *tool, struct pool *pool, struct value *schema)
{
    static const char prefix[] = "#/$defs/";
    struct value reference, root, definitions;
    struct slice text;
    if (!value_member(schema, "$ref", &reference) || !value_characters(&reference, pool, &text) ||
        text.len < sizeof prefix || memcmp(text.at, prefix, sizeof prefix - 1) != 0)
        return false;
    const char *name =
        pool_text(pool, (struct slice){text.at + sizeof prefix - 1, text.len - sizeof prefix + 1});
    return name && value_scan(slice_of(tool->input_schema), JSON_DEPTH_CEILING, pool, &root) &&
           value_member(&root, "$defs", &definitions) && value_member(&definitions, name, schema);
}

static void offer_schema(struct answer *answer, const struct mcpp_tool *tool, struct value schema)
{
    struct value found, type;
    struct pool *pool = answer->turn->exchange->pool;
    for (int i = 0; i < SCHEMAS_MAX; i++) {
        if (value_member(&schema, "enum", &found) && value_node(&found)->kind == JSON_ARRAY) {
            for (struct value_walk walk = value_first(&found); value_next(&walk);)
                offer_value(answer, &walk.item);
            return;
        }
        if (value_member(&schema, "const", &found)) {
            offer_value(answer, &found);
            return;
        }
        if (value_member(&schema, "type", &type) && value_is_string(&type, "boolean")) {
            offer(answer, SLICE("true"));
            offer(answer, SLICE("false"));
            return;
        }
        if (value_member(&schema, "items", &found))
            schema = found;
        else if (!follow(tool, pool, &schema))
            return;
    }
}

void completion_complete(struct turn *turn)
{
    struct question question;
    struct value schema;
    struct text out;
    if (!read_question(turn, &question))
        return;
    const char *name = pool_text(turn->exchange->pool, question.argument);
    if (!name || !argument_schema(question.tool, name, turn->exchange->pool, &schema)) {
        turn_answer_error(turn, ERROR_PARAMS, SLICE("there is no such argument"));
        return;
    }
    turn_begin_result(turn, &out);
    turn_add_member(&out, "completion");
    text_add_literal(&out, "{\"values\":");
    struct answer answer = {.turn = turn, .value = question.value, .out = &out};
    offer_schema(&answer, question.tool, schema);
    text_add_format(&out, "%s],\"total\":%u,\"hasMore\":%s}", answer.count ? "" : "[",
                    (unsigned)answer.total, answer.total > answer.count ? "true" : "false");
    turn_answer_result(turn, &out);
}

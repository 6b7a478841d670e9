/*
 * Reading resources. The URI's variables become the tool's arguments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/resources.h"

#include <strings.h>

#include "runtime/backend/arguments.h"
#include "runtime/backend/parts.h"
#include "runtime/protocol/lifecycle.h"
#include "runtime/protocol/tools_call.h"
#include "runtime/protocol/tools_list.h"

enum { TTL_MAX_S = 24 * 3600 };

void resources_list(struct turn *turn)
{
    listing_answer(turn, LISTING_RESOURCES);
}

void resources_list_templates(struct turn *turn)
{
    listing_answer(turn, LISTING_TEMPLATES);
}

/* ---- finding ---- */

const struct mcpp_tool *resources_find(const struct mcpp_policy *policy, struct slice uri,
                                       struct template_match *match)
{
    const struct mcpp_tool *found = NULL;
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        const struct mcpp_tool *tool = &policy->tools[i];
        struct template_match next;
        if (!tool->resource || !template_match(slice_of(tool->resource), uri, &next) ||
            (found && next.literals <= match->literals))
            continue;
        found = tool;
        *match = next;
    }
    return found;
}

static void refuse(struct turn *turn, enum error_kind kind, struct slice text)
{
    struct text data = {.pool = turn->exchange->pool};
    text_add_literal(&data, "{\"uri\":");
    text_add_json(&data, turn->uri);
    text_add_byte(&data, '}');
    if (data.failed)
        data.len = 0;
    turn_answer_error_data(turn, kind, text, text_slice(&data));
}

void resources_refuse(struct turn *turn)
{
    refuse(turn, turn->revision->is_modern ? ERROR_RESOURCE : ERROR_RESOURCE_LEGACY,
           (struct slice){0});
}

/* ---- the variables as arguments ---- */

/* Whether the text is JSON of a kind that the argument's schema wants: a number for one, say. */
static bool is_literal(const struct mcpp_tool *tool, const char *argument, struct slice text,
                       struct pool *pool)
{
    struct value schema, type, value;
    if (!argument_schema(tool, argument, pool, &schema) || !value_member(&schema, "type", &type) ||
        !value_scan(text, 1, pool, &value))
        return false;
    enum json_kind kind = value_node(&value)->kind;
    if (value_is_string(&type, "boolean"))
        return kind == JSON_TRUE || kind == JSON_FALSE;
    return (value_is_string(&type, "integer") || value_is_string(&type, "number")) &&
           kind == JSON_NUMBER;
}

/* In an array, because an object that is the whole text would be none. NULL: out of memory, or a
 * value that is no text. */
static const char *write_arguments(const struct turn *turn, const struct mcpp_tool *tool,
                                   const struct template_match *match)
{
    struct pool *pool = turn->exchange->pool;
    struct text out = {.pool = pool};
    text_add_literal(&out, "[{");
    for (size_t i = 0; i < match->count; i++) {
        const struct template_value *found = &match->values[i];
        const char *name = pool_text(pool, found->name);
        struct slice value;
        if (!name || !template_decode(found->value, pool, &value))
            return NULL;
        turn_add_member(&out, name);
        const char *text = pool_text(pool, value);
        if (text && is_literal(tool, name, slice_of(text), pool))
            text_add(&out, value);
        else
            text_add_json(&out, value);
    }
    text_add_literal(&out, "}]");
    text_add_byte(&out, '\0');
    return out.failed ? NULL : out.at;
}

void resources_read(struct turn *turn)
{
    const struct message *message = &turn->message;
    struct pool *pool = turn->exchange->pool;
    struct template_match match;
    uint32_t node =
        message->params ? jsonrpc_member(message, message->params, "uri", JSON_STRING) : 0;
    if (!node || !jsonrpc_string(message, node, pool, &turn->uri) || !turn->uri.len) {
        turn_answer_error(turn, ERROR_PARAMS, SLICE("uri is missing"));
        return;
    }
    const struct mcpp_tool *tool = resources_find(turn_policy(turn), turn->uri, &match);
    const char *text = tool ? write_arguments(turn, tool, &match) : NULL;
    struct json_tape *tape = text ? pool_zero(pool, sizeof *tape) : NULL;
    if (!tape || jsonrpc_scan(slice_of(text), &turn_options(turn)->limits, pool, tape))
        resources_refuse(turn);
    else
        tools_call_use(turn, slice_of(tool->name), &(struct call_arguments){text, tape, 1});
}

/* ---- answering ---- */

/* How long the backend says that its answer stays right (RFC 9111, section 5.2.2), in ms. */
static uint32_t ttl_of(struct slice cache_control)
{
    static const char age[] = "max-age=";
    uint32_t seconds = 0;
    for (size_t i = 0; i < cache_control.len; i++) {
        const char *at = cache_control.at + i;
        size_t left = cache_control.len - i;
        if (left >= 3 && strncasecmp(at, "no-", 3) == 0)
            return 0;
        if (left < sizeof age || strncasecmp(at, age, sizeof age - 1) != 0)
            continue;
        for (i += sizeof age - 1; i < cache_control.len; i++) {
            char byte = cache_control.at[i];
            if (byte < '0' || byte > '9')
                break;
            seconds = seconds > TTL_MAX_S ? seconds : seconds * 10 + (uint32_t)(byte - '0');
        }
    }
    return (seconds < TTL_MAX_S ? seconds : TTL_MAX_S) * 1000;
}

static void add_contents(const struct turn *turn, struct text *out, const struct call_raw *raw)
{
    struct content parts[PARTS_MAX];
    size_t count = parts_read(raw->content_type, raw->body, parts);
    if (count == 0)
        parts[count++] =
            (struct content){.type = content_media_type(raw->content_type), .body = raw->body};
    for (size_t i = 0; i < count; i++) {
        text_add_byte(out, i ? ',' : '[');
        content_add_resource(out, &parts[i], turn->uri);
    }
    text_add_byte(out, ']');
}

void resources_finish(struct turn *turn, const struct call_result *result)
{
    const struct call_raw *raw = &result->raw;
    struct text out;
    if (raw->status == 404 || raw->status == 410) {
        resources_refuse(turn);
        return;
    }
    if (result->is_refused) {
        refuse(turn, ERROR_PARAMS, result->problem);
        return;
    }
    if (raw->status < 200 || raw->status > 299) {
        refuse(turn, ERROR_BACKEND, result->problem);
        return;
    }
    turn_begin_result(turn, &out);
    turn_add_member(&out, "contents");
    add_contents(turn, &out, raw);
    if (turn->revision->is_modern)
        lifecycle_add_caching(turn, &out, ttl_of(raw->cache_control));
    turn_answer_result(turn, &out);
}

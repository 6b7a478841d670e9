/*
 * Mcp-Method, Mcp-Name, and Mcp-Param-NAME for the arguments with an x-mcp-header.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/mirror.h"

#include "runtime/backend/value.h"
#include "runtime/decide/decision.h"
#include "runtime/decide/lookup.h"
#include "runtime/memory/base64.h"
#include "runtime/validate/decimal.h"

#define PREFIX "=?base64?"
#define SUFFIX "?="

bool mirror_decode(struct slice value, struct pool *pool, struct slice *out)
{
    size_t around = strlen(PREFIX SUFFIX), prefix = strlen(PREFIX);
    *out = value;
    if (value.len < around || memcmp(value.at, PREFIX, prefix) != 0 ||
        memcmp(value.at + value.len - 2, SUFFIX, 2) != 0) {
        for (size_t i = 0; i < value.len; i++)
            if (value.at[i] != '\t' && (value.at[i] < ' ' || value.at[i] > '~'))
                return false;
        return true;
    }
    struct slice encoded = {value.at + prefix, value.len - around};
    struct text decoded = {.pool = pool};
    bool is_good = base64_decode(&decoded, encoded) && !decoded.failed;
    *out = text_slice(&decoded);
    return is_good;
}

static bool refuse(struct turn *turn, const char *text)
{
    turn_answer_error(turn, ERROR_HEADERS, slice_of(text));
    return false;
}

static bool check_method(struct turn *turn)
{
    uint32_t count;
    struct slice method = http_header_get(turn->exchange->http, "Mcp-Method", &count);
    if (count != 1)
        return refuse(turn, count ? "Mcp-Method occurs more than once" : "Mcp-Method is missing");
    return slice_equal(method, turn->message.method) ||
           refuse(turn, "Mcp-Method is not the body's method");
}

/* The member that Mcp-Name repeats; NULL: the method has none. */
static const char *name_member(struct slice method)
{
    if (slice_is(method, "tools/call") || slice_is(method, "prompts/get"))
        return "name";
    return slice_is(method, "resources/read") ? "uri" : NULL;
}

static bool check_name(struct turn *turn)
{
    const struct message *message = &turn->message;
    const char *member = name_member(message->method);
    uint32_t count;
    struct slice header = http_header_get(turn->exchange->http, "Mcp-Name", &count), name;
    if (!member)
        return true;
    uint32_t node = jsonrpc_member(message, message->params, member, JSON_STRING);
    if (!node)
        return true; /* the method itself says what it misses */
    if (count != 1)
        return refuse(turn, count ? "Mcp-Name occurs more than once" : "Mcp-Name is missing");
    if (!mirror_decode(header, turn->exchange->pool, &header))
        return refuse(turn, "Mcp-Name is not well-formed");
    return (jsonrpc_string(message, node, turn->exchange->pool, &name) &&
            slice_equal(header, name)) ||
           refuse(turn, "Mcp-Name is not the body's name");
}

/* ---- arguments ---- */

/* "compare the header value and the body value numerically": 42.0 is 42 */
static bool is_same_number(struct slice body, struct slice header, struct pool *pool)
{
    struct value scanned;
    if (!value_scan(header, 1, pool, &scanned) || value_node(&scanned)->kind != JSON_NUMBER)
        return false;
    struct decimal left = decimal_read(body), right = decimal_read(value_bytes(&scanned));
    return decimal_compare(&left, &right) == 0;
}

static bool is_value(const struct turn *turn, uint32_t node, struct slice header)
{
    const struct message *message = &turn->message;
    struct slice raw = jsonrpc_raw(message, node), characters;
    switch (message->tape->nodes[node].kind) {
    case JSON_STRING:
        return jsonrpc_string(message, node, turn->exchange->pool, &characters) &&
               slice_equal(characters, header);
    case JSON_NUMBER:
        return slice_equal(raw, header) || is_same_number(raw, header, turn->exchange->pool);
    case JSON_TRUE:
    case JSON_FALSE:
        return slice_equal(raw, header);
    default: /* null, an array or an object */
        return false;
    }
}

/* `node` is the argument's; 0: it is not given. */
static bool check_parameter(struct turn *turn, const char *header_name, uint32_t node)
{
    struct text name = {.pool = turn->exchange->pool};
    uint32_t count = 0;
    struct slice header;
    text_add_format(&name, "Mcp-Param-%s", header_name);
    text_add_byte(&name, '\0');
    if (name.failed) {
        turn_answer_error(turn, ERROR_MEMORY, (struct slice){0});
        return false;
    }
    header = http_header_get(turn->exchange->http, name.at, &count);
    const char *problem = NULL;
    if (count != (node ? 1 : 0))
        problem = count > 1 ? " occurs more than once" : node ? " is missing" : " is for nothing";
    else if (count && !mirror_decode(header, turn->exchange->pool, &header))
        problem = " is not well-formed";
    else if (count && !is_value(turn, node, header))
        problem = " is not the argument's value";
    if (!problem)
        return true;
    name.len--;
    text_add_literal(&name, problem);
    turn_answer_error(turn, ERROR_HEADERS, name.failed ? SLICE("Mcp-Param") : text_slice(&name));
    return false;
}

/* The tool that is called, where the caller may know of it. */
static const struct mcpp_tool *called_tool(struct turn *turn)
{
    const struct message *message = &turn->message;
    const struct mcpp_policy *policy = turn_policy(turn);
    struct slice name;
    uint32_t node = slice_is(message->method, "tools/call")
                        ? jsonrpc_member(message, message->params, "name", JSON_STRING)
                        : 0;
    if (!node || !jsonrpc_string(message, node, turn->exchange->pool, &name))
        return NULL;
    const struct mcpp_tool *tool = lookup_tool(policy, name);
    return tool && decide_is_visible(policy, &turn->exchange->caller, tool) ? tool : NULL;
}

static bool check_parameters(struct turn *turn)
{
    const struct message *message = &turn->message;
    const struct mcpp_tool *tool = called_tool(turn);
    uint32_t arguments =
        tool ? jsonrpc_member(message, message->params, "arguments", JSON_OBJECT) : 0;
    for (uint32_t i = 0; tool && i < tool->parameter_count; i++) {
        const struct mcpp_parameter *parameter = &tool->parameters[i];
        if (!parameter->mcp_header)
            continue;
        uint32_t node =
            arguments ? json_member(message->text, message->tape, arguments, parameter->argument)
                      : 0;
        if (node && message->tape->nodes[node].kind == JSON_NULL)
            node = 0;
        if (!check_parameter(turn, parameter->mcp_header, node))
            return false;
    }
    return true;
}

bool mirror_check(struct turn *turn)
{
    return check_method(turn) && check_name(turn) && check_parameters(turn);
}

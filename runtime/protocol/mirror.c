/*
 * Mcp-Method and Mcp-Name. No tool has `x-mcp-header` parameters yet, so no Mcp-Param is ours.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/mirror.h"

#define PREFIX "=?base64?"
#define SUFFIX "?="

static int base64_value(char digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

/* RFC 4648, section 4, padded and canonical: one text for each value. */
static bool decode_base64(struct slice text, char *out, size_t *size)
{
    size_t padding = 0;
    uint32_t buffer = 0;
    *size = 0;
    if (text.len % 4 != 0)
        return false;
    while (padding < 2 && padding < text.len && text.at[text.len - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < text.len - padding; i++) {
        int value = base64_value(text.at[i]);
        if (value < 0)
            return false;
        buffer = buffer << 6 | (uint32_t)value;
        if (i % 4 != 0)
            out[(*size)++] = (char)(buffer >> (6 - i % 4 * 2));
    }
    return (buffer & ((1U << padding * 2) - 1)) == 0;
}

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
    char *decoded = pool_alloc(pool, encoded.len + 1);
    out->at = decoded;
    return decoded && decode_base64(encoded, decoded, &out->len);
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

bool mirror_check(struct turn *turn)
{
    return check_method(turn) && check_name(turn);
}

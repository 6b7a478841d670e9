/*
 * The table of errors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/error.h"

/* Codes: JSON-RPC 2.0, section 5.1; -32020 and -32022 are MCP's (2026-07-28, "Error Codes"). What
 * neither defines uses the HTTP status as its code, outside all reserved ranges. */
static const struct error_entry entries[] = {
    [ERROR_PARSE] = {-32700, 400, 400, "Parse error"},
    [ERROR_REQUEST] = {-32600, 400, 400, "Invalid request"},
    [ERROR_METHOD] = {-32601, 404, 200, "Method not found"},
    [ERROR_PARAMS] = {-32602, 200, 200, "Invalid params"},
    [ERROR_RESOURCE] = {-32602, 200, 200, "Resource not found"},
    [ERROR_RESOURCE_LEGACY] = {-32002, 200, 200, "Resource not found"},
    [ERROR_ELICITATION] = {-32042, 200, 200, "URL elicitation required"},
    [ERROR_BACKEND] = {-32603, 200, 200, "Internal error"},
    [ERROR_META] = {-32602, 400, 400, "Invalid params"},
    [ERROR_HEADERS] = {-32020, 400, 400, "Header mismatch"},
    [ERROR_VERSION] = {-32022, 400, 400, "Unsupported protocol version"},
    [ERROR_SESSION] = {-32600, 404, 404, "No such session"},
    [ERROR_ORIGIN] = {-32600, 403, 403, "Forbidden"},
    [ERROR_ACCEPT] = {-32600, 406, 406, "Not acceptable"},
    [ERROR_MEDIA_TYPE] = {-32600, 415, 415, "Unsupported media type"},
    [ERROR_AUTHORIZATION] = {-32600, 400, 400, "Invalid request"},
    [ERROR_UNAUTHENTICATED] = {401, 401, 401, "Unauthorized"},
    [ERROR_FORBIDDEN] = {403, 403, 403, "Forbidden"},
    [ERROR_LIMITED] = {429, 429, 429, "Too many requests"},
    [ERROR_UNAVAILABLE] = {-32603, 503, 503, "Unavailable"},
    [ERROR_MEMORY] = {-32603, 503, 503, "Out of memory"},
};

const struct error_entry *error_entry(enum error_kind kind)
{
    return &entries[kind];
}

void error_add(struct text *out, enum error_kind kind, const struct error_detail *detail)
{
    const struct error_entry *entry = error_entry(kind);
    struct text message = {.pool = out->pool};
    text_add_literal(&message, entry->message);
    if (detail->text.len) {
        text_add_literal(&message, ": ");
        text_add(&message, detail->text);
    }
    text_add_literal(out, "{\"jsonrpc\":\"2.0\",");
    if (detail->id.len) {
        text_add_literal(out, "\"id\":");
        text_add(out, detail->id);
        text_add_byte(out, ',');
    }
    text_add_format(out, "\"error\":{\"code\":%d,\"message\":", entry->code);
    text_add_json(out, text_slice(&message));
    if (detail->data.len) {
        text_add_literal(out, ",\"data\":");
        text_add(out, detail->data);
    }
    text_add_literal(out, "}}");
    out->failed |= message.failed;
}

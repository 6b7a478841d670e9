/*
 * Which revision a message speaks (MCP 2026-07-28, "Versioning and Compatibility" and "Protocol
 * Version Header"; 2025-11-25, "Protocol Version Header").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/revision.h"

#include "runtime/protocol/session.h"
#include "runtime/protocol/turn.h"

#define VERSION_KEY "io.modelcontextprotocol/protocolVersion"
#define CAPABILITIES_KEY "io.modelcontextprotocol/clientCapabilities"
#define CLIENT_KEY "io.modelcontextprotocol/clientInfo"

const struct revision revisions[REVISION_COUNT] = {
    {.name = "2026-07-28", .is_modern = true, .has_structured = true, .has_any_output = true},
    {.name = "2025-11-25", .has_structured = true},
    {.name = "2025-06-18", .has_structured = true},
    {.name = "2025-03-26", .has_batches = true},
};

const struct revision *revision_find(struct slice name)
{
    for (size_t i = 0; i < REVISION_COUNT; i++)
        if (slice_is(name, revisions[i].name))
            return &revisions[i];
    return NULL;
}

const struct revision *revision_latest_legacy(void)
{
    return &revisions[1];
}

void revision_add_names(struct text *out)
{
    for (size_t i = 0; i < REVISION_COUNT; i++)
        text_add_format(out, "%c\"%s\"", i ? ',' : '[', revisions[i].name);
    text_add_byte(out, ']');
}

/* What a message says about its revision. */
struct claim {
    struct slice body, header; /* empty: nothing */
    uint32_t meta;             /* node of `_meta`; 0: none */
    bool has_body;
};

static bool refuse(struct turn *turn, enum error_kind kind, const char *text)
{
    turn_answer_error(turn, kind, slice_of(text));
    return false;
}

static bool refuse_version(struct turn *turn, struct slice requested)
{
    struct text data = {.pool = turn->exchange->pool};
    text_add_literal(&data, "{\"supported\":");
    revision_add_names(&data);
    text_add_literal(&data, ",\"requested\":");
    text_add_json(&data, requested);
    text_add_byte(&data, '}');
    turn->revision = &revisions[0]; /* an error of the newest, which names what would do */
    if (data.failed)
        return refuse(turn, ERROR_MEMORY, "");
    turn_answer_error_data(turn, ERROR_VERSION, (struct slice){0}, text_slice(&data));
    return false;
}

static bool read_header(struct turn *turn, struct claim *claim)
{
    uint32_t count = 0;
    if (turn->exchange->http)
        claim->header = http_header_get(turn->exchange->http, "MCP-Protocol-Version", &count);
    if (count > 1)
        return refuse(turn, ERROR_HEADERS, "MCP-Protocol-Version occurs more than once");
    return true;
}

static bool read_body(struct turn *turn, struct claim *claim)
{
    const struct message *message = &turn->message;
    if (!message->params)
        return true;
    claim->meta = jsonrpc_member(message, message->params, "_meta", JSON_OBJECT);
    if (!claim->meta)
        return true;
    uint32_t node = jsonrpc_member(message, claim->meta, VERSION_KEY, JSON_STRING);
    claim->has_body = node != 0;
    if (node && !jsonrpc_string(message, node, turn->exchange->pool, &claim->body))
        return refuse(turn, ERROR_MEMORY, "");
    return true;
}

/* "A request missing any required field is malformed" (2026-07-28, "_meta"). */
static bool check_meta(struct turn *turn, const struct claim *claim)
{
    const struct message *message = &turn->message;
    uint32_t client =
        claim->meta ? json_member(message->text, message->tape, claim->meta, CLIENT_KEY) : 0;
    if (!claim->has_body)
        return refuse(turn, ERROR_META, "_meta has no " VERSION_KEY);
    if (!jsonrpc_member(message, claim->meta, CAPABILITIES_KEY, JSON_OBJECT))
        return refuse(turn, ERROR_META, "_meta has no " CAPABILITIES_KEY);
    if (client && message->tape->nodes[client].kind != JSON_OBJECT)
        return refuse(turn, ERROR_META, CLIENT_KEY " is not an object");
    return true;
}

static bool choose_modern(struct turn *turn, const struct claim *claim)
{
    struct slice name = claim->has_body ? claim->body : claim->header;
    const struct revision *found = revision_find(name);
    bool is_http = turn->exchange->http != NULL;
    turn->revision = &revisions[0];
    if (is_http && claim->header.len == 0)
        return refuse(turn, ERROR_HEADERS, "MCP-Protocol-Version is missing");
    if (is_http && claim->has_body && !slice_equal(claim->header, claim->body))
        return refuse(turn, ERROR_HEADERS, "MCP-Protocol-Version is not the body's " VERSION_KEY);
    if (!found)
        return refuse_version(turn, name);
    turn->revision = found;
    return turn->message.kind != MESSAGE_REQUEST || check_meta(turn, claim);
}

static bool is_initialize(const struct turn *turn)
{
    return turn->message.kind == MESSAGE_REQUEST && slice_is(turn->message.method, "initialize");
}

/* A header names the revision; else the session or the stream does. */
static bool choose_legacy(struct turn *turn, const struct revision *named)
{
    const struct exchange *exchange = turn->exchange;
    const struct revision *agreed = NULL;
    if (is_initialize(turn))
        return true; /* it brings its own */
    if (exchange->http) {
        switch (session_check(exchange, &agreed, &turn->session)) {
        case SESSION_NONE:
            agreed = &revisions[REVISION_COUNT - 1]; /* the one that had no header yet */
            break;
        case SESSION_VALID:
            turn->has_session = true;
            break;
        case SESSION_UNKNOWN:
            return refuse(turn, ERROR_SESSION, "");
        }
    } else if (exchange->stream) {
        agreed = exchange->stream->revision;
    }
    turn->revision = named ? named : agreed ? agreed : revision_latest_legacy();
    return true;
}

static bool is_legacy(struct slice name)
{
    const struct revision *found = revision_find(name);
    return found && !found->is_modern;
}

bool revision_choose(struct turn *turn)
{
    struct claim claim = {0};
    if (!read_header(turn, &claim) || !read_body(turn, &claim))
        return false;
    if ((claim.has_body && !is_legacy(claim.body)) ||
        (claim.header.len && !is_legacy(claim.header) && !is_initialize(turn)))
        return choose_modern(turn, &claim);
    return choose_legacy(turn, claim.header.len ? revision_find(claim.header)
                               : claim.has_body ? revision_find(claim.body)
                                                : NULL);
}

bool revision_choose_for_batch(struct turn *turn)
{
    struct claim claim = {0};
    if (!read_header(turn, &claim))
        return false;
    if (claim.header.len && !is_legacy(claim.header))
        return choose_modern(turn, &claim);
    if (!choose_legacy(turn, claim.header.len ? revision_find(claim.header) : NULL))
        return false;
    /* before `initialize` only the revision that has batches can be meant */
    if (!turn->exchange->http && !(turn->exchange->stream && turn->exchange->stream->revision))
        turn->revision = &revisions[REVISION_COUNT - 1];
    return true;
}

/*
 * initialize, server/discover, ping. Logging is a capability of legacy revisions only: the newest
 * one deprecates it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/lifecycle.h"

#include "runtime/protocol/session.h"
#include "runtime/protocol/tools_list.h"

enum { DISCOVER_TTL_MS = 3600 * 1000 };

static void add_capabilities(const struct turn *turn, struct text *out)
{
    turn_add_member(out, "capabilities");
    text_add_literal(out, "{\"completions\":{}");
    if (!turn->revision->is_modern)
        text_add_literal(out, ",\"logging\":{}");
    if (listing_has_resources(turn->exchange->worker->server->listing))
        text_add_literal(out, ",\"resources\":{\"listChanged\":true}");
    text_add_literal(out, ",\"tools\":{\"listChanged\":true}}");
}

/* The revision that is asked for, or the newest that has initialize. */
static const struct revision *negotiate(struct slice asked)
{
    const struct revision *found = revision_find(asked);
    return found && !found->is_modern ? found : revision_latest_legacy();
}

static bool add_session(struct turn *turn)
{
    struct exchange *exchange = turn->exchange;
    char id[SEAL_TEXT_MAX];
    if (!session_open(exchange->worker->server->seal_key, &exchange->caller, turn->revision, id))
        return false;
    text_add_format(&turn->headers, "Mcp-Session-Id: %s\r\n", id);
    return true;
}

void lifecycle_initialize(struct turn *turn)
{
    const struct message *message = &turn->message;
    struct exchange *exchange = turn->exchange;
    struct slice asked;
    uint32_t version =
        message->params ? jsonrpc_member(message, message->params, "protocolVersion", JSON_STRING)
                        : 0;
    if (!version) {
        turn_answer_error(turn, ERROR_PARAMS, SLICE("protocolVersion is missing"));
        return;
    }
    if (turn->batch.go_on) { /* 2025-03-26: "MUST NOT be part of a JSON-RPC batch" */
        turn_answer_error(turn, ERROR_REQUEST, SLICE("initialize in a batch"));
        return;
    }
    if (!jsonrpc_string(message, version, exchange->pool, &asked)) {
        turn_answer_error(turn, ERROR_MEMORY, (struct slice){0});
        return;
    }
    turn->revision = negotiate(asked);
    if (exchange->http && !add_session(turn)) {
        turn_answer_error(turn, ERROR_MEMORY, (struct slice){0});
        return;
    }
    if (exchange->stream)
        exchange->stream->revision = turn->revision;
    struct text out;
    turn_begin_result(turn, &out);
    turn_add_member(&out, "protocolVersion");
    text_add_format(&out, "\"%s\"", turn->revision->name);
    add_capabilities(turn, &out);
    turn_add_member(&out, "serverInfo");
    text_add(&out, listing_server_info(exchange->worker->server->listing));
    turn_answer_result(turn, &out);
}

void lifecycle_add_caching(const struct turn *turn, struct text *out, uint32_t ttl_ms)
{
    turn_add_member(out, "ttlMs");
    text_add_number(out, ttl_ms);
    turn_add_member(out, "cacheScope");
    /* with tokens, what one caller gets is not for the next one, even where it is the same today */
    text_add_literal(out, turn_options(turn)->validate_tokens ? "\"private\"" : "\"public\"");
}

void lifecycle_discover(struct turn *turn)
{
    struct text out;
    turn_begin_result(turn, &out);
    turn_add_member(&out, "supportedVersions");
    revision_add_names(&out);
    add_capabilities(turn, &out);
    lifecycle_add_caching(turn, &out, DISCOVER_TTL_MS);
    turn_answer_result(turn, &out);
}

void lifecycle_ping(struct turn *turn)
{
    struct text out;
    turn_begin_result(turn, &out);
    turn_answer_result(turn, &out);
}

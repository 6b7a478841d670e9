/*
 * Answering.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/turn.h"

#include "runtime/protocol/tools_list.h"

const struct options *turn_options(const struct turn *turn)
{
    return &turn->exchange->worker->server->options;
}

const struct mcpp_policy *turn_policy(const struct turn *turn)
{
    return turn->exchange->worker->server->policy;
}

static void reply_out_of_memory(struct exchange *exchange)
{
    exchange_reply(exchange,
                   &(struct reply){.status = 503,
                                   .content_type = "application/json",
                                   .headers = SLICE("Retry-After: 1\r\n"),
                                   .body = SLICE("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32603,"
                                                 "\"message\":\"Out of memory\"}}")});
}

struct turn *turn_open(struct exchange *exchange)
{
    struct turn *turn = pool_zero(exchange->pool, sizeof *turn);
    if (!turn) {
        reply_out_of_memory(exchange);
        return NULL;
    }
    turn->exchange = exchange;
    turn->revision = revision_latest_legacy();
    turn->headers.pool = exchange->pool;
    turn->batch.answers.pool = exchange->pool;
    return turn;
}

void turn_reply(struct turn *turn, unsigned status, struct slice body)
{
    struct exchange *exchange = turn->exchange;
    exchange->abandon = NULL;
    exchange->waiting = NULL;
    if (turn->has_events) {
        if (body.len)
            exchange_add_event(exchange, body);
        exchange_end_events(exchange);
        return;
    }
    if (turn->headers.failed) {
        reply_out_of_memory(exchange);
        return;
    }
    exchange_reply(exchange, &(struct reply){
                                 .status = status,
                                 .content_type = body.len ? "application/json" : NULL,
                                 .headers = text_slice(&turn->headers),
                                 .body = body,
                             });
}

void turn_begin_events(struct turn *turn)
{
    if (turn->has_events || turn->headers.failed)
        return;
    turn->has_events = true;
    exchange_begin_events(turn->exchange, text_slice(&turn->headers));
}

void turn_add_event(struct turn *turn, struct slice message)
{
    turn_begin_events(turn);
    if (turn->has_events)
        exchange_add_event(turn->exchange, message);
}

/* The current message is done; its answer may be empty. */
static void complete(struct turn *turn, unsigned status, struct slice answer)
{
    struct batch *batch = &turn->batch;
    if (!batch->go_on) {
        turn_reply(turn, turn->status ? turn->status : status, answer);
        return;
    }
    if (answer.len) {
        batch->is_allowed |= status == 200;
        text_add_byte(&batch->answers, batch->answers.len ? ',' : '[');
        text_add(&batch->answers, answer);
    }
    batch->is_answered = true;
    if (!batch->is_looping)
        batch->go_on(turn);
}

void turn_begin_result(struct turn *turn, struct text *out)
{
    turn_begin_result_of(turn, "complete", out);
}

void turn_begin_result_of(struct turn *turn, const char *type, struct text *out)
{
    *out = (struct text){.pool = turn->exchange->pool};
    text_add_literal(out, "{\"jsonrpc\":\"2.0\",\"id\":");
    text_add(out, turn->message.id);
    text_add_literal(out, ",\"result\":{");
    if (!turn->revision->is_modern)
        return;
    text_add_format(out,
                    "\"resultType\":\"%s\","
                    "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":",
                    type);
    text_add(out, listing_server_info(turn->exchange->worker->server->listing));
    text_add_byte(out, '}');
}

void turn_add_member(struct text *out, const char *name)
{
    if (out->len && out->at[out->len - 1] != '{')
        text_add_byte(out, ',');
    text_add_byte(out, '"');
    text_add_literal(out, name);
    text_add_literal(out, "\":");
}

void turn_answer_result(struct turn *turn, struct text *out)
{
    text_add_literal(out, "}}");
    if (out->failed)
        turn_answer_error(turn, ERROR_MEMORY, (struct slice){0});
    else
        complete(turn, 200, text_slice(out));
}

void turn_answer_error(struct turn *turn, enum error_kind kind, struct slice text)
{
    turn_answer_error_data(turn, kind, text, (struct slice){0});
}

void turn_answer_error_data(struct turn *turn, enum error_kind kind, struct slice text,
                            struct slice data)
{
    const struct error_entry *entry = error_entry(kind);
    struct text out = {.pool = turn->exchange->pool};
    unsigned status = turn->revision->is_modern ? entry->status : entry->legacy_status;
    /* JSON-RPC answers no notification; over HTTP the status still says that it was not taken */
    bool is_silent = turn->message.kind == MESSAGE_NOTIFICATION && !turn->exchange->http;
    if (!is_silent)
        error_add(&out, kind, &(struct error_detail){turn->message.id, text, data});
    if (out.failed)
        complete(turn, 503,
                 SLICE("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32603,"
                       "\"message\":\"Out of memory\"}}"));
    else
        complete(turn, status, text_slice(&out));
}

void turn_answer_nothing(struct turn *turn)
{
    complete(turn, 202, (struct slice){0});
}

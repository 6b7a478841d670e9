/*
 * Calling tools. Nothing goes to the backend before decide() has said yes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/tools_call.h"

#include "runtime/decide/decision.h"
#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/protocol/authenticate.h"
#include "runtime/protocol/notify.h"
#include "runtime/protocol/pending.h"
#include "runtime/protocol/tools_list.h"
#include "runtime/protocol/trace.h"

enum { NAME_SHOWN = 128 }; /* bytes of an unknown tool's name in its error */

/* ---- calls under way ---- */

static void stop(struct turn *turn)
{
    pending_leave(turn);
    call_cancel(turn->call);
    turn->call = NULL;
    turn->exchange->abandon = NULL;
}

static void abandon(struct exchange *exchange)
{
    stop(exchange->waiting);
}

static void cancel(struct turn *turn)
{
    stop(turn);
    turn_answer_nothing(turn);
}

static void add_structured(const struct turn *turn, struct text *out, struct slice structured)
{
    const struct revision *revision = turn->revision;
    bool is_any = revision->has_any_output;
    bool is_wrapped = !is_any && listing_wraps(turn->exchange->worker->server->listing, turn->tool);
    if (!structured.len || !revision->has_structured ||
        (!is_any && !is_wrapped && structured.at[0] != '{'))
        return;
    turn_add_member(out, "structuredContent");
    text_add_literal(out, is_wrapped ? "{\"result\":" : "");
    text_add(out, structured);
    text_add_literal(out, is_wrapped ? "}" : "");
}

/* ---- telling the client how it goes ---- */

/* One line of what happened; never what was in it. */
static void log_step(struct turn *turn, enum log_severity severity, const char *event)
{
    struct text data = {.pool = turn->exchange->pool};
    if (!notify_wants_log(turn, severity))
        return;
    text_add_literal(&data, "{\"tool\":");
    text_add_json(&data, slice_of(turn_policy(turn)->tools[turn->tool].name));
    text_add_format(&data, ",\"event\":\"%s\"}", event);
    if (!data.failed)
        notify_log(turn, severity, text_slice(&data));
}

static bool is_watched(const struct turn *turn)
{
    return notify_wants_progress(turn) || notify_wants_log(turn, SEVERITY_DEBUG);
}

static void report(void *context, uint64_t received, uint64_t total)
{
    struct turn *turn = context;
    if (!turn->has_begun)
        log_step(turn, SEVERITY_DEBUG, received ? "the backend answers" : "the backend is asked");
    turn->has_begun = received > 0;
    if (notify_wants_progress(turn))
        notify_progress(turn, received, total);
}

static void finish(void *context, const struct call_result *result)
{
    struct turn *turn = context;
    struct text out;
    pending_leave(turn);
    turn->call = NULL;
    turn->exchange->abandon = NULL;
    log_step(turn, result->is_error ? SEVERITY_WARNING : SEVERITY_INFO,
             result->is_error ? "the call failed" : "the backend has answered");
    turn_begin_result(turn, &out);
    turn_add_member(&out, "content");
    text_add(&out, result->content);
    add_structured(turn, &out, result->structured);
    turn_add_member(&out, "isError");
    text_add_literal(&out, result->is_error ? "true" : "false");
    turn_answer_result(turn, &out);
}

static void start(struct turn *turn, const struct mcpp_tool *tool, uint32_t arguments)
{
    struct exchange *exchange = turn->exchange;
    struct call_request *request = pool_zero(exchange->pool, sizeof *request);
    turn->tool = (uint32_t)(tool - turn_policy(turn)->tools);
    turn->has_begun = false;
    if (request) {
        request->tool = tool;
        request->arguments = (struct call_arguments){turn->message.text, &turn->tape, arguments};
        request->progress = is_watched(turn) ? report : NULL;
        trace_read(&turn->message, exchange->pool, &request->traceparent, &request->tracestate);
        turn->call = call_start(exchange->worker, request, exchange->pool, finish, turn);
    }
    if (!turn->call) {
        turn_answer_error(turn, ERROR_MEMORY, (struct slice){0});
        return;
    }
    exchange->waiting = turn;
    exchange->abandon = abandon;
    pending_join(turn, cancel);
}

/* ---- deciding ---- */

/* Claims are quoted as JSON: a subject with quotes must not write fields of its own. */
static void log_denial(const struct turn *turn, const struct mcpp_tool *tool, const char *outcome)
{
    const struct caller *caller = &turn->exchange->caller;
    struct text subject = {.pool = turn->exchange->pool}, issuer = {.pool = turn->exchange->pool};
    text_add_json(&subject, caller->subject);
    text_add_json(&issuer, caller->issuer);
    log_info("call denied tool=%s outcome=%s subject=%.*s issuer=%.*s rule=%s:%u", tool->name,
             outcome, SLICE_ARG(text_slice(&subject)), SLICE_ARG(text_slice(&issuer)),
             tool->origin.file, (unsigned)tool->origin.line);
}

static void refuse_unknown(struct turn *turn, struct slice name)
{
    struct text text = {.pool = turn->exchange->pool};
    name.len = name.len < NAME_SHOWN ? name.len : NAME_SHOWN;
    text_add_literal(&text, "unknown tool ");
    text_add(&text, name);
    turn_answer_error(turn, ERROR_PARAMS, text.failed ? SLICE("unknown tool") : text_slice(&text));
}

/* On HTTP the status and the challenge tell the client's authorization code what to do; the error
 * in the body is the same on every transport. */
static void deny(struct turn *turn, const struct decision *decision)
{
    bool needs_token = decision->kind == DECISION_NEEDS_TOKEN;
    log_denial(turn, decision->tool, needs_token ? "needs-token" : "insufficient-scope");
    if (turn->exchange->http && !turn->status) {
        turn->status = needs_token ? 401 : 403;
        authenticate_add_challenge(turn, needs_token ? CHALLENGE_NO_TOKEN : CHALLENGE_SCOPE,
                                   decision->wanted);
    }
    if (needs_token)
        turn_answer_error(turn, ERROR_UNAUTHENTICATED, SLICE("the tool needs an access token"));
    else
        turn_answer_error(turn, ERROR_FORBIDDEN,
                          SLICE("the access token has not the scopes that the tool needs"));
}

static void count_decision(const struct turn *turn, enum decision_kind kind)
{
    static const enum metric metrics[] = {
        [DECISION_UNKNOWN_TOOL] = METRIC_DECISION_UNKNOWN,
        [DECISION_NEEDS_TOKEN] = METRIC_DECISION_UNAUTHENTICATED,
        [DECISION_INSUFFICIENT_SCOPE] = METRIC_DECISION_NEEDS,
        [DECISION_ALLOW] = METRIC_DECISION_ALLOWED,
    };
    metrics_count(turn->exchange->worker->metrics, metrics[kind]);
}

void tools_call_answer(struct turn *turn)
{
    const struct message *message = &turn->message;
    struct slice name;
    uint32_t node =
        message->params ? jsonrpc_member(message, message->params, "name", JSON_STRING) : 0;
    if (!node || !jsonrpc_string(message, node, turn->exchange->pool, &name)) {
        turn_answer_error(turn, node ? ERROR_MEMORY : ERROR_PARAMS, SLICE("name is missing"));
        return;
    }
    uint32_t arguments = json_member(message->text, message->tape, message->params, "arguments");
    if (arguments && message->tape->nodes[arguments].kind != JSON_OBJECT) {
        turn_answer_error(turn, ERROR_PARAMS, SLICE("arguments is not an object"));
        return;
    }
    struct decision decision = decide(turn_policy(turn), &turn->exchange->caller, name);
    count_decision(turn, decision.kind);
    switch (decision.kind) {
    case DECISION_UNKNOWN_TOOL:
        refuse_unknown(turn, name);
        return;
    case DECISION_NEEDS_TOKEN:
    case DECISION_INSUFFICIENT_SCOPE:
        deny(turn, &decision);
        return;
    case DECISION_ALLOW:
        break;
    }
    start(turn, decision.tool, arguments);
}

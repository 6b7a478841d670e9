/*
 * Calling tools. Nothing goes to the backend before decide() has said yes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/tools_call.h"

#include <strings.h>

#include "runtime/backend/response.h"
#include "runtime/clock.h"
#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/protocol/audit.h"
#include "runtime/protocol/connect.h"
#include "runtime/protocol/denial.h"
#include "runtime/protocol/limiter.h"
#include "runtime/protocol/notify.h"
#include "runtime/protocol/pending.h"
#include "runtime/protocol/resources.h"
#include "runtime/protocol/tools_list.h"
#include "runtime/protocol/trace.h"
#include "runtime/quota/quota.h"

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

static void answer(struct turn *turn, const struct call_result *result)
{
    struct text out;
    if (turn->uri.len) {
        resources_finish(turn, result);
        return;
    }
    turn_begin_result(turn, &out);
    turn_add_member(&out, "content");
    text_add(&out, result->content);
    add_structured(turn, &out, result->structured);
    turn_add_member(&out, "isError");
    text_add_literal(&out, result->is_error ? "true" : "false");
    turn_answer_result(turn, &out);
}

static void finish(void *context, const struct call_result *result)
{
    struct turn *turn = context;
    pending_leave(turn);
    turn->call = NULL;
    turn->exchange->abandon = NULL;
    if (result->is_missing_consent && !turn->uri.len && connect_ask(turn, result->credential))
        return;
    log_step(turn, result->is_error ? SEVERITY_WARNING : SEVERITY_INFO,
             result->is_error ? "the call failed" : "the backend has answered");
    answer(turn, result);
}

/* For policies that exchange it. It goes nowhere else. */
static struct slice caller_token(const struct exchange *exchange)
{
    static const char *const schemes[] = {"Bearer ", "DPoP "};
    uint32_t count = 0;
    struct slice value = exchange->http ? http_header_get(exchange->http, "Authorization", &count)
                                        : (struct slice){NULL, 0};
    for (size_t i = 0; count == 1 && i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t len = strlen(schemes[i]);
        if (value.len > len && strncasecmp(value.at, schemes[i], len) == 0)
            return (struct slice){value.at + len, value.len - len};
    }
    return (struct slice){NULL, 0};
}

static void start(struct turn *turn, const struct mcpp_tool *tool,
                  const struct call_arguments *arguments)
{
    struct exchange *exchange = turn->exchange;
    struct call_request *request = pool_zero(exchange->pool, sizeof *request);
    turn->tool = (uint32_t)(tool - turn_policy(turn)->tools);
    turn->has_begun = false;
    if (request) {
        request->tool = tool;
        request->arguments = *arguments;
        request->caller = &exchange->caller;
        request->caller_token = caller_token(exchange);
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

static void count_decision(const struct turn *turn, enum decision_kind kind)
{
    static const enum metric metrics[] = {
        [DECISION_UNKNOWN_TOOL] = METRIC_DECISION_UNKNOWN,
        [DECISION_NEEDS_TOKEN] = METRIC_DECISION_UNAUTHENTICATED,
        [DECISION_INSUFFICIENT_SCOPE] = METRIC_DECISION_NEEDS,
        [DECISION_DENIED] = METRIC_DECISION_DENIED,
        [DECISION_REFUSED] = METRIC_DECISION_ARGUMENTS,
        [DECISION_ARGUMENT] = METRIC_DECISION_ARGUMENTS,
        [DECISION_FILLED] = METRIC_DECISION_ARGUMENTS,
        [DECISION_CLAIM] = METRIC_DECISION_DENIED,
    };
    metrics_count(turn->exchange->worker->metrics, metrics[kind]);
}

/* A call that the policy allows, while it is counted. */
struct use {
    struct decision decision;
    struct slice name;
    struct call_arguments arguments;
};

/* There were too many calls. */
static void refuse_for_now(struct turn *turn, const struct use *use, uint32_t wait_s)
{
    const struct mcpp_tool *tool = use->decision.tool;
    const struct worker *worker = turn->exchange->worker;
    struct text reason = {.pool = turn->exchange->pool};
    metrics_count(worker->metrics, METRIC_DECISION_LIMITED);
    audit_decision(turn, use->name, &use->decision, true);
    log_info("call limited tool=%s retry-after=%u", tool->name, (unsigned)wait_s);
    if (turn->exchange->http && !turn->status) {
        turn->status = 429;
        text_add_format(&turn->headers, "Retry-After: %u\r\n", (unsigned)wait_s);
    }
    text_add_format(&reason, "the tool can be called again in %u s", (unsigned)wait_s);
    turn_answer_error(turn, ERROR_LIMITED, text_slice(&reason));
}

static void go_on(struct turn *turn, const struct use *use)
{
    metrics_count(turn->exchange->worker->metrics, METRIC_DECISION_ALLOWED);
    audit_decision(turn, use->name, &use->decision, false);
    start(turn, use->decision.tool, &use->arguments);
}

/* Counts the call here, and starts it if there is room. */
static void count_and_start(struct turn *turn, const struct use *use)
{
    const struct worker *worker = turn->exchange->worker;
    const struct mcpp_tool *tool = use->decision.tool;
    uint32_t wait_s = tool->limit_count
                          ? limiter_take(worker->limiter, tool, &turn->exchange->caller, clock_ms())
                          : 0;
    if (wait_s)
        refuse_for_now(turn, use, wait_s);
    else
        go_on(turn, use);
}

/* ---- counting with all instances ---- */

struct counting {
    struct turn *turn;
    struct use use;
    struct quota_wait wait;
};

static void stop_counting(struct exchange *exchange)
{
    struct turn *turn = exchange->waiting;
    quota_cancel(&turn->counting->wait);
}

static void go_on_without(struct counting *counting)
{
    struct turn *turn = counting->turn;
    if (turn_options(turn)->limits_open) {
        count_and_start(turn, &counting->use);
        return;
    }
    if (turn->exchange->http)
        text_add_literal(&turn->headers, "Retry-After: 1\r\n");
    turn_answer_error(turn, ERROR_UNAVAILABLE, SLICE("calls cannot be counted now"));
}

static void on_counted(void *context, int32_t wait_s)
{
    struct counting *counting = context;
    struct turn *turn = counting->turn;
    turn->exchange->abandon = NULL;
    if (wait_s == QUOTA_AWAY) {
        go_on_without(counting);
    } else if (wait_s > 0) {
        refuse_for_now(turn, &counting->use, (uint32_t)wait_s);
    } else {
        go_on(turn, &counting->use);
    }
}

static void count_and_start_with_all(struct turn *turn, const struct use *use)
{
    struct exchange *exchange = turn->exchange;
    struct counting *counting = pool_zero(exchange->pool, sizeof *counting);
    if (!counting) {
        turn_answer_error(turn, ERROR_MEMORY, (struct slice){0});
        return;
    }
    *counting = (struct counting){turn, *use, {.done = on_counted}};
    counting->wait.context = counting;
    turn->counting = counting;
    exchange->waiting = turn;
    exchange->abandon = stop_counting;
    if (!quota_ask(exchange->worker->quota, use->decision.tool, &exchange->caller, exchange->pool,
                   &counting->wait)) {
        exchange->abandon = NULL;
        go_on_without(counting);
    }
}

/* Other arguments might do: a result that says so. */
static void refuse(struct turn *turn, const struct decision *decision, const char *text)
{
    struct call_result result;
    turn->tool = (uint32_t)(decision->tool - turn_policy(turn)->tools);
    response_refuse(turn->exchange->pool, text, &result);
    answer(turn, &result);
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
    turn->uri = (struct slice){0};
    tools_call_use(turn, name, &(struct call_arguments){message->text, message->tape, arguments});
}

void tools_call_use(struct turn *turn, struct slice name, const struct call_arguments *arguments)
{
    const struct json_place place = {arguments->text, arguments->tape->nodes, arguments->object};
    struct decision decision =
        decide(turn_policy(turn), &turn->exchange->caller, name, arguments->object ? &place : NULL);
    if (decision.kind == DECISION_ALLOW) {
        const struct use use = {decision, name, *arguments};
        if (turn->exchange->worker->quota && decision.tool->limit_count)
            count_and_start_with_all(turn, &use);
        else
            count_and_start(turn, &use);
        return;
    }
    count_decision(turn, decision.kind);
    audit_decision(turn, name, &decision, false);
    const char *text = denial_text(turn, &decision);
    if (text)
        refuse(turn, &decision, text);
    else
        denial_answer(turn, &decision, name);
}

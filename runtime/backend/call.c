/*
 * One call: get what is sent, build the request, send it, map the answer. A refused call answers
 * from the loop like any other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/call.h"

#include <event2/event.h>

#include "runtime/backend/arguments.h"
#include "runtime/backend/native.h"
#include "runtime/backend/redirect.h"
#include "runtime/backend/request.h"
#include "runtime/backend/response.h"
#include "runtime/backend/retry.h"
#include "runtime/backend/sending.h"
#include "runtime/clock.h"
#include "runtime/observe/log.h"

struct call {
    const struct worker *worker;
    struct call_request asked;
    struct pool *pool;
    call_done *done;
    void *context;
    struct sending sending;
    struct request request;
    const char *refusal; /* why no request goes out */
    struct upstream_call *upstream;
    struct event *timer;  /* of a refusal, of the next attempt, or of waiting for a token */
    uint64_t deadline_ms; /* of waiting and sending together */
    uint32_t retries, redirects;
    bool has_new_token; /* because the backend did not like the first one */
};

static struct request_source request_source(const struct call *call)
{
    return (struct request_source){call->worker->server, &call->asked, &call->sending, call->pool};
}

/* ---- the end ---- */

static void clean(struct call *call)
{
    if (call->timer)
        event_free(call->timer);
    call->timer = NULL;
    request_wipe(&call->request);
    sending_close(&call->sending);
}

static void answer(struct call *call, const struct call_result *result)
{
    clean(call);
    call->done(call->context, result);
}

static void refuse(struct call *call, const char *refusal)
{
    struct call_result result;
    response_refuse(call->pool, refusal, &result);
    answer(call, &result);
}

/* The caller has to agree first. What it says to a model is for whoever runs the server alone. */
static void ask_for_consent(struct call *call)
{
    struct call_result result;
    const struct mcpp_server *server = call->worker->server;
    const struct mcpp_credential *credential = &server->policy->credentials[call->sending.missing];
    uint32_t missing = call->sending.missing;
    response_refuse(call->pool,
                    refusal_format(call->pool,
                                   "The backend was not called: nobody has agreed to the use of "
                                   "%s yet. Whoever runs this server does so with `login %s`.",
                                   credential->label, credential->label),
                    &result);
    result.is_missing_consent = true;
    result.credential = missing;
    answer(call, &result);
}

/* Names the option, where a limit was reached. */
static const char *reason_of(const struct upstream_response *response)
{
    switch (response->outcome) {
    case UPSTREAM_TIMEOUT:
        return "no answer within limit-backend-ms, or the tool's timeout";
    case UPSTREAM_TOO_LARGE:
        return "answer is larger than limit-backend-bytes";
    case UPSTREAM_OVERLOADED:
        return "limit-backend-queue calls are waiting";
    default:
        return response->detail ? response->detail : "";
    }
}

/* A call that fails is one line; what was in it is nobody's business. */
static void log_failure(const struct call *call, const struct upstream_response *response)
{
    if (response->outcome != UPSTREAM_ANSWERED)
        log_warning("backend call failed tool=%s host=%.*s reason=\"%s\"", call->asked.tool->name,
                    SLICE_ARG(call->request.host), reason_of(response));
    else if (response->status < 200 || response->status >= 300)
        log_info("backend call refused tool=%s host=%.*s status=%u", call->asked.tool->name,
                 SLICE_ARG(call->request.host), response->status);
}

static uint32_t usual_timeout(const struct call *call)
{
    uint32_t own = call->asked.tool->timeout_ms;
    return own ? own : call->worker->server->options.limits.backend_ms;
}

static void map(struct call *call, const struct upstream_response *response)
{
    struct response_source source = {.tool = call->asked.tool,
                                     .host = call->request.host,
                                     .timeout_ms = usual_timeout(call),
                                     .json_depth = call->worker->server->options.limits.json_depth,
                                     .schemas = call->worker->schemas,
                                     .note = response->status == 401 && call->has_new_token
                                                 ? "a new token was got and refused as well"
                                                 : NULL,
                                     .pool = call->pool};
    struct call_result result;
    log_failure(call, response);
    response_map(&source, response, &result);
    answer(call, &result);
}

/* ---- attempts ---- */

static bool arm(struct call *call, event_callback_fn fired, uint32_t ms)
{
    struct timeval wait = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};
    if (call->timer)
        event_free(call->timer);
    call->timer = event_new(call->worker->loop, -1, 0, fired, call);
    return call->timer && event_add(call->timer, &wait) == 0;
}

static void on_answer(void *context, const struct upstream_response *response);

static void report(void *context, uint64_t received, uint64_t total)
{
    struct call *call = context;
    call->asked.progress(call->context, received, total);
}

static void begin_time(struct call *call)
{
    call->deadline_ms = clock_ms() + usual_timeout(call);
}

static uint32_t time_left(const struct call *call)
{
    uint64_t now = clock_ms();
    return call->deadline_ms > now ? (uint32_t)(call->deadline_ms - now) : 1;
}

/* Sends what is built, in what is left of the call's time. */
static bool attempt(struct call *call)
{
    call->request.upstream.timeout_ms = time_left(call);
    call->request.upstream.progress = call->asked.progress ? report : NULL;
    call->upstream =
        upstream_start(call->worker->upstream, &call->request.upstream, on_answer, call);
    if (call->upstream && call->asked.progress)
        call->asked.progress(call->context, 0, 0);
    return call->upstream != NULL;
}

static void on_retry(evutil_socket_t socket, short events, void *context)
{
    struct call *call = context;
    (void)socket;
    (void)events;
    if (!attempt(call))
        refuse(call, refusal_no_memory);
}

static bool retries(struct call *call, const struct upstream_response *response)
{
    uint32_t delay =
        retry_delay(call->worker->retries, &call->request.upstream, response, call->retries + 1);
    if (!delay || delay >= time_left(call) || !arm(call, on_retry, delay))
        return false;
    call->retries++;
    log_debug("backend call tried again tool=%s reason=\"%s\"", call->asked.tool->name,
              response->detail);
    return true;
}

static bool follows(struct call *call, const struct upstream_response *response)
{
    struct request_source source = request_source(call);
    const char *url =
        call->redirects < REDIRECTS_MAX ? redirect_follow(&source, &call->request, response) : NULL;
    if (!url)
        return false;
    call->redirects++;
    call->request.upstream.url = url;
    return attempt(call);
}

static void prepare(struct call *call, enum sending_state state);

/* A token may end before its time, or be taken back: one new one, one more try. */
static bool takes_new_token(struct call *call, const struct upstream_response *response)
{
    if (response->status != 401 || call->has_new_token || !sending_reject(&call->sending))
        return false;
    call->has_new_token = true;
    begin_time(call);
    request_wipe(&call->request);
    prepare(call, sending_prepare(&call->sending));
    return true;
}

static void on_answer(void *context, const struct upstream_response *response)
{
    struct call *call = context;
    bool is_answered = response->outcome == UPSTREAM_ANSWERED;
    call->upstream = NULL;
    if (!is_answered && retries(call, response))
        return;
    if (is_answered && (follows(call, response) || takes_new_token(call, response)))
        return;
    map(call, response);
}

/* ---- the beginning ---- */

/* Getting the token goes on, for the next call. */
static void on_late(evutil_socket_t socket, short events, void *context)
{
    struct call *call = context;
    const struct sent *awaited = &call->sending.items[call->sending.ready];
    const struct mcpp_credential *credential = awaited->credential;
    (void)socket;
    (void)events;
    refuse(call, refusal_format(call->pool,
                                "The backend was not called: its authorization server gave no "
                                "token for %s within %u ms.",
                                credential->label[0] ? credential->label : "oauth2",
                                (unsigned)usual_timeout(call)));
}

static void send_request(struct call *call)
{
    struct request_source source = request_source(call);
    const char *refusal = request_build(&source, &call->request);
    if (!refusal && !attempt(call))
        refusal = refusal_no_memory;
    if (refusal)
        refuse(call, refusal);
}

static void prepare(struct call *call, enum sending_state state)
{
    switch (state) {
    case SENDING_READY:
        send_request(call);
        break;
    case SENDING_WAITING:
        if (!arm(call, on_late, time_left(call)))
            refuse(call, refusal_no_memory);
        break;
    case SENDING_REFUSED:
        refuse(call, call->sending.refusal);
        break;
    case SENDING_MISSING:
        ask_for_consent(call);
        break;
    }
}

static void on_tokens(void *context)
{
    struct call *call = context;
    event_del(call->timer); /* on_late */
    prepare(call, sending_prepare(&call->sending));
}

static void on_soon(evutil_socket_t socket, short events, void *context)
{
    struct call *call = context;
    (void)socket;
    (void)events;
    if (call->refusal)
        refuse(call, call->refusal);
    else
        ask_for_consent(call);
}

/* What is known at once is answered from the loop all the same. */
static bool refuse_soon(struct call *call, const char *refusal)
{
    call->refusal = refusal;
    return arm(call, on_soon, 0);
}

static void on_native(evutil_socket_t socket, short events, void *context)
{
    struct call *call = context;
    struct call_result result;
    (void)socket;
    (void)events;
    native_answer(call->worker, native_find(call->worker->server, call->asked.tool), &call->asked,
                  call->pool, &result);
    answer(call, &result);
}

static bool start(struct call *call)
{
    const struct call_request *asked = &call->asked;
    struct sending_source wanted = {call->worker, asked->tool, asked->caller, asked->caller_token,
                                    call->pool,   on_tokens,   call};
    struct request_source built = request_source(call);
    const char *refusal =
        arguments_validate(call->worker->schemas, asked->tool, &asked->arguments, call->pool);
    begin_time(call);
    if (refusal)
        return refuse_soon(call, refusal);
    if (native_find(call->worker->server, asked->tool))
        return arm(call, on_native, 0);
    switch (sending_start(&wanted, &call->sending)) {
    case SENDING_READY:
        refusal = request_build(&built, &call->request);
        return refusal ? refuse_soon(call, refusal) : attempt(call);
    case SENDING_WAITING:
        return arm(call, on_late, time_left(call));
    case SENDING_REFUSED:
        return refuse_soon(call, call->sending.refusal);
    case SENDING_MISSING:
        break;
    }
    return refuse_soon(call, NULL);
}

struct call *call_start(const struct worker *worker, const struct call_request *request,
                        struct pool *pool, call_done *done, void *context)
{
    struct call *call = pool_zero(pool, sizeof *call);
    if (!call)
        return NULL;
    *call = (struct call){
        .worker = worker, .asked = *request, .pool = pool, .done = done, .context = context};
    retry_budget_add(worker->retries);
    if (start(call))
        return call;
    clean(call);
    return NULL;
}

void call_cancel(struct call *call)
{
    if (call->upstream)
        upstream_cancel(call->upstream);
    call->upstream = NULL;
    clean(call);
}

/*
 * One call: build the request, send it, map the answer. A refused call answers from the loop like
 * any other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/call.h"

#include <event2/event.h>

#include "runtime/backend/arguments.h"
#include "runtime/backend/request.h"
#include "runtime/backend/response.h"
#include "runtime/observe/log.h"

struct call {
    const struct worker *worker;
    const struct mcpp_tool *tool;
    struct pool *pool;
    call_done *done;
    void *context;
    struct request request;
    const char *refusal; /* why no request goes out; NULL: one does */
    struct upstream_call *upstream;
    call_progress *progress;
    struct event *soon; /* answers a refused call */
};

static struct response_source response_source(const struct call *call)
{
    return (struct response_source){.tool = call->tool,
                                    .host = call->request.host,
                                    .timeout_ms = call->request.upstream.timeout_ms,
                                    .json_depth = call->worker->server->options.limits.json_depth,
                                    .pool = call->pool};
}

static void answer(struct call *call, const struct call_result *result)
{
    call->done(call->context, result);
}

static void refuse(evutil_socket_t socket, short events, void *context)
{
    struct call *call = context;
    struct call_result result;
    (void)socket;
    (void)events;
    event_free(call->soon);
    call->soon = NULL;
    response_refuse(call->pool, call->refusal, &result);
    answer(call, &result);
}

/* A call that fails is one line; what was in it is nobody's business. */
static void log_failure(const struct call *call, const struct upstream_response *response)
{
    if (response->outcome != UPSTREAM_ANSWERED)
        log_warning("backend call failed tool=%s host=%.*s reason=\"%s\"", call->tool->name,
                    SLICE_ARG(call->request.host), response->detail ? response->detail : "");
    else if (response->status < 200 || response->status >= 300)
        log_info("backend call refused tool=%s host=%.*s status=%u", call->tool->name,
                 SLICE_ARG(call->request.host), response->status);
}

static void map(void *context, const struct upstream_response *response)
{
    struct call *call = context;
    struct response_source source = response_source(call);
    struct call_result result;
    call->upstream = NULL;
    request_wipe(&call->request);
    log_failure(call, response);
    response_map(&source, response, &result);
    answer(call, &result);
}

static void report(void *context, uint64_t received, uint64_t total)
{
    struct call *call = context;
    call->progress(call->context, received, total);
}

static bool refuse_soon(struct call *call)
{
    static const struct timeval now = {0, 0};
    call->soon = event_new(call->worker->loop, -1, 0, refuse, call);
    if (call->soon && event_add(call->soon, &now) == 0)
        return true;
    if (call->soon)
        event_free(call->soon);
    return false;
}

struct call *call_start(const struct worker *worker, const struct call_request *request,
                        struct pool *pool, call_done *done, void *context)
{
    struct call *call = pool_zero(pool, sizeof *call);
    if (!call)
        return NULL;
    *call = (struct call){.worker = worker,
                          .tool = request->tool,
                          .pool = pool,
                          .done = done,
                          .context = context,
                          .progress = request->progress};
    struct request_source source = {worker->server, request, pool};
    call->refusal = arguments_validate(worker->schemas, request->tool, &request->arguments, pool);
    if (!call->refusal)
        call->refusal = request_build(&source, &call->request);
    if (call->refusal)
        return refuse_soon(call) ? call : NULL;
    call->request.upstream.progress = request->progress ? report : NULL;
    call->upstream = upstream_start(worker->upstream, &call->request.upstream, map, call);
    if (call->upstream) {
        if (request->progress)
            request->progress(context, 0, 0);
        return call;
    }
    request_wipe(&call->request);
    return NULL;
}

void call_cancel(struct call *call)
{
    if (call->upstream)
        upstream_cancel(call->upstream);
    if (call->soon)
        event_free(call->soon);
    call->upstream = NULL;
    call->soon = NULL;
    request_wipe(&call->request);
}

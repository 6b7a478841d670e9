/*
 * One call of a tool's operation: arguments and tables become a request, the answer becomes an MCP
 * tool result. Knows the backend, not the transports.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_CALL_H
#define BACKEND_CALL_H

#include "grammar/json.h"
#include "runtime/memory/pool.h"
#include "runtime/upstream/upstream.h"
#include "runtime/worker.h"

/* The arguments of a call: a JSON object somewhere in a scanned message. */
struct call_arguments {
    const char *text; /* of the whole message */
    const struct json_tape *tape;
    uint32_t object; /* index of the arguments object; 0: none were given */
};

/* Called from the loop while the answer comes, the first time with nothing when the request is on
 * its way. `total` is 0 while it is not known. It must not cancel the call. */
typedef void call_progress(void *context, uint64_t received, uint64_t total);

struct caller;

/* What is asked for. */
struct call_request {
    const struct mcpp_tool *tool;
    struct call_arguments arguments;
    const struct caller *caller;
    struct slice caller_token;            /* as the caller showed it; empty: none */
    struct slice traceparent, tracestate; /* for the backend, well-formed; empty: none */
    call_progress *progress;              /* NULL: nobody wants to know */
};

/* The backend's answer as it came, for who wants it so. */
struct call_raw {
    unsigned status; /* 0: there is none */
    struct slice content_type, cache_control, body;
};

/* The result of a call, as the parts of an MCP CallToolResult. */
struct call_result {
    bool is_error;
    struct slice content;    /* JSON text of the content array: [{"type":"text","text":"…"}] */
    struct slice structured; /* JSON text of structuredContent; empty: none */
    struct slice problem;    /* is_error: the characters that say why */
    bool is_refused;         /* nothing was asked of the backend: other arguments might do */
    struct call_raw raw;     /* gone when `done` returns */
    bool is_missing_consent; /* nothing was called: the caller has to agree to `credential` first */
    uint32_t credential;
};

typedef void call_done(void *context, const struct call_result *result);

struct call;

/* Starts the call. All memory comes from `pool`, which must live until `done` or call_cancel, as
 * what the request points to must.
 * Arguments that make no request (they do not fit the tool's input schema, a path would change its
 * shape) are a result with is_error, and no byte goes out. `done` is called once, from the loop,
 * never from inside call_start. NULL: out of memory, `done` is not called. */
struct call *call_start(const struct worker *worker, const struct call_request *request,
                        struct pool *pool, call_done *done, void *context);
void call_cancel(struct call *call);

#endif

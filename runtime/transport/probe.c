/*
 * Health, readiness and metrics.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/probe.h"

#include "runtime/identity/identity.h"
#include "runtime/observe/metrics.h"
#include "runtime/shared.h"

static void reply_text(struct exchange *exchange, unsigned status, struct slice text)
{
    exchange_reply(exchange, &(struct reply){.status = status,
                                             .content_type = "text/plain; charset=utf-8",
                                             .headers = SLICE("Cache-Control: no-store\r\n"),
                                             .body = text});
}

/* Keys that are not there yet will come, or an issuer is away: callers would get 503. */
static void answer_ready(struct exchange *exchange)
{
    const struct worker *worker = exchange->worker;
    if (atomic_load(&worker->server->shared->is_stopping))
        reply_text(exchange, 503, SLICE("stopping\n"));
    else if (worker->identity && !identity_is_ready(worker->identity))
        reply_text(exchange, 503, SLICE("no keys\n"));
    else
        reply_text(exchange, 200, SLICE("ready\n"));
}

static void answer_metrics(struct exchange *exchange)
{
    const struct mcpp_server *server = exchange->worker->server;
    const struct metrics_source source = {
        .all = server->metrics,
        .count = server->worker_count,
        .memory_used = budget_used(&server->shared->memory),
        .memory_limit = server->shared->memory.limit,
        .version = MCPP_VERSION,
        .name = server->policy->name,
    };
    struct text text = {.pool = exchange->pool};
    metrics_render(&source, &text);
    if (text.failed)
        reply_text(exchange, 503, SLICE("out of memory\n"));
    else
        exchange_reply(exchange, &(struct reply){.status = 200,
                                                 .content_type = "text/plain; version=0.0.4",
                                                 .headers = SLICE("Cache-Control: no-store\r\n"),
                                                 .body = text_slice(&text)});
}

static void answer_health(struct exchange *exchange)
{
    reply_text(exchange, 200, SLICE("ok\n"));
}

typedef void answer(struct exchange *exchange);

/* NULL: the path is none of these. */
static answer *find(const struct exchange *exchange, bool is_internal)
{
    const struct options *options = &exchange->worker->server->options;
    struct slice path = exchange->http->target;
    if (!is_internal && slice_is(path, options->path))
        return NULL;
    if (slice_is(path, "/healthz"))
        return answer_health;
    if (slice_is(path, "/readyz"))
        return answer_ready;
    bool has_metrics = is_internal || options->metrics;
    return has_metrics && slice_is(path, "/metrics") ? answer_metrics : NULL;
}

bool probe_answer(struct exchange *exchange, bool is_internal)
{
    struct slice method = exchange->http->method;
    answer *found = find(exchange, is_internal);
    if (found && (slice_is(method, "GET") || slice_is(method, "HEAD")))
        found(exchange);
    else if (found)
        exchange_reply(exchange,
                       &(struct reply){.status = 405, .headers = SLICE("Allow: GET, HEAD\r\n")});
    else if (is_internal)
        exchange_reply(exchange, &(struct reply){.status = 404});
    return is_internal || found;
}

/*
 * What belongs to one thread: the order in which it comes up and goes down.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/worker.h"

#include <string.h>

#include "runtime/backend/retry.h"
#include "runtime/identity/identity.h"
#include "runtime/oauth2/oauth2_worker.h"
#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/protocol/bulletin.h"
#include "runtime/protocol/limiter.h"
#include "runtime/protocol/pending.h"
#include "runtime/protocol/subscriptions.h"
#include "runtime/quota/quota.h"
#include "runtime/upstream/upstream.h"
#include "runtime/validate/schema_cache.h"

static void take_notice(const struct worker *worker, const struct notice *notice)
{
    switch (notice->kind) {
    case NOTICE_CANCEL:
        pending_take(worker, notice);
        break;
    case NOTICE_CHANGED:
        subscriptions_take(worker, notice);
        break;
    }
}

bool worker_open(struct worker *worker, const struct mcpp_server *server, uint32_t index,
                 struct event_base *loop)
{
    *worker = (struct worker){.server = server, .loop = loop, .metrics = &server->metrics[index]};
    worker->upstream = upstream_open(worker);
    worker->schemas = schema_cache_open(server->policy);
    worker->board = board_open(server->bulletin, worker, take_notice);
    uint64_t key;
    memcpy(&key, server->seal_key, sizeof key);
    worker->limiter = limiter_open(server->policy, key);
    worker->retries = retry_budget_open();
    if (!worker->upstream || !worker->schemas || !worker->board || !worker->limiter ||
        !worker->retries) {
        log_error("out of memory at start");
        return false;
    }
    worker->oauth2 = oauth2_worker_open(worker);
    if (!worker->oauth2)
        return false;
    if (server->options.limits_redis && server->policy->limit_count) {
        worker->quota = quota_open(worker);
        if (!worker->quota) /* never without: each worker would allow as much as all together */
            return false;
    }
    if (server->options.validate_tokens) {
        worker->identity = identity_open(worker);
        if (!worker->identity) /* never without: that would be forwarding */
            return false;
    }
    return true;
}

void worker_close(struct worker *worker)
{
    if (worker->identity)
        identity_close(worker->identity);
    oauth2_worker_close(worker->oauth2);
    if (worker->upstream)
        upstream_close(worker->upstream);
    if (worker->schemas)
        schema_cache_close(worker->schemas);
    quota_close(worker->quota);
    limiter_close(worker->limiter);
    board_close(worker->board);
    retry_budget_close(worker->retries);
    *worker = (struct worker){0};
}

/*
 * What belongs to one thread: the order in which it comes up and goes down.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/worker.h"

#include <string.h>

#include "runtime/identity/identity.h"
#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/protocol/bulletin.h"
#include "runtime/protocol/limiter.h"
#include "runtime/protocol/pending.h"
#include "runtime/upstream/upstream.h"
#include "runtime/validate/schema_cache.h"

bool worker_open(struct worker *worker, const struct mcpp_server *server, uint32_t index,
                 struct event_base *loop)
{
    *worker = (struct worker){.server = server, .loop = loop, .metrics = &server->metrics[index]};
    worker->upstream = upstream_open(worker);
    worker->schemas = schema_cache_open(server->policy);
    worker->board = board_open(server->bulletin, worker, pending_take);
    uint64_t key;
    memcpy(&key, server->seal_key, sizeof key);
    worker->limiter = limiter_open(server->policy, key);
    if (!worker->upstream || !worker->schemas || !worker->board || !worker->limiter) {
        log_error("out of memory at start");
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
    if (worker->upstream)
        upstream_close(worker->upstream);
    if (worker->schemas)
        schema_cache_close(worker->schemas);
    limiter_close(worker->limiter);
    board_close(worker->board);
    *worker = (struct worker){0};
}

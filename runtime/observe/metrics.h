/*
 * What is counted while the server runs, and its text for Prometheus (text format 0.0.4). Each
 * worker writes its own numbers, without locks; whoever is asked adds them up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OBSERVE_METRICS_H
#define OBSERVE_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "runtime/memory/pool.h"

/* metrics.c has a row for each. */
enum metric {
    METRIC_CONNECTIONS, /* gauge: open now */
    METRIC_CONNECTIONS_ACCEPTED,
    METRIC_CONNECTIONS_REFUSED,
    METRIC_HANDSHAKES_FAILED,
    METRIC_REQUESTS_MALFORMED,
    METRIC_MEMORY_REFUSED, /* requests over limit-memory-bytes */
    METRIC_DECISION_ALLOWED,
    METRIC_DECISION_UNKNOWN,
    METRIC_DECISION_UNAUTHENTICATED,
    METRIC_DECISION_NEEDS,
    METRIC_DECISION_DENIED,
    METRIC_DECISION_ARGUMENTS, /* denied by a rule on arguments, or by the tool's schema */
    METRIC_DECISION_LIMITED,
    METRIC_TOKEN_VALID,
    METRIC_TOKEN_INVALID,
    METRIC_TOKEN_UNAVAILABLE, /* could not be judged: no keys, no introspection */
    METRIC_TOKEN_CACHE_HIT,
    METRIC_TOKEN_CACHE_MISS,
    METRIC_KEYS_FETCHED,
    METRIC_KEYS_FAILED,
    METRIC_BACKEND_ANSWERED,
    METRIC_BACKEND_UNREACHABLE,
    METRIC_BACKEND_TIMEOUT,
    METRIC_BACKEND_BROKEN, /* no HTTP, cut short, too large */
    METRIC_BACKEND_OVERLOADED,
    METRIC_BACKEND_RUNNING, /* gauge */
    METRIC_BACKEND_WAITING, /* gauge: in line */
    METRIC_COUNT
};

enum metric_time { METRIC_TIME_REQUEST, METRIC_TIME_BACKEND, METRIC_TIME_COUNT };

enum { METRIC_BUCKETS = 16, METRIC_STATUSES = 600 };

struct metrics {
    _Alignas(64) _Atomic uint64_t values[METRIC_COUNT];
    _Atomic uint64_t statuses[METRIC_STATUSES]; /* of HTTP answers */
    struct {
        _Atomic uint64_t buckets[METRIC_BUCKETS]; /* the last is what is above all bounds */
        _Atomic uint64_t sum_us;
    } times[METRIC_TIME_COUNT];
    _Atomic int64_t keys_fetched_s; /* since the epoch: the oldest set of keys; 0: none yet */
};

/* By the owner only. NULL, in tests of other parts, counts nothing. */
void metrics_add(struct metrics *metrics, enum metric metric, int64_t change);
void metrics_count(struct metrics *metrics, enum metric metric); /* one more */
void metrics_answer(struct metrics *metrics, unsigned status);
void metrics_time(struct metrics *metrics, enum metric_time time, uint64_t start_us);
void metrics_keys(struct metrics *metrics, int64_t fetched_s);

uint64_t metrics_now_us(void); /* of a clock that only goes forward */

/* From any thread. `used` and `limit` are bytes of requests' memory. */
struct metrics_source {
    const struct metrics *all;
    uint32_t count;
    size_t memory_used, memory_limit;
    const char *version, *name; /* of the library; of the policy */
};
void metrics_render(const struct metrics_source *source, struct text *out);

#endif

/*
 * Counting, and the text for Prometheus.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/observe/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Rows of one name stand together: they are one family. */
static const struct {
    const char *name, *labels, *type, *help;
} rows[METRIC_COUNT] = {
    [METRIC_CONNECTIONS] = {"connections", "", "gauge", "Open connections of callers."},
    [METRIC_CONNECTIONS_ACCEPTED] = {"connections_total", "outcome=\"accepted\"", "counter",
                                     "Connections of callers by what became of them."},
    [METRIC_CONNECTIONS_REFUSED] = {"connections_total", "outcome=\"refused\"", NULL, NULL},
    [METRIC_HANDSHAKES_FAILED] = {"connections_total", "outcome=\"handshake-failed\"", NULL, NULL},
    [METRIC_REQUESTS_MALFORMED] = {"requests_refused_total", "reason=\"malformed\"", "counter",
                                   "Requests that were not read to their end."},
    [METRIC_MEMORY_REFUSED] = {"requests_refused_total", "reason=\"memory\"", NULL, NULL},
    [METRIC_DECISION_ALLOWED] = {"decisions_total", "outcome=\"allowed\"", "counter",
                                 "Calls of tools by what the policy decided."},
    [METRIC_DECISION_UNKNOWN] = {"decisions_total", "outcome=\"unknown-tool\"", NULL, NULL},
    [METRIC_DECISION_UNAUTHENTICATED] = {"decisions_total", "outcome=\"needs-token\"", NULL, NULL},
    [METRIC_DECISION_NEEDS] = {"decisions_total", "outcome=\"insufficient-scope\"", NULL, NULL},
    [METRIC_DECISION_DENIED] = {"decisions_total", "outcome=\"denied\"", NULL, NULL},
    [METRIC_DECISION_ARGUMENTS] = {"decisions_total", "outcome=\"arguments\"", NULL, NULL},
    [METRIC_DECISION_LIMITED] = {"decisions_total", "outcome=\"limited\"", NULL, NULL},
    [METRIC_TOKEN_VALID] = {"tokens_total", "outcome=\"valid\"", "counter",
                            "Access tokens by what became of them."},
    [METRIC_TOKEN_INVALID] = {"tokens_total", "outcome=\"invalid\"", NULL, NULL},
    [METRIC_TOKEN_UNAVAILABLE] = {"tokens_total", "outcome=\"unavailable\"", NULL, NULL},
    [METRIC_TOKEN_CACHE_HIT] = {"token_cache_total", "outcome=\"hit\"", "counter",
                                "Access tokens that were known already, or not."},
    [METRIC_TOKEN_CACHE_MISS] = {"token_cache_total", "outcome=\"miss\"", NULL, NULL},
    [METRIC_KEYS_FETCHED] = {"keys_fetches_total", "outcome=\"good\"", "counter",
                             "Fetches of key sets."},
    [METRIC_KEYS_FAILED] = {"keys_fetches_total", "outcome=\"failed\"", NULL, NULL},
    [METRIC_BACKEND_ANSWERED] = {"backend_requests_total", "outcome=\"answered\"", "counter",
                                 "Requests to backends and issuers by what became of them."},
    [METRIC_BACKEND_UNREACHABLE] = {"backend_requests_total", "outcome=\"unreachable\"", NULL,
                                    NULL},
    [METRIC_BACKEND_TIMEOUT] = {"backend_requests_total", "outcome=\"timeout\"", NULL, NULL},
    [METRIC_BACKEND_BROKEN] = {"backend_requests_total", "outcome=\"broken\"", NULL, NULL},
    [METRIC_BACKEND_OVERLOADED] = {"backend_requests_total", "outcome=\"overloaded\"", NULL, NULL},
    [METRIC_BACKEND_RUNNING] = {"backend_running", "", "gauge", "Requests under way."},
    [METRIC_BACKEND_WAITING] = {"backend_waiting", "", "gauge", "Requests that wait in line."},
};

static const struct {
    const char *name, *help;
} time_rows[METRIC_TIME_COUNT] = {
    [METRIC_TIME_REQUEST] = {"request_seconds", "From a whole HTTP request to its answer."},
    [METRIC_TIME_BACKEND] = {"backend_seconds", "From a request to a backend to its answer."},
};

/* Microseconds. */
static const uint64_t bounds[METRIC_BUCKETS - 1] = {
    100,   250,    500,    1000,   2500,    5000,    10000,    25000,
    50000, 100000, 250000, 500000, 1000000, 5000000, 30000000,
};

/* ---- counting: one writer, so that no locked instruction is needed ---- */

static void add(_Atomic uint64_t *value, uint64_t change)
{
    uint64_t now = atomic_load_explicit(value, memory_order_relaxed);
    atomic_store_explicit(value, now + change, memory_order_relaxed);
}

void metrics_add(struct metrics *metrics, enum metric metric, int64_t change)
{
    if (metrics)
        add(&metrics->values[metric], (uint64_t)change);
}

void metrics_count(struct metrics *metrics, enum metric metric)
{
    metrics_add(metrics, metric, 1);
}

void metrics_answer(struct metrics *metrics, unsigned status)
{
    if (metrics && status < METRIC_STATUSES)
        add(&metrics->statuses[status], 1);
}

uint64_t metrics_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void metrics_time(struct metrics *metrics, enum metric_time time, uint64_t start_us)
{
    if (!metrics)
        return;
    uint64_t passed = metrics_now_us() - start_us;
    unsigned bucket = 0;
    while (bucket < METRIC_BUCKETS - 1 && passed > bounds[bucket])
        bucket++;
    add(&metrics->times[time].buckets[bucket], 1);
    add(&metrics->times[time].sum_us, passed);
}

void metrics_keys(struct metrics *metrics, int64_t fetched_s)
{
    if (metrics)
        atomic_store_explicit(&metrics->keys_fetched_s, fetched_s, memory_order_relaxed);
}

/* ---- the text ---- */

static void add_head(struct text *out, const char *name, const char *type, const char *help)
{
    text_add_format(out, "# HELP mcpp_%s %s\n# TYPE mcpp_%s %s\n", name, help, name, type);
}

static void add_values(const struct metrics_source *source, struct text *out)
{
    for (unsigned i = 0; i < METRIC_COUNT; i++) {
        uint64_t sum = 0;
        for (uint32_t worker = 0; worker < source->count; worker++)
            sum += atomic_load_explicit(&source->all[worker].values[i], memory_order_relaxed);
        if (rows[i].type)
            add_head(out, rows[i].name, rows[i].type, rows[i].help);
        bool has_labels = rows[i].labels[0];
        text_add_format(out, "mcpp_%s%s%s%s %lld\n", rows[i].name, has_labels ? "{" : "",
                        rows[i].labels, has_labels ? "}" : "", (long long)sum);
    }
}

static void add_statuses(const struct metrics_source *source, struct text *out)
{
    add_head(out, "http_requests_total", "counter", "HTTP requests by the status of the answer.");
    for (unsigned i = 0; i < METRIC_STATUSES; i++) {
        uint64_t sum = 0;
        for (uint32_t worker = 0; worker < source->count; worker++)
            sum += atomic_load_explicit(&source->all[worker].statuses[i], memory_order_relaxed);
        if (sum)
            text_add_format(out, "mcpp_http_requests_total{status=\"%u\"} %llu\n", i,
                            (unsigned long long)sum);
    }
}

static void add_time(const struct metrics_source *source, unsigned time, struct text *out)
{
    const char *name = time_rows[time].name;
    uint64_t count = 0, sum = 0;
    add_head(out, name, "histogram", time_rows[time].help);
    for (unsigned i = 0; i < METRIC_BUCKETS; i++) {
        for (uint32_t worker = 0; worker < source->count; worker++)
            count += atomic_load_explicit(&source->all[worker].times[time].buckets[i],
                                          memory_order_relaxed);
        if (i < METRIC_BUCKETS - 1)
            text_add_format(out, "mcpp_%s_bucket{le=\"%g\"} %llu\n", name, (double)bounds[i] / 1e6,
                            (unsigned long long)count);
    }
    for (uint32_t worker = 0; worker < source->count; worker++)
        sum += atomic_load_explicit(&source->all[worker].times[time].sum_us, memory_order_relaxed);
    text_add_format(out, "mcpp_%s_bucket{le=\"+Inf\"} %llu\nmcpp_%s_sum %.6f\nmcpp_%s_count %llu\n",
                    name, (unsigned long long)count, name, (double)sum / 1e6, name,
                    (unsigned long long)count);
}

/* Of the worker whose keys are the oldest. */
static void add_keys_age(const struct metrics_source *source, struct text *out)
{
    int64_t oldest = 0;
    for (uint32_t worker = 0; worker < source->count; worker++) {
        int64_t one =
            atomic_load_explicit(&source->all[worker].keys_fetched_s, memory_order_relaxed);
        if (one && (!oldest || one < oldest))
            oldest = one;
    }
    if (!oldest)
        return;
    add_head(out, "keys_age_seconds", "gauge", "Since the last good fetch of a key set.");
    text_add_format(out, "mcpp_keys_age_seconds %lld\n", (long long)(time(NULL) - oldest));
}

/* Resident bytes; 0 where that cannot be read. */
static unsigned long long resident_bytes(void)
{
    char line[128] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    const char *second = fgets(line, sizeof line, file) ? strchr(line, ' ') : NULL;
    fclose(file);
    return second ? strtoull(second, NULL, 10) * (unsigned long long)sysconf(_SC_PAGESIZE) : 0;
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void add_process(const struct metrics_source *source, struct text *out)
{
    struct rusage usage;
    unsigned long long resident = resident_bytes();
    add_head(out, "memory_bytes", "gauge", "Memory of requests, and its limit.");
    text_add_format(out, "mcpp_memory_bytes{kind=\"used\"} %zu\n", source->memory_used);
    text_add_format(out, "mcpp_memory_bytes{kind=\"limit\"} %zu\n", source->memory_limit);
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        text_add_format(out,
                        "# TYPE process_cpu_seconds_total counter\n"
                        "process_cpu_seconds_total %.6f\n",
                        seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
    if (resident)
        text_add_format(out,
                        "# TYPE process_resident_memory_bytes gauge\n"
                        "process_resident_memory_bytes %llu\n",
                        resident);
}

void metrics_render(const struct metrics_source *source, struct text *out)
{
    add_head(out, "build_info", "gauge", "The library's version and the policy's name.");
    text_add_format(out, "mcpp_build_info{version=\"%s\",policy=", source->version);
    text_add_json(out, slice_of(source->name)); /* the escapes that both have are the same */
    text_add_literal(out, "} 1\n");
    add_values(source, out);
    add_statuses(source, out);
    for (unsigned i = 0; i < METRIC_TIME_COUNT; i++)
        add_time(source, i, out);
    add_keys_age(source, out);
    add_process(source, out);
}

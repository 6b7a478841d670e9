/*
 * Fetching and keeping keys.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/key_cache.h"

#include <event2/event.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "runtime/clock.h"
#include "runtime/identity/metadata.h"
#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/upstream/upstream.h"

/* Seconds between attempts after failures, doubled each time. Without keys nothing works, so it is
 * tried again soon; with keys there is time. */
enum { RETRY_MIN = 1, RETRY_MIN_WITH_KEYS = 30, RETRY_MAX = 60, RETRY_MAX_WITH_KEYS = 300 };

struct key_cache {
    const struct worker *worker;
    struct key_source source;
    struct wait_list waiting;
    struct event *timer; /* of the next fetch */
    struct jwks *jwks;   /* NULL before the first good answer */
    uint64_t generation;
    unsigned char digest[SHA256_DIGEST_LENGTH]; /* of the text that the keys are from */
    uint64_t usable_until_ms, attempt_ms;
    uint32_t failures; /* in a row */
    bool has_reported; /* which keys are skipped was logged */
    /* the fetch under way */
    struct upstream_call *call;
    struct upstream_request request;
    char *url;             /* of the request */
    unsigned place;        /* of metadata that is being read */
    bool is_reading_names; /* metadata first, keys later */
};

/* Cuts the first directive off a Cache-Control list (RFC 9111, section 5.2), without the white
 * space around it. */
static struct slice take_directive(struct slice *list)
{
    return slice_trimmed(slice_cut(list, ','));
}

static bool starts(struct slice text, const char *with)
{
    size_t size = strlen(with);
    return text.len >= size && strncasecmp(text.at, with, size) == 0;
}

static uint32_t read_seconds(struct slice digits)
{
    uint32_t seconds = 0;
    for (size_t i = 0; i < digits.len && digits.at[i] >= '0' && digits.at[i] <= '9'; i++)
        if (seconds <= KEYS_LIFE_MAX)
            seconds = seconds * 10 + (uint32_t)(digits.at[i] - '0');
    return seconds;
}

uint32_t key_cache_life(struct slice cache_control)
{
    static const char age[] = "max-age=";
    while (cache_control.len) {
        struct slice directive = take_directive(&cache_control);
        if (starts(directive, "no-store") || starts(directive, "no-cache"))
            return KEYS_LIFE_MIN;
        if (!starts(directive, age) || directive.len == sizeof age - 1)
            continue;
        uint32_t life = read_seconds(
            (struct slice){directive.at + sizeof age - 1, directive.len - (sizeof age - 1)});
        return life < KEYS_LIFE_MIN ? KEYS_LIFE_MIN : life > KEYS_LIFE_MAX ? KEYS_LIFE_MAX : life;
    }
    return KEYS_LIFE;
}

/* ---- the end of a fetch ---- */

static void schedule(struct key_cache *cache, uint32_t seconds)
{
    struct timeval wait = {(time_t)seconds, 0};
    if (event_add(cache->timer, &wait) != 0)
        log_error("out of memory for a timer: keys are not refreshed");
}

static uint32_t retry_delay(const struct key_cache *cache)
{
    uint32_t delay = cache->jwks ? RETRY_MIN_WITH_KEYS : RETRY_MIN;
    uint32_t max = cache->jwks ? RETRY_MAX_WITH_KEYS : RETRY_MAX;
    for (uint32_t i = 1; i < cache->failures && delay < max; i++)
        delay *= 2;
    return delay < max ? delay : max;
}

static void finish(struct key_cache *cache, uint32_t delay_s)
{
    free(cache->url);
    cache->url = NULL;
    cache->attempt_ms = clock_coarse_ms();
    schedule(cache, delay_s);
    wait_list_wake(&cache->waiting);
}

static void fail(struct key_cache *cache, const char *cause)
{
    cache->failures++;
    metrics_count(cache->worker->metrics, METRIC_KEYS_FAILED);
    uint32_t delay = retry_delay(cache);
    log_warning("keys of issuer %s cannot be fetched from %s: %s; %s, trying again in %u s",
                cache->source.issuer, cache->url ? cache->url : "its metadata", cause,
                key_cache_keys(cache) ? "keeping the old ones" : "no token can be checked",
                (unsigned)delay);
    finish(cache, delay);
}

static void report_skipped(void *context, uint32_t index, const char *cause)
{
    const struct key_cache *cache = context;
    log_line(cache->has_reported ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
             "key %u of issuer %s is not used: it %s", (unsigned)index, cache->source.issuer,
             cause);
}

static void keep_until(struct key_cache *cache, uint32_t life)
{
    metrics_count(cache->worker->metrics, METRIC_KEYS_FETCHED);
    metrics_keys(cache->worker->metrics, time(NULL));
    log_line(cache->jwks && !cache->failures && cache->has_reported ? LOG_LEVEL_DEBUG
                                                                    : LOG_LEVEL_INFO,
             "issuer %s has %u usable keys, refreshed in %u s", cache->source.issuer,
             (unsigned)cache->jwks->count, (unsigned)life);
    cache->has_reported = true;
    cache->failures = 0;
    cache->usable_until_ms = clock_coarse_ms() + ((uint64_t)life + KEYS_STALE) * 1000;
    finish(cache, life);
}

static void take_keys(struct key_cache *cache, const struct upstream_response *response)
{
    const char *cause;
    unsigned char digest[SHA256_DIGEST_LENGTH];
    uint32_t life = key_cache_life(response->cache_control);
    SHA256((const unsigned char *)response->body.at, response->body.len, digest);
    if (cache->jwks && memcmp(digest, cache->digest, sizeof digest) == 0) {
        keep_until(cache, life); /* the same keys, with the tables made for them */
        return;
    }
    struct jwks_report report = {report_skipped, cache};
    struct jwks *jwks = jwks_open(response->body, &report, &cause);
    if (!jwks) {
        fail(cache, cause);
        return;
    }
    jwks_close(cache->jwks);
    cache->jwks = jwks;
    cache->generation++;
    memcpy(cache->digest, digest, sizeof digest);
    keep_until(cache, life);
}

/* ---- a fetch ---- */

static void request_url(struct key_cache *cache, char *url);

static void ask_next_place(struct key_cache *cache)
{
    char *url = metadata_url(cache->source.issuer, cache->place);
    if (url)
        request_url(cache, url);
    else
        fail(cache, "out of memory");
}

static void take_metadata(struct key_cache *cache, const struct upstream_response *response)
{
    const char *cause;
    char *url = metadata_jwks_url(response->body, cache->source.issuer, &cause);
    if (url) {
        cache->is_reading_names = false;
        request_url(cache, url);
    } else {
        fail(cache, cause);
    }
}

static const char *fault_of(const struct upstream_response *response)
{
    if (response->outcome != UPSTREAM_ANSWERED)
        return response->detail ? response->detail : "no answer";
    return response->status == 200 ? NULL : "the answer's status is not 200";
}

static void on_answer(void *context, const struct upstream_response *response)
{
    struct key_cache *cache = context;
    const char *fault = fault_of(response);
    cache->call = NULL;
    if (fault && cache->is_reading_names && response->outcome == UPSTREAM_ANSWERED &&
        cache->place + 1 < METADATA_PLACES) {
        cache->place++;
        ask_next_place(cache);
    } else if (fault) {
        fail(cache, fault);
    } else if (cache->is_reading_names) {
        take_metadata(cache, response);
    } else {
        take_keys(cache, response);
    }
}

/* Takes `url`. */
static void request_url(struct key_cache *cache, char *url)
{
    static const char *const headers[] = {"Accept: application/json, application/jwk-set+json",
                                          NULL};
    const struct limits *limits = &cache->worker->server->options.limits;
    free(cache->url);
    cache->url = url;
    cache->request = (struct upstream_request){
        .method = "GET",
        .url = url,
        .headers = headers,
        .timeout_ms = limits->jwks_ms,
        .peers = cache->source.allows_private ? UPSTREAM_ANY_PEER : UPSTREAM_PUBLIC_PEER,
        .response_max = limits->jwks_bytes < JWKS_BYTES_MAX ? limits->jwks_bytes : JWKS_BYTES_MAX,
    };
    cache->call = upstream_start(cache->worker->upstream, &cache->request, on_answer, cache);
    if (!cache->call)
        fail(cache, "out of memory");
}

static void start(struct key_cache *cache)
{
    event_del(cache->timer);
    cache->attempt_ms = clock_coarse_ms();
    cache->place = 0;
    cache->is_reading_names = !cache->source.jwks[0];
    if (cache->is_reading_names) {
        ask_next_place(cache);
        return;
    }
    char *url = strdup(cache->source.jwks);
    if (url)
        request_url(cache, url);
    else
        fail(cache, "out of memory");
}

static void on_timer(evutil_socket_t socket, short events, void *context)
{
    struct key_cache *cache = context;
    (void)socket;
    (void)events;
    if (!cache->call)
        start(cache);
}

/* ---- the interface ---- */

struct key_cache *key_cache_open(const struct worker *worker, const struct key_source *source,
                                 struct waker *waker)
{
    const char *url = source->jwks[0] ? source->jwks : source->issuer;
    const char *fault = metadata_url_fault(url);
    if (fault) {
        log_error("the %s '%s' %s", source->jwks[0] ? "key set's URL" : "issuer", url, fault);
        return NULL;
    }
    struct key_cache *cache = calloc(1, sizeof *cache);
    struct event *timer = cache ? event_new(worker->loop, -1, 0, on_timer, cache) : NULL;
    if (!timer) {
        free(cache);
        log_error("out of memory at start");
        return NULL;
    }
    *cache = (struct key_cache){
        .worker = worker,
        .source = *source,
        .waiting.waker = waker,
        .timer = timer,
    };
    start(cache);
    return cache;
}

void key_cache_close(struct key_cache *cache)
{
    if (!cache)
        return;
    if (cache->call)
        upstream_cancel(cache->call);
    event_free(cache->timer);
    wait_list_wake(&cache->waiting); /* so that nobody waits at what is gone */
    jwks_close(cache->jwks);
    free(cache->url);
    free(cache);
}

bool key_cache_is_of(const struct key_cache *cache, const struct key_source *source)
{
    return strcmp(cache->source.jwks, source->jwks) == 0 &&
           strcmp(cache->source.issuer, source->issuer) == 0 &&
           cache->source.allows_private == source->allows_private;
}

const struct jwks *key_cache_keys(const struct key_cache *cache)
{
    return cache->jwks && clock_coarse_ms() < cache->usable_until_ms ? cache->jwks : NULL;
}

bool key_cache_is_fetching(const struct key_cache *cache)
{
    return cache->call != NULL;
}

uint64_t key_cache_generation(const struct key_cache *cache)
{
    return key_cache_keys(cache) ? cache->generation : 0;
}

struct wait_list *key_cache_waiting(struct key_cache *cache)
{
    return &cache->waiting;
}

bool key_cache_refresh(struct key_cache *cache)
{
    if (!cache->call && clock_coarse_ms() - cache->attempt_ms >= KEYS_COOLDOWN * 1000)
        start(cache);
    return cache->call != NULL;
}

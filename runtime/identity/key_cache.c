/*
 * Fetching and keeping keys.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/key_cache.h"

#include <event2/event.h>
#include <stdlib.h>
#include <strings.h>

#include "runtime/clock.h"
#include "runtime/identity/metadata.h"
#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/upstream/upstream.h"

enum { TICK_MS = 10 }; /* the coarse clock may be so far behind the timers */

struct key_cache {
    const struct worker *worker;
    struct key_source source;
    struct key_entry *entry; /* of all workers */
    struct bell *bell;       /* an attempt has ended */
    struct event *timer;     /* of the next attempt, whoever will make it */
    struct wait_list waiting;
    struct jwks *jwks; /* NULL before the first good answer */
    uint64_t generation;
    uint64_t usable_until_ms;
    int64_t fetched_s;
    bool is_coming, has_failed; /* as of the last look */
    /* the fetch under way, when it is this worker that makes it */
    struct upstream_call *call;
    struct upstream_request request;
    char *url;             /* of the request */
    unsigned place;        /* of metadata that is being read */
    bool is_reading_names; /* metadata first, keys later */
};

static struct key_table *table_of(const struct key_cache *cache)
{
    return cache->worker->server->keys;
}

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

static void forget_request(struct key_cache *cache)
{
    free(cache->url);
    cache->url = NULL;
}

static void fail(struct key_cache *cache, const char *cause)
{
    uint32_t delay = key_table_fail(table_of(cache), cache->entry);
    metrics_count(cache->worker->metrics, METRIC_KEYS_FAILED);
    log_warning("keys of issuer %s cannot be fetched from %s: %s; %s, trying again in %u s",
                cache->source.issuer, cache->url ? cache->url : "its metadata", cause,
                key_cache_keys(cache) ? "keeping the old ones" : "no token can be checked",
                (unsigned)delay);
    forget_request(cache);
}

static void report_skipped(void *context, uint32_t index, const char *cause)
{
    const struct key_cache *cache = context;
    log_info("key %u of issuer %s is not used: it %s", (unsigned)index, cache->source.issuer,
             cause);
}

static void adopt(struct key_cache *cache, struct jwks *jwks, uint64_t generation)
{
    jwks_close(cache->jwks);
    cache->jwks = jwks;
    cache->generation = generation;
}

/* The same text is not read again: the keys stay, with the tables made for them. */
static void take_keys(struct key_cache *cache, const struct upstream_response *response)
{
    const char *cause;
    struct jwks *jwks = NULL;
    struct jwks_report report = {report_skipped, cache};
    uint32_t life = key_cache_life(response->cache_control);
    if (!key_table_has(table_of(cache), cache->entry, response->body)) {
        jwks = jwks_open(response->body, &report, &cause);
        if (!jwks) {
            fail(cache, cause);
            return;
        }
    }
    uint64_t generation = key_table_finish(table_of(cache), cache->entry, response->body, life);
    if (!generation) {
        jwks_close(jwks);
        fail(cache, "out of memory");
        return;
    }
    metrics_count(cache->worker->metrics, METRIC_KEYS_FETCHED);
    if (jwks) {
        adopt(cache, jwks, generation);
        log_info("issuer %s has %u usable keys, refreshed in %u s", cache->source.issuer,
                 (unsigned)jwks->count, (unsigned)life);
    } else {
        log_line(cache->has_failed ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG,
                 "issuer %s has the same keys, refreshed in %u s", cache->source.issuer,
                 (unsigned)life);
    }
    forget_request(cache);
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

/* ---- what the workers know together ---- */

/* What another worker has fetched becomes keys of this one. */
static void take_text(struct key_cache *cache, const struct key_look *found)
{
    const char *cause;
    struct jwks *jwks = jwks_open(key_text_slice(found->text), NULL, &cause);
    if (jwks)
        adopt(cache, jwks, found->generation);
    else /* it could be read there: only memory is missing here */
        log_error("keys of issuer %s cannot be taken over: %s", cache->source.issuer, cause);
}

static void schedule(struct key_cache *cache, uint32_t wait_ms)
{
    struct timeval wait = {wait_ms / 1000, wait_ms % 1000 * 1000};
    if (event_add(cache->timer, &wait) != 0)
        log_error("out of memory for a timer: keys are not refreshed");
}

static void look(struct key_cache *cache, bool wants_more)
{
    struct key_look found;
    key_table_look(table_of(cache), cache->entry, cache->generation, wants_more, &found);
    if (found.text)
        take_text(cache, &found);
    key_text_release(found.text);
    if (found.fetched_s != cache->fetched_s)
        metrics_keys(cache->worker->metrics, found.fetched_s);
    cache->fetched_s = found.fetched_s;
    cache->usable_until_ms = found.usable_until_ms;
    cache->has_failed = found.has_failed;
    cache->is_coming = found.is_coming;
    if (found.is_due)
        start(cache);
    else if (!found.is_coming)
        schedule(cache, found.wait_ms + TICK_MS);
}

static void on_timer(evutil_socket_t socket, short events, void *context)
{
    (void)socket;
    (void)events;
    look(context, false);
}

static void on_end(void *context)
{
    struct key_cache *cache = context;
    look(cache, false);
    wait_list_wake(&cache->waiting);
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
    if (cache) {
        *cache = (struct key_cache){.worker = worker, .source = *source, .waiting.waker = waker};
        cache->timer = event_new(worker->loop, -1, 0, on_timer, cache);
        cache->bell = bell_open(worker->loop, on_end, cache);
        if (cache->timer && cache->bell)
            cache->entry = key_table_join(table_of(cache), source, cache->bell);
    }
    if (!cache || !cache->entry) {
        log_error("no memory or descriptors at start");
        key_cache_close(cache);
        return NULL;
    }
    look(cache, false);
    return cache;
}

void key_cache_close(struct key_cache *cache)
{
    if (!cache)
        return;
    if (cache->call) {
        upstream_cancel(cache->call);
        key_table_give_up(table_of(cache), cache->entry);
    }
    if (cache->entry)
        key_table_leave(table_of(cache), cache->entry, cache->bell);
    bell_close(cache->bell);
    if (cache->timer)
        event_free(cache->timer);
    wait_list_wake(&cache->waiting); /* so that nobody waits at what is gone */
    jwks_close(cache->jwks);
    free(cache->url);
    free(cache);
}

bool key_cache_is_of(const struct key_cache *cache, const struct key_source *source)
{
    return key_source_equal(&cache->source, source);
}

const struct jwks *key_cache_keys(const struct key_cache *cache)
{
    return cache->jwks && clock_coarse_ms() < cache->usable_until_ms ? cache->jwks : NULL;
}

bool key_cache_is_fetching(const struct key_cache *cache)
{
    return cache->is_coming;
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
    uint64_t generation = cache->generation;
    look(cache, true);
    if (cache->generation != generation)
        bell_ring(cache->bell); /* who misses a key may find it now */
    return cache->is_coming || cache->generation != generation;
}

/*
 * Counting calls in Redis.
 *
 * A bucket is a hash of two numbers. All buckets of a call are looked at and changed by one script,
 * so that a call that one of them refuses takes nothing from the others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/quota/quota.h"

#include <event2/event.h>
#include <netdb.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/observe/log.h"
#include "runtime/quota/redis.h"
#include "runtime/quota/redis_place.h"
#include "runtime/quota/redis_tls.h"

enum {
    ANSWER_MS = 300,    /* for Redis to answer something; a caller waits twice as long at most */
    AGAIN_MS = 1000,    /* between attempts to connect */
    GREETING_MS = 5000, /* for TLS and the first answer of a connection */
    NAME_SIZE = 200,
    DIGEST_SHOWN = 16, /* bytes of a bucket's name: enough that no two meet */
    WAITS_MAX = 4096,  /* questions under way */
    KEYS_MAX = 16,     /* limits of one tool */
};

/* KEYS: buckets. ARGV: for each the calls of a period, its length in ms, the burst. A level is in
 * parts of a call, a period's length for each, as the limiter has it. */
static const char script[] =
    "local t = redis.call('TIME') "
    "local now = t[1] * 1000 + math.floor(t[2] / 1000) "
    "local levels, wait = {}, 0 "
    "for i = 1, #KEYS do "
    "  local count, size = tonumber(ARGV[3*i-2]), tonumber(ARGV[3*i-1]) "
    "  local full = tonumber(ARGV[3*i]) * size "
    "  local found = redis.call('HMGET', KEYS[i], 'level', 'at') "
    "  local level, at = tonumber(found[1]) or full, tonumber(found[2]) or now "
    "  if now > at then level = math.min(full, level + (now - at) * count) end "
    "  levels[i] = math.min(level, full) "
    "  if level < size then wait = math.max(wait, math.ceil((size - level) / count)) end "
    "end "
    "if wait > 0 then return wait end "
    "for i = 1, #KEYS do "
    "  local count, size = tonumber(ARGV[3*i-2]), tonumber(ARGV[3*i-1]) "
    "  local level = levels[i] - size "
    "  redis.call('HMSET', KEYS[i], 'level', level, 'at', now) "
    "  redis.call('PEXPIRE', KEYS[i], "
    "    math.ceil((tonumber(ARGV[3*i]) * size - level) / count) + 1000) "
    "end "
    "return 0";

struct quota {
    const struct worker *worker;
    struct redis_place place;
    struct sockaddr_storage address; /* looked up once: it would block the loop */
    socklen_t address_size;
    SSL_CTX *tls;        /* NULL: plain */
    struct redis *redis; /* NULL: there is none now */
    bool is_ready;       /* connected, and it took the password */
    bool is_away;        /* logged already */
    struct event *again, *overdue;
    bool has_answered;        /* since `overdue` was armed */
    struct quota_wait *waits; /* the newest first */
    uint32_t wait_count;
};

/* What comes back with an answer. A wait may be gone by then. */
struct quota_ticket {
    struct quota_wait *wait;
};

/* ---- waiting ---- */

static void unlink_wait(struct quota_wait *wait)
{
    struct quota *quota = wait->quota;
    if (wait->previous)
        wait->previous->next = wait->next;
    else
        quota->waits = wait->next;
    if (wait->next)
        wait->next->previous = wait->previous;
    wait->is_waiting = false;
    quota->wait_count--;
    if (wait->ticket)
        wait->ticket->wait = NULL;
    wait->ticket = NULL;
}

void quota_cancel(struct quota_wait *wait)
{
    if (wait->is_waiting)
        unlink_wait(wait);
}

static void answer(struct quota_wait *wait, int32_t wait_s)
{
    unlink_wait(wait);
    wait->done(wait->context, wait_s);
}

static void answer_all(struct quota *quota, int32_t wait_s)
{
    while (quota->waits)
        answer(quota->waits, wait_s);
}

static void note_away(struct quota *quota, const char *reason)
{
    if (!quota->is_away)
        log_warning("limits: redis %s port %u is away: %s", quota->place.host,
                    (unsigned)quota->place.port, reason);
    quota->is_away = true;
}

/* ---- the connection ---- */

static void look_again(struct quota *quota, uint32_t delay_ms)
{
    const struct timeval delay = {delay_ms / 1000, delay_ms % 1000 * 1000};
    event_add(quota->again, &delay);
}

static void on_lost(void *context, const char *reason)
{
    struct quota *quota = context;
    quota->redis = NULL;
    quota->is_ready = false;
    note_away(quota, reason);
    look_again(quota, AGAIN_MS);
    answer_all(quota, QUOTA_AWAY);
}

static void give_up(struct quota *quota, const char *reason)
{
    struct redis *redis = quota->redis;
    quota->redis = NULL;
    quota->is_ready = false;
    note_away(quota, reason);
    if (redis)
        redis_close(redis);
    answer_all(quota, QUOTA_AWAY);
    look_again(quota, AGAIN_MS);
}

static void on_greeting(void *context, const redisReply *reply)
{
    struct quota *quota = context;
    if (!quota->redis || !reply)
        return;
    if (reply->type == REDIS_REPLY_ERROR) {
        give_up(quota, reply->str);
        return;
    }
    if (quota->is_away)
        log_info("limits: redis %s port %u is back", quota->place.host,
                 (unsigned)quota->place.port);
    quota->is_ready = true;
    quota->is_away = false;
    event_del(quota->again);
}

/* False: out of memory. */
static bool greet(struct quota *quota)
{
    const struct locked *secret = &quota->worker->server->redis_password;
    const char *password = secret->len ? secret->at : NULL;
    const char *words[3] = {password ? "AUTH" : "PING"};
    int count = 1;
    if (password && quota->place.user[0])
        words[count++] = quota->place.user;
    if (password)
        words[count++] = password;
    return redis_ask(quota->redis, count, words, on_greeting, quota);
}

static void start(struct quota *quota)
{
    const struct redis_events events = {.lost = on_lost, .context = quota};
    SSL *ssl = quota->tls ? redis_tls_new(quota->tls, quota->place.host) : NULL;
    if (!quota->tls || ssl) /* never without TLS where it is wanted */
        quota->redis = redis_open(quota->worker->loop, (const struct sockaddr *)&quota->address,
                                  quota->address_size, ssl, &events);
    if (quota->redis && greet(quota))
        look_again(quota, GREETING_MS);
    else
        give_up(quota, "it cannot be connected to");
}

static void on_again(evutil_socket_t fd, short what, void *context)
{
    struct quota *quota = context;
    (void)fd, (void)what;
    if (!quota->redis)
        start(quota);
    else if (!quota->is_ready)
        give_up(quota, "no greeting in time");
}

static void watch_time(struct quota *quota)
{
    const struct timeval limit = {ANSWER_MS / 1000, ANSWER_MS % 1000 * 1000};
    if (event_add(quota->overdue, &limit) != 0)
        event_active(quota->overdue, EV_TIMEOUT, 0);
}

/* Whether answers still come, looked at from time to time while somebody waits. Without any, nobody
 * waits any longer, and the connection, which may hang, is given up. */
static void on_overdue(evutil_socket_t fd, short what, void *context)
{
    struct quota *quota = context;
    (void)fd, (void)what;
    if (!quota->waits)
        return;
    if (!quota->has_answered) {
        give_up(quota, "no answer in time");
        return;
    }
    quota->has_answered = false;
    watch_time(quota);
}

/* ---- asking ---- */

static void on_answer(void *context, const redisReply *reply)
{
    struct quota_ticket *ticket = context;
    struct quota_wait *wait = ticket->wait;
    free(ticket);
    if (!wait)
        return;
    struct quota *quota = wait->quota;
    wait->ticket = NULL;
    if (!reply || reply->type != REDIS_REPLY_INTEGER || reply->integer < 0) {
        if (reply && reply->type == REDIS_REPLY_ERROR)
            note_away(quota, reply->str);
        answer(wait, QUOTA_AWAY);
        return;
    }
    long long seconds = (reply->integer + 999) / 1000;
    quota->has_answered = true;
    answer(wait, seconds > INT32_MAX ? INT32_MAX : (int32_t)seconds);
}

static bool add_digest(EVP_MD_CTX *digest, struct slice text)
{
    uint64_t size = text.len; /* so that two texts never meet as one */
    return EVP_DigestUpdate(digest, &size, sizeof size) == 1 &&
           (text.len == 0 || EVP_DigestUpdate(digest, text.at, text.len) == 1);
}

/* The bucket's name: the policy's and the limit's in clear, whoever is counted as a digest. The
 * braces keep all of a policy on one node of a cluster. */
static const char *bucket_name(const struct quota *quota, uint32_t index,
                               const struct mcpp_tool *tool, const struct caller *caller,
                               struct pool *pool)
{
    const struct mcpp_policy *policy = quota->worker->server->policy;
    enum mcpp_limit_per per = policy->limits[index].per;
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool done = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1;
    struct slice kind = {(const char *)&caller->kind, sizeof caller->kind};
    if (per == MCPP_PER_TOOL)
        done = done && add_digest(digest, slice_of(tool->name));
    if (per == MCPP_PER_SUBJECT || per == MCPP_PER_CLIENT)
        done = done && add_digest(digest, kind) && add_digest(digest, caller->issuer) &&
               add_digest(digest, per == MCPP_PER_SUBJECT ? caller->subject : caller->client);
    done = done && EVP_DigestFinal_ex(digest, bytes, &size) == 1;
    EVP_MD_CTX_free(digest);
    if (!done)
        return NULL;
    struct text name = {.pool = pool};
    text_add_format(&name, "{mcpp:%.100s}:limit:%u:", policy->name, (unsigned)index);
    for (unsigned i = 0; i < DIGEST_SHOWN; i++)
        text_add_format(&name, "%02x", bytes[i]);
    text_add_byte(&name, '\0');
    return name.failed ? NULL : name.at;
}

static const char *number_text(struct pool *pool, uint64_t number)
{
    struct text text = {.pool = pool};
    text_add_number(&text, number);
    text_add_byte(&text, '\0');
    return text.failed ? NULL : text.at;
}

/* The words of the command; 0 when out of memory. */
static int add_words(const struct quota *quota, const struct mcpp_tool *tool,
                     const struct caller *caller, struct pool *pool, const char **words)
{
    int count = 0, keys = tool->limit_count;
    words[count++] = "EVAL";
    words[count++] = script;
    words[count++] = number_text(pool, (uint64_t)keys);
    for (int i = 0; i < keys; i++)
        words[count++] = bucket_name(quota, tool->limits[i], tool, caller, pool);
    for (int i = 0; i < keys; i++) {
        const struct mcpp_limit *limit = &quota->worker->server->policy->limits[tool->limits[i]];
        words[count++] = number_text(pool, limit->count);
        words[count++] = number_text(pool, (uint64_t)limit->period_s * 1000);
        words[count++] = number_text(pool, limit->burst);
    }
    for (int i = 0; i < count; i++)
        if (!words[i])
            return 0;
    return count;
}

bool quota_ask(struct quota *quota, const struct mcpp_tool *tool, const struct caller *caller,
               struct pool *pool, struct quota_wait *wait)
{
    const char *words[3 + 4 * KEYS_MAX];
    wait->is_waiting = false;
    if (!quota->is_ready || tool->limit_count > KEYS_MAX || quota->wait_count >= WAITS_MAX)
        return false;
    int count = add_words(quota, tool, caller, pool, words);
    struct quota_ticket *ticket = count ? malloc(sizeof *ticket) : NULL;
    if (!ticket)
        return false;
    ticket->wait = wait;
    if (!redis_ask(quota->redis, count, words, on_answer, ticket)) {
        free(ticket);
        return false;
    }
    wait->quota = quota;
    wait->is_waiting = true;
    wait->ticket = ticket;
    if (!event_pending(quota->overdue, EV_TIMEOUT, NULL)) {
        quota->has_answered = true; /* whoever comes later has the same time */
        watch_time(quota);
    }
    wait->previous = NULL;
    wait->next = quota->waits;
    if (wait->next)
        wait->next->previous = wait;
    quota->waits = wait;
    quota->wait_count++;
    return true;
}

/* ---- opening ---- */

static bool resolve(struct quota *quota)
{
    char port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    snprintf(port, sizeof port, "%u", (unsigned)quota->place.port);
    int failed = getaddrinfo(quota->place.host, port, &hints, &found);
    if (failed) {
        log_error("limits-redis %s: %s", quota->place.host, gai_strerror(failed));
        return false;
    }
    memcpy(&quota->address, found->ai_addr, found->ai_addrlen);
    quota->address_size = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

static bool prepare(struct quota *quota)
{
    const struct options *options = &quota->worker->server->options;
    const char *fault = redis_place_read(options->limits_redis, &quota->place);
    if (fault) {
        log_error("limits-redis: %s", fault);
        return false;
    }
    if (quota->place.user[0] && !quota->worker->server->redis_password.len) {
        log_error("limits-redis: user %s has no password: set MCPP_REDIS_PASSWORD",
                  quota->place.user);
        return false;
    }
    if (quota->place.is_secure)
        quota->tls = redis_tls_open(options);
    return (quota->tls || !quota->place.is_secure) && resolve(quota);
}

struct quota *quota_open(const struct worker *worker)
{
    struct quota *quota = calloc(1, sizeof *quota);
    if (!quota)
        goto failed;
    quota->worker = worker;
    quota->again = evtimer_new(worker->loop, on_again, quota);
    quota->overdue = evtimer_new(worker->loop, on_overdue, quota);
    if (!quota->again || !quota->overdue || !prepare(quota))
        goto failed;
    start(quota);
    return quota;
failed:
    log_error("limits over redis cannot be set up");
    quota_close(quota);
    return NULL;
}

void quota_close(struct quota *quota)
{
    if (!quota)
        return;
    while (quota->waits)
        unlink_wait(quota->waits);
    struct redis *redis = quota->redis;
    quota->redis = NULL;
    if (redis)
        redis_close(redis);
    SSL_CTX_free(quota->tls);
    if (quota->again)
        event_free(quota->again);
    if (quota->overdue)
        event_free(quota->overdue);
    free(quota);
}

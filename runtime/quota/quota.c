/*
 * Counting calls in Redis, with hiredis on the loop.
 *
 * A bucket is a hash of two numbers. All buckets of a call are looked at and changed by one script,
 * so that a call that one of them refuses takes nothing from the others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/quota/quota.h"

#include <event2/event.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <netdb.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/observe/log.h"
#include "runtime/quota/redis_loop.h"

enum {
    ANSWER_MS = 300, /* for Redis to answer something; a caller waits twice as long at most */
    AGAIN_MS = 1000, /* between attempts to connect */
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
    struct sockaddr_storage address;
    char host[NI_MAXHOST];
    int port;
    redisAsyncContext *redis; /* NULL: there is none now */
    bool is_ready;            /* connected, and it took the password */
    bool is_away;             /* logged already */
    struct event *again, *overdue;
    bool has_answered;        /* since `overdue` was armed */
    struct quota_wait *waits; /* the newest first */
    uint32_t wait_count;
};

/* What hiredis hands back. A wait may be gone by then. */
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
        log_warning("limits: redis %s port %d is away: %s", quota->host, quota->port, reason);
    quota->is_away = true;
}

/* ---- the connection ---- */

static void connect_soon(struct quota *quota)
{
    const struct timeval delay = {AGAIN_MS / 1000, AGAIN_MS % 1000 * 1000};
    event_add(quota->again, &delay);
}

static void on_lost(const redisAsyncContext *redis, int status)
{
    struct quota *quota = redis->data;
    (void)status;
    if (!quota)
        return;
    quota->redis = NULL; /* hiredis frees it */
    quota->is_ready = false;
    note_away(quota, redis->errstr && redis->errstr[0] ? redis->errstr : "connection closed");
    connect_soon(quota);
    answer_all(quota, QUOTA_AWAY);
}

static void on_connected(const redisAsyncContext *redis, int status)
{
    struct quota *quota = redis->data;
    if (!quota || status == REDIS_OK)
        return;
    quota->redis = NULL;
    note_away(quota, redis->errstr);
    connect_soon(quota);
}

static void on_greeting(redisAsyncContext *redis, void *found, void *context)
{
    struct quota *quota = redis->data;
    const redisReply *reply = found;
    (void)context;
    if (!quota || !reply)
        return;
    if (reply->type == REDIS_REPLY_ERROR) {
        note_away(quota, reply->str);
        redisAsyncDisconnect(redis);
        return;
    }
    if (quota->is_away)
        log_info("limits: redis %s port %d is back", quota->host, quota->port);
    quota->is_ready = true;
    quota->is_away = false;
}

static void greet(struct quota *quota)
{
    const char *password = quota->worker->server->redis_password;
    if (password)
        redisAsyncCommand(quota->redis, on_greeting, NULL, "AUTH %s", password);
    else
        redisAsyncCommand(quota->redis, on_greeting, NULL, "PING");
}

static void start(struct quota *quota)
{
    redisAsyncContext *redis = redisAsyncConnect(quota->host, quota->port);
    if (!redis || redis->err || !redis_loop_attach(redis, quota->worker->loop)) {
        note_away(quota, redis && redis->errstr ? redis->errstr : "out of memory");
        if (redis)
            redisAsyncFree(redis);
        connect_soon(quota);
        return;
    }
    redis->data = quota;
    quota->redis = redis;
    redisAsyncSetConnectCallback(redis, on_connected);
    redisAsyncSetDisconnectCallback(redis, on_lost);
    greet(quota);
}

static void on_again(evutil_socket_t fd, short what, void *context)
{
    struct quota *quota = context;
    (void)fd, (void)what;
    if (!quota->redis)
        start(quota);
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
    redisAsyncContext *redis = quota->redis;
    (void)fd, (void)what;
    if (!quota->waits)
        return;
    if (quota->has_answered) {
        quota->has_answered = false;
        watch_time(quota);
        return;
    }
    note_away(quota, "no answer in time");
    quota->redis = NULL;
    quota->is_ready = false;
    answer_all(quota, QUOTA_AWAY);
    if (redis) {
        redis->data = NULL;
        redisAsyncFree(redis);
        connect_soon(quota);
    }
}

/* ---- asking ---- */

static void on_answer(redisAsyncContext *redis, void *found, void *context)
{
    struct quota_ticket *ticket = context;
    struct quota_wait *wait = ticket->wait;
    const redisReply *reply = found;
    struct quota *quota = redis->data;
    free(ticket);
    if (!wait)
        return;
    wait->ticket = NULL;
    if (!reply || reply->type != REDIS_REPLY_INTEGER || reply->integer < 0) {
        if (quota && reply && reply->type == REDIS_REPLY_ERROR)
            note_away(quota, reply->str);
        answer(wait, QUOTA_AWAY);
        return;
    }
    long long seconds = (reply->integer + 999) / 1000;
    if (quota)
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
    if (redisAsyncCommandArgv(quota->redis, on_answer, ticket, count, words, NULL) != REDIS_OK) {
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

/* The address is looked up once: hiredis would block the loop with it. */
static bool resolve(struct quota *quota, const char *place)
{
    char name[NI_MAXHOST], port[NI_MAXSERV];
    const char *colon = strrchr(place, ':');
    size_t size = colon ? (size_t)(colon - place) : 0;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    if (size >= 2 && place[0] == '[' && place[size - 1] == ']') {
        place++;
        size -= 2;
    }
    if (!size || size >= sizeof name)
        return false;
    memcpy(name, place, size);
    name[size] = '\0';
    int failed = getaddrinfo(name, colon + 1, &hints, &found);
    if (failed) {
        log_error("limits-redis %s: %s", name, gai_strerror(failed));
        return false;
    }
    failed = getnameinfo(found->ai_addr, found->ai_addrlen, quota->host, sizeof quota->host, port,
                         sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    freeaddrinfo(found);
    quota->port = (int)strtol(port, NULL, 10);
    return failed == 0;
}

struct quota *quota_open(const struct worker *worker)
{
    struct quota *quota = calloc(1, sizeof *quota);
    if (!quota)
        goto failed;
    quota->worker = worker;
    quota->again = evtimer_new(worker->loop, on_again, quota);
    quota->overdue = evtimer_new(worker->loop, on_overdue, quota);
    if (!quota->again || !quota->overdue || !resolve(quota, worker->server->options.limits_redis))
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
    if (quota->redis) {
        quota->redis->data = NULL;
        redisAsyncFree(quota->redis);
    }
    if (quota->again)
        event_free(quota->again);
    if (quota->overdue)
        event_free(quota->overdue);
    free(quota);
}

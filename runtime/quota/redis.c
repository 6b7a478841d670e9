/*
 * A connection to Redis.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/quota/redis.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/util.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>

#include "runtime/memory/secret.h"

struct question {
    struct question *next;
    void (*answered)(void *context, const redisReply *reply);
    void *context;
};

struct redis {
    struct bufferevent *stream;
    redisReader *reader;
    struct redis_events events;
    struct question *first, **last; /* in the order of their answers */
    bool is_inside;                 /* of a question's function */
    bool is_over;                   /* takes no more questions */
};

static void answer_first(struct redis *redis, const redisReply *reply)
{
    struct question *question = redis->first;
    redis->first = question->next;
    if (!redis->first)
        redis->last = &redis->first;
    redis->is_inside = true;
    question->answered(question->context, reply);
    redis->is_inside = false;
    free(question);
}

static void release(struct redis *redis)
{
    redis->is_over = true;
    while (redis->first)
        answer_first(redis, NULL);
    bufferevent_free(redis->stream);
    redisReaderFree(redis->reader);
    free(redis);
}

void redis_close(struct redis *redis)
{
    if (redis->is_inside)
        redis->is_over = true; /* whoever called the function goes on from there */
    else
        release(redis);
}

static void lose(struct redis *redis, const char *reason)
{
    struct redis_events events = redis->events;
    release(redis);
    events.lost(events.context, reason);
}

/* False: the connection is gone. */
static bool take_replies(struct redis *redis)
{
    void *reply = NULL;
    while (redisReaderGetReply(redis->reader, &reply) == REDIS_OK && reply) {
        if (!redis->first) {
            freeReplyObject(reply);
            lose(redis, "an answer to no question");
            return false;
        }
        answer_first(redis, reply);
        freeReplyObject(reply);
        reply = NULL;
        if (redis->is_over) {
            release(redis);
            return false;
        }
    }
    if (!redis->reader->err)
        return true;
    lose(redis, "an answer that is not Redis'");
    return false;
}

static void on_readable(struct bufferevent *stream, void *context)
{
    struct redis *redis = context;
    struct evbuffer *input = bufferevent_get_input(stream);
    size_t size;
    while ((size = evbuffer_get_contiguous_space(input)) > 0) {
        const char *bytes = (const char *)evbuffer_pullup(input, (ev_ssize_t)size);
        if (redisReaderFeed(redis->reader, bytes, size) != REDIS_OK) {
            lose(redis, "out of memory");
            return;
        }
        evbuffer_drain(input, size);
        if (!take_replies(redis))
            return;
    }
}

static const char *fault_of(struct bufferevent *stream, short what)
{
    const SSL *ssl = bufferevent_openssl_get_ssl(stream);
    long verified = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
    if (verified != X509_V_OK)
        return X509_verify_cert_error_string(verified);
    unsigned long error = ssl ? bufferevent_get_openssl_error(stream) : 0;
    if (error && ERR_reason_error_string(error))
        return ERR_reason_error_string(error);
    if (what & BEV_EVENT_EOF || !EVUTIL_SOCKET_ERROR())
        return "connection closed";
    return evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR());
}

static void on_event(struct bufferevent *stream, short what, void *context)
{
    int on = 1; /* questions go out one by one */
    if (what & BEV_EVENT_CONNECTED) {
        setsockopt(bufferevent_getfd(stream), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return;
    }
    const char *reason = fault_of(stream, what);
    ERR_clear_error();
    lose(context, reason);
}

static struct bufferevent *open_stream(struct event_base *loop, SSL *ssl)
{
    if (!ssl)
        return bufferevent_socket_new(loop, -1, BEV_OPT_CLOSE_ON_FREE);
    /* frees `ssl` when it fails */
    return bufferevent_openssl_socket_new(loop, -1, ssl, BUFFEREVENT_SSL_CONNECTING,
                                          BEV_OPT_CLOSE_ON_FREE);
}

struct redis *redis_open(struct event_base *loop, const struct sockaddr *address, socklen_t size,
                         SSL *ssl, const struct redis_events *events)
{
    struct redis *redis = calloc(1, sizeof *redis);
    struct bufferevent *stream = open_stream(loop, ssl);
    redisReader *reader = redisReaderCreate();
    /* without functions as yet: a fault at once is told by the result */
    if (redis && stream && reader && bufferevent_socket_connect(stream, address, (int)size) == 0 &&
        bufferevent_enable(stream, EV_READ | EV_WRITE) == 0) {
        *redis = (struct redis){
            .stream = stream, .reader = reader, .events = *events, .last = &redis->first};
        bufferevent_setcb(stream, on_readable, NULL, on_event, redis);
        return redis;
    }
    if (stream)
        bufferevent_free(stream);
    if (reader)
        redisReaderFree(reader);
    free(redis);
    return NULL;
}

bool redis_ask(struct redis *redis, int count, const char **words,
               void (*answered)(void *context, const redisReply *reply), void *context)
{
    char *command = NULL;
    struct question *question = redis->is_over ? NULL : malloc(sizeof *question);
    long long size = question ? redisFormatCommandArgv(&command, count, words, NULL) : -1;
    bool done =
        size > 0 && evbuffer_add(bufferevent_get_output(redis->stream), command, (size_t)size) == 0;
    if (size > 0) {
        secret_wipe(command, (size_t)size); /* it may be the one with the password */
        redisFreeCommand(command);
    }
    if (!done) {
        free(question);
        return false;
    }
    *question = (struct question){.answered = answered, .context = context};
    *redis->last = question;
    redis->last = &question->next;
    return true;
}

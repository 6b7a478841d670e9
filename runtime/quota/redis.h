/*
 * One connection to a Redis on the worker's loop, plain or over TLS: commands out, answers in the
 * same order. hiredis writes and reads the protocol; the bytes are libevent's, because hiredis 0.14
 * has no TLS. Knows nothing of what is asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef QUOTA_REDIS_H
#define QUOTA_REDIS_H

#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>

struct event_base;
struct redis;

struct redis_events {
    /* The connection is over and gone; every question was answered with NULL before. */
    void (*lost)(void *context, const char *reason);
    void *context;
};

/* Connects in the background; questions may be asked at once. Takes `ssl` (NULL: plain) in any
 * case. NULL: out of memory, or there is no way to the address. */
struct redis *redis_open(struct event_base *loop, const struct sockaddr *address, socklen_t size,
                         SSL *ssl, const struct redis_events *events);

/* Ends it; questions are answered with NULL, `lost` is not called. May be called from both. */
void redis_close(struct redis *redis);

/* `answered` is called once, with NULL when the connection is lost or closed; the reply is gone
 * after it. False: it will not be called. */
bool redis_ask(struct redis *redis, int count, const char **words,
               void (*answered)(void *context, const redisReply *reply), void *context);

#endif

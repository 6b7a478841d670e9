/*
 * The PROXY protocol's header on connections that were just accepted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/arrival.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grammar/proxy.h"
#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/shared.h"
#include "runtime/transport/connection.h"
#include "runtime/transport/forwarded.h"

struct arrival {
    struct http *http;
    struct arrival *next, *previous;
    struct event readable, timer;
    int fd;
    struct sockaddr_storage peer;
    size_t size; /* bytes of the header that were taken */
    unsigned char bytes[PROXY_HEADER_MAX];
};

static const struct options *options_of(const struct http *http)
{
    return &http->worker->server->options;
}

static struct shared *shared_of(const struct http *http)
{
    return http->worker->server->shared;
}

/* Gives the socket back. */
static int leave(struct arrival *arrival)
{
    struct http *http = arrival->http;
    int fd = arrival->fd;
    event_del(&arrival->readable);
    event_del(&arrival->timer);
    if (arrival->next)
        arrival->next->previous = arrival->previous;
    if (arrival->previous)
        arrival->previous->next = arrival->next;
    else
        http->arrivals = arrival->next;
    atomic_fetch_sub(&shared_of(http)->connections, 1);
    free(arrival);
    return fd;
}

static void refuse(const struct sockaddr *peer, const char *reason)
{
    char text[ADDRESS_TEXT_SIZE];
    log_info("%s: closed: %s", address_text(peer, text), reason);
}

static void give_up(struct arrival *arrival, const char *reason)
{
    metrics_count(arrival->http->worker->metrics, METRIC_HANDSHAKES_FAILED);
    refuse((const struct sockaddr *)&arrival->peer, reason);
    close(leave(arrival));
}

/* The proxy passes headers on as they came, so X-Forwarded-* is believed only if the source is
 * another proxy that is trusted. */
static void hand_over(struct arrival *arrival, const struct proxy_header *header)
{
    struct http *http = arrival->http;
    struct sockaddr_storage from = header->has_source ? header->source : arrival->peer;
    bool is_proxy = header->has_source && forwarded_is_trusted(options_of(http)->trusted_proxies,
                                                               (const struct sockaddr *)&from);
    int fd = leave(arrival);
    connection_accept(http, fd, (const struct sockaddr *)&from, is_proxy);
}

/* Takes what belongs to the header and leaves the rest in the socket. */
static void on_readable(evutil_socket_t fd, short what, void *context)
{
    struct arrival *arrival = context;
    struct proxy_header header;
    unsigned char *end = arrival->bytes + arrival->size;
    ssize_t seen = recv(fd, end, sizeof arrival->bytes - arrival->size, MSG_PEEK);
    (void)what;
    if (seen < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (seen <= 0) {
        give_up(arrival, "it ended before a whole PROXY header");
        return;
    }
    enum proxy_scanned found = proxy_scan(arrival->bytes, arrival->size + (size_t)seen, &header);
    size_t wanted = found == PROXY_WHOLE ? header.size - arrival->size : (size_t)seen;
    if (found == PROXY_BAD)
        give_up(arrival, "it begins with no right PROXY header");
    else if (recv(fd, end, wanted, 0) != (ssize_t)wanted)
        give_up(arrival, "its PROXY header cannot be read");
    else if (found == PROXY_WHOLE)
        hand_over(arrival, &header);
    else
        arrival->size += wanted;
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    give_up(context, "no PROXY header within limit-read-ms");
}

static struct arrival *open_arrival(struct http *http, int fd, const struct sockaddr *peer)
{
    uint32_t limit_ms = options_of(http)->limits.read_ms;
    const struct timeval limit = {limit_ms / 1000, limit_ms % 1000 * 1000};
    struct event_base *loop = http->worker->loop;
    struct arrival *arrival = calloc(1, sizeof *arrival);
    if (!arrival)
        return NULL;
    arrival->http = http;
    arrival->fd = fd;
    memcpy(&arrival->peer, peer,
           peer->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
    event_assign(&arrival->readable, loop, fd, EV_READ | EV_PERSIST, on_readable, arrival);
    event_assign(&arrival->timer, loop, -1, 0, on_timer, arrival);
    if (event_add(&arrival->readable, NULL) != 0 || event_add(&arrival->timer, &limit) != 0) {
        event_del(&arrival->readable);
        free(arrival);
        return NULL;
    }
    arrival->next = http->arrivals;
    if (http->arrivals)
        http->arrivals->previous = arrival;
    http->arrivals = arrival;
    atomic_fetch_add(&shared_of(http)->connections, 1);
    return arrival;
}

void arrival_accept(struct http *http, int fd, const struct sockaddr *peer)
{
    const struct options *options = options_of(http);
    bool is_trusted = forwarded_is_trusted(options->trusted_proxies, peer);
    if (!is_trusted)
        refuse(peer, "no trusted proxy, and only those are listened to");
    /* as connection_accept has it: beyond that there is not even a refusal */
    bool has_room = atomic_load(&shared_of(http)->connections) / 2 < options->limits.connections;
    if (!is_trusted || !has_room || !open_arrival(http, fd, peer))
        close(fd);
}

void arrival_close_all(struct http *http)
{
    while (http->arrivals)
        close(leave(http->arrivals));
}

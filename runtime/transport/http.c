/*
 * The HTTP listener.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/observe/log.h"
#include "runtime/transport/arrival.h"
#include "runtime/transport/compress.h"
#include "runtime/transport/connection.h"
#include "runtime/transport/forwarded.h"
#include "runtime/transport/listener.h"

enum { BACKLOG = 1024, ACCEPT_PAUSE_MS = 500 };

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
                      int peer_size, void *context)
{
    struct http *http = context;
    const struct options *options = &http->worker->server->options;
    (void)listener, (void)peer_size;
    if (options->proxy_protocol && http->loop)
        arrival_accept(http, fd, peer);
    else
        connection_accept(http, fd, peer, forwarded_is_trusted(options->trusted_proxies, peer));
}

/* Out of file descriptors: the waiting connection would wake the loop again and again. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
    struct http *http = context;
    log_warning("a connection cannot be accepted: %s", strerror(errno));
    evconnlistener_disable(listener);
    struct timeval delay = {0, ACCEPT_PAUSE_MS * 1000};
    event_add(http->accept_again, &delay);
}

static void on_accept_again(evutil_socket_t fd, short what, void *context)
{
    struct http *http = context;
    (void)fd, (void)what;
    if (http->listener)
        evconnlistener_enable(http->listener);
}

static void on_stop(void *context)
{
    struct http *http = context;
    http->is_stopping = true;
    evconnlistener_free(http->listener);
    http->listener = NULL;
    arrival_close_all(http);
    for (struct connection *next, *at = http->connections; at; at = next) {
        next = at->next;
        connection_stop(at);
    }
    if (!http->connections)
        loop_end(http->loop);
}

void http_log_place(const struct http *http)
{
    const struct options *options = &http->worker->server->options;
    bool is_six = strchr(options->host, ':');
    log_info("listening on http%s://%s%s%s:%u%s (%s)", options->tls_cert ? "s" : "",
             is_six ? "[" : "", options->host, is_six ? "]" : "",
             (unsigned)listener_port(evconnlistener_get_fd(http->listener)), options->path,
             options->validate_tokens ? "tokens are validated"
                                      : "forwarding: callers need no token");
}

void http_reload(struct http *http)
{
    if (http->tls && !tls_reload(http->tls, http->worker->server))
        log_error("the certificates stay as they were");
}

/* Takes the socket. */
static bool listen_on(struct http *http, int fd)
{
    struct event_base *loop = http->worker->loop;
    http->accept_again = evtimer_new(loop, on_accept_again, http);
    http->listener = evconnlistener_new(loop, on_accept, http,
                                        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, fd);
    if (http->listener)
        evconnlistener_set_error_cb(http->listener, on_accept_error);
    else
        close(fd);
    if (http->accept_again && http->listener)
        return true;
    log_error("the listener cannot be set up: %s", strerror(errno));
    return false;
}

static struct http *open_on(const struct worker *worker, struct loop *loop, int fd)
{
    struct http *http = calloc(1, sizeof *http);
    if (!http) {
        log_error("out of memory at start");
        close(fd);
        return NULL;
    }
    http->worker = worker;
    http->loop = loop;
    http->direct = evbuffer_new(); /* without it answers take the long way */
    bool done = listen_on(http, fd);
    if (done && loop && worker->server->options.tls_cert) {
        http->tls = tls_open(worker->server);
        done = http->tls; /* never without: that would be plain HTTP */
    }
    if (done)
        return http;
    http_close(http);
    return NULL;
}

struct http *http_open(const struct worker *worker, struct loop *loop, int fd)
{
    struct http *http = open_on(worker, loop, fd);
    if (http)
        loop_on_stop(loop, on_stop, http);
    return http;
}

struct http *http_open_internal(const struct worker *worker, int fd)
{
    return open_on(worker, NULL, fd);
}

void http_close(struct http *http)
{
    if (!http)
        return;
    if (http->loop)
        loop_on_stop(http->loop, NULL, NULL);
    arrival_close_all(http);
    while (http->connections)
        connection_free(http->connections);
    if (http->listener)
        evconnlistener_free(http->listener);
    if (http->accept_again)
        event_free(http->accept_again);
    while (http->spare_count)
        pool_close(http->spare[--http->spare_count]);
    tls_close(http->tls);
    if (http->direct)
        evbuffer_free(http->direct);
    compress_close(http->compress);
    free(http);
}

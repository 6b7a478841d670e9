/*
 * The HTTP listener.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/http.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/observe/log.h"
#include "runtime/transport/connection.h"

enum { BACKLOG = 1024, ACCEPT_PAUSE_MS = 500 };

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
                      int peer_size, void *context)
{
    (void)listener, (void)peer_size;
    connection_accept(context, fd, peer);
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
    for (struct connection *next, *at = http->connections; at; at = next) {
        next = at->next;
        connection_stop(at);
    }
    if (!http->connections)
        loop_end(http->loop);
}

/* A socket that is bound, or -1 and a logged reason. */
static int bind_socket(const struct options *options)
{
    struct sockaddr_storage address;
    socklen_t size;
    const char *reason;
    if (!address_resolve(options->host, options->port, &address, &size, &reason)) {
        log_error("host %s: %s", options->host, reason);
        return -1;
    }
    /* a name may stand for another address than it did when the options were read */
    if (!options->validate_tokens && !options->allow_unauthenticated &&
        !address_is_loopback((const struct sockaddr *)&address)) {
        log_error("host %s is no loopback address", options->host);
        return -1;
    }
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)&address, size) == 0)
        return fd;
    log_error("host %s port %u cannot be listened on: %s", options->host, (unsigned)options->port,
              strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* One line that people and programs look for. */
static void log_place(const struct options *options, int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    getsockname(fd, (struct sockaddr *)&address, &size);
    bool is_six = strchr(options->host, ':');
    log_info("listening on http%s://%s%s%s:%u%s", options->tls_cert ? "s" : "", is_six ? "[" : "",
             options->host, is_six ? "]" : "",
             (unsigned)address_port((const struct sockaddr *)&address), options->path);
}

struct http *http_open(const struct worker *worker, struct loop *loop)
{
    struct http *http = calloc(1, sizeof *http);
    int fd = http ? bind_socket(&worker->server->options) : -1;
    if (fd < 0)
        goto failed;
    http->worker = worker;
    http->loop = loop;
    if (worker->server->options.tls_cert) {
        http->tls = tls_open(worker->server);
        if (!http->tls) { /* never without: that would be plain HTTP */
            close(fd);
            goto failed;
        }
    }
    http->accept_again = evtimer_new(worker->loop, on_accept_again, http);
    http->listener = evconnlistener_new(worker->loop, on_accept, http,
                                        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, fd);
    if (!http->accept_again || !http->listener) {
        log_error("the listener cannot be set up: %s", strerror(errno));
        if (!http->listener)
            close(fd);
        goto failed;
    }
    evconnlistener_set_error_cb(http->listener, on_accept_error);
    loop_on_stop(loop, on_stop, http);
    log_place(&worker->server->options, fd);
    return http;
failed:
    http_close(http);
    return NULL;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    if (http->loop)
        loop_on_stop(http->loop, NULL, NULL);
    while (http->connections)
        connection_free(http->connections);
    if (http->listener)
        evconnlistener_free(http->listener);
    if (http->accept_again)
        event_free(http->accept_again);
    while (http->spare_count)
        pool_close(http->spare[--http->spare_count]);
    tls_close(http->tls);
    free(http);
}

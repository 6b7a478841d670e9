/*
 * Workers in threads.
 *
 * Everything is opened before the first thread starts and closed after the last one is joined, so
 * that opening and closing need no locks. While they run, workers share what is constant, and hear
 * from each other through loop_tell only. After SIGHUP a worker exchanges its server for another
 * one, from its own loop; the former stays until the end, since requests may still look at it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/crew.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/oauth2/oauth2.h"
#include "runtime/oauth2/token_store.h"
#include "runtime/observe/audit.h"
#include "runtime/observe/log.h"
#include "runtime/options_reload.h"
#include "runtime/protocol/subscriptions.h"
#include "runtime/sandbox.h"
#include "runtime/service.h"
#include "runtime/shared.h"
#include "runtime/transport/http.h"
#include "runtime/transport/listener.h"
#include "runtime/transport/loop.h"
#include "runtime/transport/stdio.h"

enum { SIGNAL_COUNT = 3 };

struct member {
    struct crew *crew;
    struct worker worker;
    struct loop *loop;
    struct http *http;
    struct http *internal; /* at --metrics-address; the first worker's */
    struct stdio *stdio;
    pthread_t thread;
    bool has_thread, has_failed;
};

/* A server whose options were read again. */
struct generation {
    struct generation *previous;
    struct mcpp_server server;
};

struct crew {
    _Atomic(const struct mcpp_server *) server; /* the newest */
    const struct crew_source *source;
    struct generation *generations;
    struct event *signals[SIGNAL_COUNT], *watchdog;
    bool is_stopping;
    uint32_t count;
    struct member members[];
};

static void tell_all(struct crew *crew, enum loop_order order)
{
    for (uint32_t i = 0; i < crew->count; i++)
        if (crew->members[i].loop)
            loop_tell(crew->members[i].loop, order);
}

/* ---- signals, in the first worker's loop ---- */

static void reload(struct crew *crew)
{
    const struct mcpp_server *old = atomic_load(&crew->server);
    struct generation *made = malloc(sizeof *made);
    log_info("SIGHUP: reading options, certificates and log files again");
    log_reopen();
    audit_reopen();
    if (!made) {
        log_error("out of memory: everything stays as it was");
        return;
    }
    made->server = *old;
    if (!crew->source->read_again(crew->source->context, &made->server.options)) {
        log_error("the options stay as they were");
        free(made);
        tell_all(crew, LOOP_RELOAD); /* the certificates are looked at all the same */
        return;
    }
    options_keep(&old->options, &made->server.options);
    log_set_level(made->server.options.log_level);
    made->previous = crew->generations;
    crew->generations = made;
    atomic_store(&crew->server, &made->server);
    tell_all(crew, LOOP_RELOAD);
    subscriptions_announce(&made->server);
}

static void on_hangup(evutil_socket_t number, short what, void *context)
{
    struct crew *crew = context;
    (void)number, (void)what;
    if (crew->is_stopping)
        return;
    service_notify_reloading();
    reload(crew);
    service_notify("READY=1");
}

static void on_stop_signal(evutil_socket_t number, short what, void *context)
{
    struct crew *crew = context;
    (void)what;
    if (!crew->is_stopping) {
        log_info("stopping: %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
        service_notify("STOPPING=1");
    }
    atomic_store(&atomic_load(&crew->server)->shared->is_stopping, true);
    tell_all(crew, crew->is_stopping ? LOOP_END : LOOP_STOP);
    crew->is_stopping = true;
}

static void on_watchdog(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what, (void)context;
    service_notify("WATCHDOG=1");
}

static bool watch_signals(struct crew *crew)
{
    static const int numbers[SIGNAL_COUNT] = {SIGTERM, SIGINT, SIGHUP};
    struct event_base *loop = crew->members[0].worker.loop;
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        crew->signals[i] =
            evsignal_new(loop, numbers[i], numbers[i] == SIGHUP ? on_hangup : on_stop_signal, crew);
        if (!crew->signals[i] || event_add(crew->signals[i], NULL) != 0)
            return false;
    }
    uint32_t often_ms = service_watchdog_ms();
    if (!often_ms)
        return true;
    struct timeval often = {often_ms / 1000, often_ms % 1000 * 1000};
    crew->watchdog = event_new(loop, -1, EV_PERSIST, on_watchdog, NULL);
    return crew->watchdog && event_add(crew->watchdog, &often) == 0;
}

/* ---- opening ---- */

static void on_reload(void *context)
{
    struct member *member = context;
    member->worker.server = atomic_load(&member->crew->server);
    if (member->http)
        http_reload(member->http);
}

/* The member's listening socket. Those that were handed over are spread; without any, each worker
 * has its own on the same port. */
static int open_socket(struct crew *crew, uint32_t index, unsigned handed_over, uint16_t *port)
{
    const struct options *options = &crew->members[0].worker.server->options;
    if (handed_over) {
        int fd = SERVICE_FIRST_SOCKET + (int)(index % handed_over);
        return listener_is_allowed(options, fd) ? fcntl(fd, F_DUPFD_CLOEXEC, fd) : -1;
    }
    int fd = listener_bind(options, *port, crew->count > 1);
    if (fd >= 0)
        *port = listener_port(fd);
    return fd;
}

/* Plain HTTP for those who watch over the server. It stays until the very end, and tells that the
 * server is stopping. */
static bool open_internal(struct member *member)
{
    const struct options *options = &member->worker.server->options;
    char host[LISTENER_HOST_SIZE];
    uint16_t port;
    if (!options->metrics_address)
        return true;
    if (!listener_split(options->metrics_address, host, &port))
        return false;
    int fd = listener_bind_internal(host, port);
    member->internal = fd < 0 ? NULL : http_open_internal(&member->worker, fd);
    if (!member->internal)
        return false;
    log_info("metrics on http://%s port %u", host, (unsigned)listener_port(fd));
    return true;
}

static bool open_http(struct crew *crew)
{
    const struct options *options = &crew->members[0].worker.server->options;
    unsigned handed_over = service_take_sockets();
    uint16_t port = options->port;
    for (uint32_t i = 0; i < crew->count; i++) {
        struct member *member = &crew->members[i];
        int fd = open_socket(crew, i, handed_over, &port);
        member->http = fd < 0 ? NULL : http_open(&member->worker, member->loop, fd);
        if (!member->http)
            return false;
    }
    for (unsigned i = 0; i < handed_over; i++)
        close(SERVICE_FIRST_SOCKET + (int)i);
    if (!open_internal(&crew->members[0]))
        return false;
    http_log_place(crew->members[0].http);
    return true;
}

static bool open_members(struct crew *crew, const struct mcpp_server *server)
{
    for (uint32_t i = 0; i < crew->count; i++) {
        struct member *member = &crew->members[i];
        member->crew = crew;
        member->loop = loop_open(server->options.limits.drain_ms);
        if (!member->loop || !worker_open(&member->worker, server, i, loop_base(member->loop)))
            return false;
        loop_on_reload(member->loop, on_reload, member);
        if (i > 0)
            loop_hold(crew->members[0].loop); /* for the signals, until all are done */
    }
    if (!watch_signals(crew)) {
        log_error("out of memory at start");
        return false;
    }
    if (server->options.transport == TRANSPORT_HTTP)
        return open_http(crew);
    crew->members[0].stdio = stdio_open(&crew->members[0].worker, crew->members[0].loop);
    return crew->members[0].stdio != NULL;
}

static void close_members(struct crew *crew)
{
    for (int i = 0; i < SIGNAL_COUNT; i++)
        if (crew->signals[i])
            event_free(crew->signals[i]);
    if (crew->watchdog)
        event_free(crew->watchdog);
    for (uint32_t i = 0; i < crew->count; i++) {
        struct member *member = &crew->members[i];
        http_close(member->http);
        http_close(member->internal);
        stdio_close(member->stdio);
        worker_close(&member->worker);
        loop_close(member->loop);
    }
}

/* ---- running ---- */

static void *run_member(void *context)
{
    struct member *member = context;
    struct crew *crew = member->crew;
    member->has_failed = !loop_run(member->loop);
    if (member->has_failed)
        tell_all(crew, LOOP_STOP);
    loop_tell(crew->members[0].loop, LOOP_RELEASE);
    return NULL;
}

/* Signals are the first worker's: its threads start with all of them blocked. */
static bool start_threads(struct crew *crew)
{
    sigset_t all, before;
    int failed = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    for (uint32_t i = 1; i < crew->count && !failed; i++) {
        struct member *member = &crew->members[i];
        failed = pthread_create(&member->thread, NULL, run_member, member);
        member->has_thread = failed == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed)
        log_error("a worker's thread cannot start: %s", strerror(failed));
    return failed == 0;
}

static bool run(struct crew *crew)
{
    bool done = start_threads(crew);
    if (done)
        service_notify("READY=1");
    done = done && loop_run(crew->members[0].loop);
    tell_all(crew, LOOP_END); /* they have ended, or must */
    for (uint32_t i = 1; i < crew->count; i++) {
        if (crew->members[i].has_thread)
            pthread_join(crew->members[i].thread, NULL);
        done = done && !crew->members[i].has_failed;
    }
    return done;
}

uint32_t crew_size(const struct options *options)
{
    cpu_set_t processors;
    if (options->transport != TRANSPORT_HTTP)
        return 1;
    if (options->workers)
        return options->workers;
    return sched_getaffinity(0, sizeof processors, &processors) == 0
               ? (uint32_t)CPU_COUNT(&processors)
               : 1;
}

bool crew_run(const struct mcpp_server *server, const struct crew_source *source)
{
    uint32_t count = crew_size(&server->options);
    struct crew *crew = calloc(1, sizeof *crew + count * sizeof crew->members[0]);
    if (!crew) {
        log_error("out of memory at start");
        return false;
    }
    crew->count = count;
    crew->source = source;
    atomic_init(&crew->server, server);
    bool done = open_members(crew, server) &&
                (!server->options.sandbox ||
                 sandbox_enter(&server->options, token_store_path(oauth2_store(server->oauth2)))) &&
                run(crew);
    close_members(crew);
    while (crew->generations) {
        struct generation *made = crew->generations;
        crew->generations = made->previous;
        options_close(&made->server.options);
        free(made);
    }
    free(crew);
    return done;
}

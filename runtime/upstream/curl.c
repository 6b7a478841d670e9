/*
 * The upstream on libcurl's multi interface, driven by the loop. Many transfers in one multi handle
 * cost dearly, so that only some are under way and the others wait in line (DESIGN: 32-46 instead
 * of 77-177 us a call at 1,000 callers). libcurl is set up at the first request: a server that is
 * only listed from starts without it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/upstream/upstream.h"

#include <pthread.h>
#include <stdlib.h>

#include "runtime/memory/reserve.h"
#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/shared.h"
#include "runtime/upstream/transfer.h"
#include "runtime/upstream/watch.h"

enum call_state {
    CALL_WAITING, /* in line */
    CALL_RUNNING, /* libcurl has it */
    CALL_FAILED,  /* `done` comes from the loop */
};

struct upstream_call {
    struct upstream_call *next, *previous;
    struct upstream *upstream;
    const struct upstream_request *request;
    upstream_done *done;
    void *context;
    enum call_state state;
    enum upstream_outcome failure; /* CALL_FAILED */
    const char *detail;
    uint64_t deadline_ms, start_us;
    struct event *timer; /* waiting: too long; failed: at once */
    struct transfer transfer;
};

struct call_list {
    struct upstream_call *first, *last;
    uint32_t count;
};

struct upstream {
    struct event_base *loop;
    const char *ca_file;
    uint32_t running_max, waiting_max, usual_timeout_ms;
    CURLM *multi; /* NULL until the first request */
    struct event *timer;
    struct watch_table watches;
    struct budget *budget;
    struct metrics *metrics;
    struct call_list waiting, running, failed;
    struct call_list idle; /* to be used again */
};

/* ---- lists ---- */

static void note_count(struct call_list *list, struct upstream_call *call, int change)
{
    list->count += (uint32_t)change;
    if (list == &call->upstream->running)
        metrics_add(call->upstream->metrics, METRIC_BACKEND_RUNNING, change);
    if (list == &call->upstream->waiting)
        metrics_add(call->upstream->metrics, METRIC_BACKEND_WAITING, change);
}

static void list_append(struct call_list *list, struct upstream_call *call)
{
    call->next = NULL;
    call->previous = list->last;
    *(list->last ? &list->last->next : &list->first) = call;
    list->last = call;
    note_count(list, call, 1);
}

static void list_remove(struct call_list *list, struct upstream_call *call)
{
    *(call->previous ? &call->previous->next : &list->first) = call->next;
    *(call->next ? &call->next->previous : &list->last) = call->previous;
    note_count(list, call, -1);
}

static struct call_list *list_of(struct upstream_call *call)
{
    switch (call->state) {
    case CALL_WAITING:
        return &call->upstream->waiting;
    case CALL_RUNNING:
        return &call->upstream->running;
    case CALL_FAILED:
        break;
    }
    return &call->upstream->failed;
}

/* ---- calls come and go ---- */

static void free_call(struct upstream_call *call)
{
    transfer_close(&call->transfer);
    if (call->timer)
        event_free(call->timer);
    free(call);
}

static void on_call_timer(evutil_socket_t socket, short events, void *context);

static struct upstream_call *take_call(struct upstream *upstream)
{
    struct upstream_call *call = upstream->idle.last;
    if (call) {
        list_remove(&upstream->idle, call);
        return call;
    }
    call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    call->upstream = upstream;
    call->transfer.ca_file = upstream->ca_file;
    call->transfer.budget = upstream->budget;
    call->timer = event_new(upstream->loop, -1, 0, on_call_timer, call);
    if (call->timer)
        return call;
    free(call);
    return NULL;
}

static void give_back(struct upstream_call *call)
{
    struct upstream *upstream = call->upstream;
    transfer_clear(&call->transfer);
    if (upstream->idle.count < upstream->running_max)
        list_append(&upstream->idle, call);
    else
        free_call(call);
}

static bool arm(struct event *timer, uint64_t ms)
{
    struct timeval wait = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};
    return event_add(timer, &wait) == 0;
}

/* Takes the call out of everything but its own memory. */
static void detach(struct upstream_call *call)
{
    event_del(call->timer);
    list_remove(list_of(call), call);
    if (call->state == CALL_RUNNING)
        curl_multi_remove_handle(call->upstream->multi, call->transfer.easy);
}

static void count(struct upstream_call *call, enum upstream_outcome outcome)
{
    static const enum metric metrics[] = {
        [UPSTREAM_ANSWERED] = METRIC_BACKEND_ANSWERED,
        [UPSTREAM_UNREACHABLE] = METRIC_BACKEND_UNREACHABLE,
        [UPSTREAM_TIMEOUT] = METRIC_BACKEND_TIMEOUT,
        [UPSTREAM_TOO_LARGE] = METRIC_BACKEND_BROKEN,
        [UPSTREAM_BROKEN] = METRIC_BACKEND_BROKEN,
        [UPSTREAM_OVERLOADED] = METRIC_BACKEND_OVERLOADED,
        [UPSTREAM_NO_MEMORY] = METRIC_MEMORY_REFUSED,
    };
    metrics_count(call->upstream->metrics, metrics[outcome]);
    metrics_time(call->upstream->metrics, METRIC_TIME_BACKEND, call->start_us);
}

static void answer(struct upstream_call *call, const struct upstream_response *response)
{
    count(call, response->outcome);
    call->done(call->context, response);
    give_back(call);
}

static void fail_soon(struct upstream_call *call, enum upstream_outcome outcome, const char *detail)
{
    call->state = CALL_FAILED;
    call->failure = outcome;
    call->detail = detail;
    list_append(&call->upstream->failed, call);
    event_active(call->timer, EV_TIMEOUT, 0); /* takes no memory */
}

/* ---- running ---- */

static void run(struct upstream_call *call)
{
    struct upstream *upstream = call->upstream;
    uint64_t now = metrics_now_us() / 1000;
    uint32_t left = call->deadline_ms > now ? (uint32_t)(call->deadline_ms - now) : 1;
    if (!transfer_prepare(&call->transfer, call->request, left, &upstream->watches, call)) {
        fail_soon(call, UPSTREAM_NO_MEMORY, "out of memory");
        return;
    }
    transfer_watch(&call->transfer, call->request->progress, call->context);
    if (curl_multi_add_handle(upstream->multi, call->transfer.easy) != CURLM_OK) {
        fail_soon(call, UPSTREAM_NO_MEMORY, "libcurl takes no more transfers");
    } else {
        call->state = CALL_RUNNING;
        list_append(&upstream->running, call);
    }
}

static void run_next(struct upstream *upstream)
{
    while (upstream->waiting.first && upstream->running.count < upstream->running_max) {
        struct upstream_call *call = upstream->waiting.first;
        detach(call);
        run(call);
    }
}

static void on_call_timer(evutil_socket_t socket, short events, void *context)
{
    struct upstream_call *call = context;
    struct upstream_response response = {.outcome = call->failure, .detail = call->detail};
    (void)socket;
    (void)events;
    if (call->state == CALL_RUNNING) { /* its socket cannot be watched */
        response.outcome = UPSTREAM_NO_MEMORY;
        response.detail = "out of memory";
    }
    if (call->state == CALL_WAITING) {
        response.outcome = UPSTREAM_TIMEOUT;
        response.detail = "timed out while waiting in line";
    }
    detach(call);
    answer(call, &response);
}

/* Answers what libcurl has finished. `done` may start and cancel calls meanwhile. */
static void answer_finished(struct upstream *upstream)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(upstream->multi, &left));) {
        struct upstream_response response;
        struct upstream_call *call = NULL;
        CURLcode code = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        transfer_result(&call->transfer, code, &response);
        detach(call);
        run_next(upstream);
        answer(call, &response);
    }
}

static void on_socket(evutil_socket_t socket, short events, void *context)
{
    struct upstream *upstream = context;
    int running;
    if (!watch_fired(&upstream->watches, socket))
        return;
    int mask =
        (events & EV_READ ? CURL_CSELECT_IN : 0) | (events & EV_WRITE ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(upstream->multi, socket, mask, &running);
    answer_finished(upstream);
}

static void on_timer(evutil_socket_t socket, short events, void *context)
{
    struct upstream *upstream = context;
    int running;
    (void)socket;
    (void)events;
    curl_multi_socket_action(upstream->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    answer_finished(upstream);
}

static int set_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *unused)
{
    struct upstream *upstream = context;
    short events = 0;
    (void)unused;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= EV_READ;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= EV_WRITE;
    struct upstream_call *call = NULL;
    if (watch_set(&upstream->watches, socket, events))
        return 0;
    /* only this one fails: libcurl would give all up */
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&call);
    if (call)
        event_active(call->timer, EV_TIMEOUT, 0);
    return 0;
}

static int set_timer(CURLM *multi, long wait_ms, void *context)
{
    struct upstream *upstream = context;
    (void)multi;
    if (wait_ms < 0)
        return event_del(upstream->timer);
    /* libcurl gives all up when it is refused; looking too early does no harm */
    if (!arm(upstream->timer, (uint64_t)wait_ms))
        event_active(upstream->timer, EV_TIMEOUT, 0);
    return 0;
}

static void init_library(void)
{
    curl_global_init_mem(CURL_GLOBAL_DEFAULT, reserve_malloc, reserve_free, reserve_realloc,
                         reserve_strdup, reserve_calloc);
}

static bool open_multi(struct upstream *upstream)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (upstream->multi)
        return true;
    pthread_once(&once, init_library);
    CURLM *multi = curl_multi_init();
    if (!multi)
        return false;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, upstream);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, upstream);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)upstream->running_max);
    upstream->multi = multi;
    return true;
}

/* ---- the interface ---- */

struct upstream *upstream_open(const struct worker *worker)
{
    const struct limits *limits = &worker->server->options.limits;
    struct upstream *upstream = calloc(1, sizeof *upstream);
    if (!upstream)
        return NULL;
    *upstream = (struct upstream){
        .loop = worker->loop,
        .ca_file = worker->server->options.ca_file,
        .running_max = limits->backend_in_flight ? limits->backend_in_flight : 1,
        .waiting_max = limits->backend_queue,
        .usual_timeout_ms = limits->backend_ms,
        .budget = worker->server->shared ? &worker->server->shared->memory : NULL,
        .metrics = worker->metrics,
        .watches = {.loop = worker->loop, .fired = on_socket, .context = upstream},
    };
    upstream->timer = event_new(worker->loop, -1, 0, on_timer, upstream);
    if (upstream->timer)
        return upstream;
    free(upstream);
    return NULL;
}

static void close_list(struct upstream *upstream, struct call_list *list)
{
    struct upstream_call *next;
    for (struct upstream_call *call = list->first; call; call = next) {
        next = call->next;
        if (list == &upstream->running)
            curl_multi_remove_handle(upstream->multi, call->transfer.easy);
        free_call(call);
    }
}

void upstream_close(struct upstream *upstream)
{
    if (!upstream)
        return;
    close_list(upstream, &upstream->waiting);
    close_list(upstream, &upstream->failed);
    close_list(upstream, &upstream->running);
    close_list(upstream, &upstream->idle);
    if (upstream->multi)
        curl_multi_cleanup(upstream->multi); /* closes connections: the watches are still there */
    watch_table_close(&upstream->watches);
    event_free(upstream->timer);
    free(upstream);
}

struct upstream_call *upstream_start(struct upstream *upstream,
                                     const struct upstream_request *request, upstream_done *done,
                                     void *context)
{
    struct upstream_call *call = open_multi(upstream) ? take_call(upstream) : NULL;
    if (!call)
        return NULL;
    uint32_t timeout_ms = request->timeout_ms ? request->timeout_ms : upstream->usual_timeout_ms;
    call->request = request;
    call->done = done;
    call->context = context;
    call->start_us = metrics_now_us();
    call->deadline_ms = call->start_us / 1000 + timeout_ms;
    if (upstream->running.count < upstream->running_max && !upstream->waiting.first) {
        run(call);
    } else if (upstream->waiting.count >= upstream->waiting_max) {
        fail_soon(call, UPSTREAM_OVERLOADED, "too many calls are waiting");
    } else if (arm(call->timer, timeout_ms)) {
        call->state = CALL_WAITING;
        list_append(&upstream->waiting, call);
    } else {
        give_back(call);
        return NULL;
    }
    return call;
}

void upstream_cancel(struct upstream_call *call)
{
    struct upstream *upstream = call->upstream;
    detach(call);
    give_back(call);
    run_next(upstream);
}

/*
 * The upstream against a real server on loopback, in one loop: outcomes, the line of waiting calls,
 * cancelling, closing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/upstream/upstream.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "tests/unit/check.h"

enum { CALLS_MAX = 64 };

static struct event_base *loop;
static unsigned port;
static unsigned request_count, connection_count;
static char last_head[4096];

/* ---- the server: the path says what to answer ---- */

static void say(struct bufferevent *peer, const char *text)
{
    bufferevent_write(peer, text, strlen(text));
}

static void on_written(struct bufferevent *peer, void *context)
{
    (void)context;
    bufferevent_free(peer);
}

static void close_after(struct bufferevent *peer, const char *text)
{
    say(peer, text);
    bufferevent_setcb(peer, NULL, on_written, NULL, NULL);
}

static void say_much(struct bufferevent *peer)
{
    static char filler[100000];
    memset(filler, 'x', sizeof filler);
    bufferevent_write(peer, filler, sizeof filler);
}

static void answer(struct bufferevent *peer, const char *path)
{
    static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                             "Cache-Control: max-age=60\r\nContent-Length: 5\r\n\r\nhello";
    if (strncmp(path, "/ok", 3) == 0) {
        say(peer, ok);
    } else if (strncmp(path, "/early", 6) == 0) {
        say(peer, "HTTP/1.1 103 Early Hints\r\nContent-Type: x/y\r\n\r\n");
        say(peer, ok);
    } else if (strncmp(path, "/redirect", 9) == 0) {
        say(peer, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
    } else if (strncmp(path, "/declared", 9) == 0) {
        say(peer, "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n");
    } else if (strncmp(path, "/endless", 8) == 0) {
        say(peer, "HTTP/1.1 200 OK\r\n\r\n");
        say_much(peer);
    } else if (strncmp(path, "/short", 6) == 0) {
        close_after(peer, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
    } else if (strncmp(path, "/garbage", 8) == 0) {
        close_after(peer, "SSH-2.0-nobody\r\n");
    } else if (strncmp(path, "/hangup", 7) == 0) {
        bufferevent_free(peer);
    } else if (strncmp(path, "/headers", 8) == 0) {
        say(peer, "HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 3000; i++)
            say(peer, "X-Header: some value that is long enough\r\n");
        say(peer, "Content-Length: 0\r\n\r\n");
    } else if (strncmp(path, "/badgzip", 8) == 0) {
        say(peer, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello");
    } /* else: never */
}

static void on_event(struct bufferevent *peer, short events, void *context)
{
    (void)events;
    (void)context;
    bufferevent_free(peer);
}

static void on_read(struct bufferevent *peer, void *context)
{
    struct evbuffer *in = bufferevent_get_input(peer);
    struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
    if (end.pos < 0)
        return;
    intptr_t count = (intptr_t)context; /* of requests on this connection before */
    bufferevent_setcb(peer, on_read, NULL, on_event, (void *)(count + 1));
    size_t size = evbuffer_get_length(in);
    if (size >= sizeof last_head)
        size = sizeof last_head - 1;
    evbuffer_copyout(in, last_head, size);
    last_head[size] = '\0';
    evbuffer_drain(in, evbuffer_get_length(in));
    request_count++;
    const char *path = strchr(last_head, ' ') + 1;
    /* a server that forgets its connections after the first request */
    answer(peer, strncmp(path, "/once", 5) ? path : count ? "/hangup" : "/ok");
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t file,
                      struct sockaddr *address, int size, void *context)
{
    (void)listener;
    (void)address;
    (void)size;
    (void)context;
    connection_count++;
    struct bufferevent *peer = bufferevent_socket_new(loop, file, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(peer, on_read, NULL, on_event, NULL);
    bufferevent_enable(peer, EV_READ | EV_WRITE);
}

static struct evconnlistener *listen_here(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    struct evconnlistener *listener =
        evconnlistener_new_bind(loop, on_accept, NULL, LEV_OPT_CLOSE_ON_FREE, -1,
                                (struct sockaddr *)&address, sizeof address);
    if (listener &&
        getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&address, &size) == 0)
        port = ntohs(address.sin_port);
    return listener;
}

/* ---- calls ---- */

struct attempt {
    char url[100];
    struct upstream_request request;
    struct upstream_call *call;
    enum upstream_outcome outcome;
    unsigned status, done_count;
    char body[64], type[64], cache[64], location[64];
};

static struct attempt attempts[CALLS_MAX];
static unsigned open_count;
static bool is_starting;

static void copy(char out[64], struct slice text)
{
    snprintf(out, 64, "%.*s", SLICE_ARG(text));
}

static void on_done(void *context, const struct upstream_response *response)
{
    struct attempt *attempt = context;
    CHECK(!is_starting);
    attempt->done_count++;
    attempt->outcome = response->outcome;
    attempt->status = response->status;
    copy(attempt->body, response->body);
    copy(attempt->type, response->content_type);
    copy(attempt->cache, response->cache_control);
    copy(attempt->location, response->location);
    if (--open_count == 0)
        event_base_loopbreak(loop);
}

static void start(struct upstream *upstream, struct attempt *attempt, const char *path,
                  uint32_t timeout_ms)
{
    *attempt = (struct attempt){0};
    snprintf(attempt->url, sizeof attempt->url, "http://127.0.0.1:%u%s", port, path);
    attempt->request = (struct upstream_request){
        .method = "GET", .url = attempt->url, .timeout_ms = timeout_ms, .response_max = 50000};
    is_starting = true;
    attempt->call = upstream_start(upstream, &attempt->request, on_done, attempt);
    is_starting = false;
    open_count += CHECK(attempt->call != NULL);
}

/* Runs until no call is open; an alarm ends a test that hangs. */
static void finish(void)
{
    if (open_count == 0)
        return;
    alarm(60);
    event_base_dispatch(loop);
    CHECK_INT(open_count, 0);
}

static const struct attempt *get(struct upstream *upstream, const char *path, uint32_t timeout_ms)
{
    start(upstream, &attempts[0], path, timeout_ms);
    finish();
    CHECK_INT(attempts[0].done_count, 1);
    return &attempts[0];
}

static void test_outcomes(struct upstream *upstream)
{
    static const struct {
        const char *path;
        enum upstream_outcome outcome;
        unsigned status;
    } rows[] = {{"/ok", UPSTREAM_ANSWERED, 200},       {"/early", UPSTREAM_ANSWERED, 200},
                {"/redirect", UPSTREAM_ANSWERED, 302}, {"/declared", UPSTREAM_TOO_LARGE, 0},
                {"/endless", UPSTREAM_TOO_LARGE, 0},   {"/short", UPSTREAM_BROKEN, 0},
                {"/garbage", UPSTREAM_BROKEN, 0},      {"/hangup", UPSTREAM_BROKEN, 0},
                {"/headers", UPSTREAM_BROKEN, 0},      {"/badgzip", UPSTREAM_BROKEN, 0},
                {"/ok", UPSTREAM_ANSWERED, 200}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct attempt *attempt = get(upstream, rows[i].path, 10000);
        if (!CHECK(attempt->outcome == rows[i].outcome && attempt->status == rows[i].status))
            fprintf(stderr, "    %s: outcome %d, status %u\n", rows[i].path, (int)attempt->outcome,
                    attempt->status);
    }
    CHECK_STR(slice_of(attempts[0].body), "hello");
    CHECK_STR(slice_of(attempts[0].type), "text/plain");
    CHECK_STR(slice_of(attempts[0].cache), "max-age=60");
    get(upstream, "/redirect", 10000);
    CHECK_STR(slice_of(attempts[0].location), "/ok");
    CHECK_INT(get(upstream, "/never", 100)->outcome, UPSTREAM_TIMEOUT);
}

static void test_unreachable(struct upstream *upstream)
{
    static const char *const urls[] = {"http://127.0.0.1:1/", "ftp://127.0.0.1/", "http://u@h/",
                                       "file:///etc/passwd", "http://[::1/"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct attempt *attempt = &attempts[0];
        *attempt = (struct attempt){
            .request = {.method = "GET", .url = urls[i], .timeout_ms = 10000, .response_max = 100}};
        attempt->call = upstream_start(upstream, &attempt->request, on_done, attempt);
        open_count += CHECK(attempt->call != NULL);
        finish();
        if (!CHECK(attempt->outcome == UPSTREAM_UNREACHABLE))
            fprintf(stderr, "    %s\n", urls[i]);
    }
}

static void test_requests(struct upstream *upstream)
{
    static const char *const headers[] = {"X-One: 1", "X-Empty: ", "Authorization: Bearer abc",
                                          NULL};
    struct attempt *attempt = &attempts[0];
    unsigned connections = connection_count;
    start(upstream, attempt, "/ok?a=%2F..%2F", 10000);
    finish();
    CHECK(strstr(last_head, "GET /ok?a=%2F..%2F HTTP/1.1\r\n") == last_head);
    CHECK(strstr(last_head, "\r\nAccept-Encoding: gzip\r\n") != NULL);
    CHECK(strstr(last_head, "Expect") == NULL);
    *attempt = (struct attempt){0};
    snprintf(attempt->url, sizeof attempt->url, "http://127.0.0.1:%u/ok", port);
    attempt->request = (struct upstream_request){.method = "POST",
                                                 .url = attempt->url,
                                                 .headers = headers,
                                                 .timeout_ms = 10000,
                                                 .response_max = 100};
    attempt->call = upstream_start(upstream, &attempt->request, on_done, attempt);
    open_count++;
    finish();
    CHECK(strstr(last_head, "POST /ok HTTP/1.1\r\n") == last_head);
    CHECK(strstr(last_head, "\r\nX-One: 1\r\n") != NULL);
    CHECK(strstr(last_head, "\r\nX-Empty:\r\n") != NULL);
    CHECK(strstr(last_head, "\r\nAuthorization: Bearer abc\r\n") != NULL);
    CHECK(strstr(last_head, "\r\nContent-Length: 0\r\n") != NULL);
    CHECK(strstr(last_head, "Content-Type") == NULL);
    CHECK(connection_count - connections <= 1); /* one connection, used again */
}

static unsigned send_again(struct upstream *upstream, const char *method)
{
    struct attempt *attempt = &attempts[0];
    get(upstream, "/once", 10000);
    unsigned before = request_count;
    *attempt = (struct attempt){0};
    snprintf(attempt->url, sizeof attempt->url, "http://127.0.0.1:%u/once", port);
    attempt->request = (struct upstream_request){
        .method = method, .url = attempt->url, .timeout_ms = 10000, .response_max = 100};
    attempt->call = upstream_start(upstream, &attempt->request, on_done, attempt);
    open_count++;
    finish();
    return request_count - before;
}

/* A kept connection that is closed at the request: sent anew when that does no harm. */
static void test_closed_connection(struct upstream *upstream)
{
    get(upstream, "/hangup", 10000);
    CHECK_INT(send_again(upstream, "GET"), 2);
    CHECK_INT(attempts[0].outcome, UPSTREAM_ANSWERED);
    get(upstream, "/hangup", 10000);
    CHECK_INT(send_again(upstream, "POST"), 1);
    CHECK_INT(attempts[0].outcome, UPSTREAM_BROKEN);
}

/* 2 at once, 3 in line, the sixth is refused. */
static void test_line(struct upstream *upstream)
{
    for (unsigned i = 0; i < 6; i++)
        start(upstream, &attempts[i], "/ok", 10000);
    finish();
    for (unsigned i = 0; i < 5; i++)
        CHECK_INT(attempts[i].outcome, UPSTREAM_ANSWERED);
    CHECK_INT(attempts[5].outcome, UPSTREAM_OVERLOADED);
    unsigned before = request_count;
    for (unsigned i = 0; i < 4; i++)
        start(upstream, &attempts[i], i < 2 ? "/never" : "/ok", i < 2 ? 5000 : 100);
    /* who waits too long is told so, and nothing is sent for him */
    alarm(60);
    while (!attempts[2].done_count || !attempts[3].done_count)
        event_base_loop(loop, EVLOOP_ONCE);
    CHECK_INT(attempts[2].outcome, UPSTREAM_TIMEOUT);
    CHECK_INT(attempts[3].outcome, UPSTREAM_TIMEOUT);
    CHECK_INT(request_count - before, 2);
    /* a cancelled call makes room for the next one */
    start(upstream, &attempts[4], "/ok", 10000);
    upstream_cancel(attempts[0].call);
    upstream_cancel(attempts[1].call);
    open_count -= 2;
    finish();
    CHECK_INT(attempts[4].outcome, UPSTREAM_ANSWERED);
    CHECK_INT(attempts[0].done_count + attempts[1].done_count, 0);
}

static void test_cancel_and_close(struct upstream *upstream)
{
    for (unsigned i = 0; i < 6; i++)
        start(upstream, &attempts[i], "/never", 10000);
    upstream_cancel(attempts[3].call); /* in line */
    upstream_cancel(attempts[5].call); /* refused, not told yet */
    unsigned before = request_count;
    while (request_count < before + 2)
        event_base_loop(loop, EVLOOP_ONCE);
    upstream_close(upstream);
    event_base_loop(loop, EVLOOP_NONBLOCK);
    for (unsigned i = 0; i < 6; i++)
        CHECK_INT(attempts[i].done_count, 0);
    open_count = 0;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    loop = event_base_new();
    struct evconnlistener *listener = listen_here();
    struct mcpp_server server = {
        .options.limits = {.backend_in_flight = 2, .backend_queue = 3, .backend_ms = 10000}};
    struct worker worker = {.server = &server, .loop = loop};
    struct upstream *upstream = upstream_open(&worker);
    if (CHECK(listener && upstream)) {
        test_outcomes(upstream);
        test_unreachable(upstream);
        test_requests(upstream);
        test_closed_connection(upstream);
        test_line(upstream);
        test_cancel_and_close(upstream);
        evconnlistener_free(listener);
    }
    event_base_free(loop);
    return check_report();
}

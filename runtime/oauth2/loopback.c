/*
 * A small server for one answer. Only the first line of a request is looked at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/loopback.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/clock.h"
#include "runtime/memory/secret.h"
#include "runtime/oauth2/page.h"

enum { REQUEST_MAX = 32768, REQUEST_MS = 5000, PEERS_MAX = 8 };

bool loopback_open(uint16_t port, struct loopback *out)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int yes = 1;
    out->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (out->listener < 0)
        return false;
    setsockopt(out->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(out->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(out->listener, 16) == 0 &&
        getsockname(out->listener, (struct sockaddr *)&address, &size) == 0) {
        out->port = ntohs(address.sin_port);
        return true;
    }
    loopback_close(out);
    return false;
}

void loopback_close(struct loopback *loopback)
{
    if (loopback->listener >= 0)
        close(loopback->listener);
    loopback->listener = -1;
}

static bool is_readable(int file, int64_t until_ms)
{
    int64_t left = until_ms - (int64_t)clock_ms();
    struct pollfd waiting = {file, POLLIN, 0};
    return left > 0 && poll(&waiting, 1, (int)(left > INT32_MAX ? INT32_MAX : left)) > 0;
}

/* Reads a head, and nothing else. */
static size_t read_head(int peer, char *out, size_t size)
{
    size_t len = 0;
    int64_t until = (int64_t)clock_ms() + REQUEST_MS;
    while (len + 1 < size && is_readable(peer, until)) {
        ssize_t got = read(peer, out + len, size - 1 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
        out[len] = '\0';
        if (strstr(out, "\r\n\r\n"))
            return len;
    }
    return 0;
}

static void say(int peer, unsigned status, const char *policy, const char *page)
{
    dprintf(
        peer,
        "HTTP/1.1 %u %s\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
        "Referrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n"
        "X-Content-Type-Options: nosniff\r\nContent-Security-Policy: %s\r\n"
        "Connection: close\r\nContent-Length: %zu\r\n\r\n%s",
        status, status == 200 ? "OK" : "Not Found", policy, strlen(page), page);
}

/* The target of "GET TARGET HTTP/1.1". */
static struct slice target_of(const char *head)
{
    const char *start = strncmp(head, "GET ", 4) == 0 ? head + 4 : NULL;
    const char *end = start ? strpbrk(start, " \r\n") : NULL;
    return end ? (struct slice){start, (size_t)(end - start)} : (struct slice){NULL, 0};
}

static bool takes(struct slice target, const char *path, struct secret_text *out)
{
    size_t size = strlen(path);
    if (target.len <= size || memcmp(target.at, path, size) != 0 || target.at[size] != '?')
        return false;
    secret_text_add(out, (struct slice){target.at + size + 1, target.len - size - 1});
    return !out->failed;
}

/* The fragment never reaches a server by itself: the page asks again, with it as a query. The
 * policy lets this one script run, by its SHA-256, and it may ask nobody else. */
#define FRAGMENT_SCRIPT                                                              \
    "var f=location.hash.slice(1)||location.search.slice(1);"                        \
    "history.replaceState(null,'','/callback');"                                     \
    "fetch('/fragment?'+f).then(function(){document.querySelector('p').textContent=" \
    "'The answer has come. You can close this window and go back to the terminal.'})"
#define FRAGMENT_HASH "kni5AaD7piYXI/GkSVkUPFgofkUWKPWMGFpFWrCbtkA="

static const char fragment_policy[] =
    PAGE_POLICY "; script-src 'sha256-" FRAGMENT_HASH "'; connect-src 'self'";
static const char fragment_page[] = PAGE_HEAD
    "Login" PAGE_BODY "<h1>Login</h1><p>One moment.</p><script>" FRAGMENT_SCRIPT "</script>";
static const char done_page[] = PAGE_HEAD
    "Login" PAGE_BODY "<h1>Login</h1><p>The answer has come. You can close this window and go back "
    "to the terminal.</p>";
static const char missing_page[] = PAGE_HEAD "Not found" PAGE_BODY "<h1>Not found</h1>";

static bool answer(int peer, struct slice target, bool is_fragment, struct secret_text *out)
{
    bool is_callback = target.len >= 9 && memcmp(target.at, "/callback", 9) == 0 &&
                       (target.len == 9 || target.at[9] == '?');
    if (takes(target, is_fragment ? "/fragment" : "/callback", out)) {
        say(peer, 200, PAGE_POLICY, done_page);
        return true;
    }
    if (is_fragment && is_callback)
        say(peer, 200, fragment_policy, fragment_page);
    else
        say(peer, 404, PAGE_POLICY, missing_page);
    return false;
}

/* Browsers open connections before they need them: one that says nothing keeps nobody waiting. */
struct peers {
    struct pollfd of[1 + PEERS_MAX]; /* the listener, then the peers; -1 is a free place */
    unsigned next;                   /* to be given away when all are taken */
};

static void take_peer(struct peers *peers)
{
    int peer = accept4(peers->of[0].fd, NULL, NULL, SOCK_CLOEXEC);
    struct pollfd *place = NULL;
    if (peer < 0)
        return;
    for (unsigned i = 1; i <= PEERS_MAX && !place; i++)
        if (peers->of[i].fd < 0)
            place = &peers->of[i];
    if (!place) {
        place = &peers->of[1 + peers->next++ % PEERS_MAX];
        close(place->fd);
    }
    *place = (struct pollfd){peer, POLLIN, 0};
}

bool loopback_wait(const struct loopback *loopback, bool is_fragment, unsigned timeout_s,
                   struct secret_text *out)
{
    int64_t until = (int64_t)clock_ms() + (int64_t)timeout_s * 1000, left;
    static char head[REQUEST_MAX];
    struct peers peers = {.of[0] = {loopback->listener, POLLIN, 0}};
    bool is_done = false;
    for (unsigned i = 1; i <= PEERS_MAX; i++)
        peers.of[i].fd = -1;
    while (!is_done && (left = until - (int64_t)clock_ms()) > 0) {
        if (poll(peers.of, 1 + PEERS_MAX, (int)left) <= 0)
            continue;
        for (unsigned i = 1; i <= PEERS_MAX && !is_done; i++) {
            if (peers.of[i].fd < 0 || !peers.of[i].revents)
                continue;
            if (read_head(peers.of[i].fd, head, sizeof head))
                is_done = answer(peers.of[i].fd, target_of(head), is_fragment, out);
            close(peers.of[i].fd);
            peers.of[i].fd = -1;
        }
        if (!is_done && peers.of[0].revents)
            take_peer(&peers);
    }
    for (unsigned i = 1; i <= PEERS_MAX; i++)
        if (peers.of[i].fd >= 0)
            close(peers.of[i].fd);
    secret_wipe(head, sizeof head);
    return is_done;
}

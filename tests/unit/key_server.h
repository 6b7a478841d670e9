/*
 * A small HTTP server on loopback for unit tests, in a thread: answers as told and counts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UNIT_KEY_SERVER_H
#define UNIT_KEY_SERVER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/check.h"

enum { ROUTES = 8 };

static struct key_server {
    pthread_mutex_t lock;
    pthread_t thread;
    int listener;
    unsigned port;
    struct {
        const char *path, *answer; /* status, headers and body after "HTTP/1.1 " */
        unsigned asked;
    } routes[ROUTES];
    unsigned unknown;   /* requests for other paths */
    char request[4096]; /* the last one, whole */
} keys = {.lock = PTHREAD_MUTEX_INITIALIZER};

static inline void key_server_answer(int fd)
{
    char request[4096];
    size_t size = 0;
    while (size < sizeof request - 1) {
        ssize_t got = read(fd, request + size, sizeof request - 1 - size);
        if (got <= 0)
            return;
        size += (size_t)got;
        request[size] = '\0';
        const char *body = strstr(request, "\r\n\r\n");
        const char *length = strcasestr(request, "content-length: ");
        if (body && (!length || strlen(body + 4) >= strtoul(length + 16, NULL, 10)))
            break;
    }
    const char *found = "404 Not Found\r\n\r\n";
    pthread_mutex_lock(&keys.lock);
    memcpy(keys.request, request, sizeof request);
    const char *space = strchr(request, ' ');
    const char *path = space ? space + 1 : request;
    unsigned before = keys.unknown++;
    for (unsigned i = 0; i < ROUTES && keys.routes[i].path; i++) {
        size_t len = strlen(keys.routes[i].path);
        if (strncmp(path, keys.routes[i].path, len) == 0 && path[len] == ' ') {
            found = keys.routes[i].answer;
            keys.routes[i].asked++;
            keys.unknown = before;
        }
    }
    /* it says that it closes: a client that took the connection for a kept one would be cut off */
    const char *rest = strstr(found, "\r\n");
    dprintf(fd, "HTTP/1.1 %.*s\r\nConnection: close%s", (int)(rest - found), found, rest);
    pthread_mutex_unlock(&keys.lock);
}

static inline void *key_server_run(void *unused)
{
    (void)unused;
    for (;;) {
        int fd = accept(keys.listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        key_server_answer(fd);
        close(fd);
    }
}

static inline void key_server_start(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    keys.listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(keys.listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(keys.listener, 64) == 0);
    CHECK(getsockname(keys.listener, (struct sockaddr *)&address, &size) == 0);
    keys.port = ntohs(address.sin_port);
    CHECK(pthread_create(&keys.thread, NULL, key_server_run, NULL) == 0);
}

static inline void route(unsigned slot, const char *path, const char *text)
{
    pthread_mutex_lock(&keys.lock);
    keys.routes[slot].path = path;
    keys.routes[slot].answer = text;
    keys.routes[slot].asked = 0;
    pthread_mutex_unlock(&keys.lock);
}

static inline unsigned asked(unsigned slot)
{
    pthread_mutex_lock(&keys.lock);
    unsigned count = keys.routes[slot].asked;
    pthread_mutex_unlock(&keys.lock);
    return count;
}

static inline void key_server_stop(void)
{
    shutdown(keys.listener, SHUT_RDWR);
    pthread_join(keys.thread, NULL);
    close(keys.listener);
}

#endif

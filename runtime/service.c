/*
 * systemd's protocols.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/service.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { SOCKETS_MAX = 64 };

/* The number in an environment variable; 0 when there is none. */
static unsigned long number_of(const char *name)
{
    const char *text = getenv(name);
    char *end = NULL;
    unsigned long number = text && *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;
    return end && *end == '\0' ? number : 0;
}

unsigned service_take_sockets(void)
{
    unsigned long count = number_of("LISTEN_FDS");
    bool is_ours = number_of("LISTEN_PID") == (unsigned long)getpid();
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDNAMES");
    if (!is_ours || count > SOCKETS_MAX)
        return 0;
    for (int fd = SERVICE_FIRST_SOCKET; fd < SERVICE_FIRST_SOCKET + (int)count; fd++)
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
            fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
            return 0;
    return (unsigned)count;
}

void service_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = path ? strlen(path) : 0;
    if (length == 0 || length >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') /* of the abstract namespace */
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
    close(fd);
}

void service_notify_reloading(void)
{
    struct timespec now;
    char state[64];
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%llu",
             (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
    service_notify(state);
}

uint32_t service_watchdog_ms(void)
{
    unsigned long limit_us = number_of("WATCHDOG_USEC"), pid = number_of("WATCHDOG_PID");
    if (pid && pid != (unsigned long)getpid())
        return 0;
    return limit_us / 2000 > UINT32_MAX ? UINT32_MAX : (uint32_t)(limit_us / 2000);
}

/*
 * Listening sockets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/observe/log.h"
#include "runtime/transport/address.h"

/* Without validation whoever reaches the port acts with the operator's credentials. A name may
 * stand for another address than it did when the options were read. */
static bool is_allowed(const struct options *options, const struct sockaddr_storage *address)
{
    if (options->validate_tokens || options->allow_unauthenticated ||
        address_is_loopback((const struct sockaddr *)address))
        return true;
    log_error("without '--validate-tokens' only a loopback address is listened on");
    return false;
}

bool listener_is_allowed(const struct options *options, int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    if (getsockname(fd, (struct sockaddr *)&address, &size) == 0)
        return is_allowed(options, &address);
    log_error("a socket that was handed over: %s", strerror(errno));
    return false;
}

static int bind_address(const struct options *options, const char *host, uint16_t port,
                        bool is_shared)
{
    struct sockaddr_storage address;
    socklen_t size;
    const char *reason;
    if (!address_resolve(host, port, &address, &size, &reason)) {
        log_error("host %s: %s", host, reason);
        return -1;
    }
    if (options && !is_allowed(options, &address))
        return -1;
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        (!is_shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) &&
        bind(fd, (const struct sockaddr *)&address, size) == 0)
        return fd;
    log_error("host %s port %u cannot be listened on: %s", host, (unsigned)port, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

int listener_bind(const struct options *options, uint16_t port, bool is_shared)
{
    return bind_address(options, options->host, port, is_shared);
}

int listener_bind_internal(const char *host, uint16_t port)
{
    return bind_address(NULL, host, port, false);
}

bool listener_split(const char *text, char host[static LISTENER_HOST_SIZE], uint16_t *port)
{
    const char *colon = strrchr(text, ':');
    size_t size = colon ? (size_t)(colon - text) : 0;
    char *end = NULL;
    if (size >= 2 && text[0] == '[' && text[size - 1] == ']') {
        text++;
        size -= 2;
    } else if (colon && memchr(text, ':', size)) {
        return false; /* an IPv6 address without its brackets */
    }
    unsigned long number =
        colon && colon[1] >= '0' && colon[1] <= '9' ? strtoul(colon + 1, &end, 10) : UINT16_MAX + 1;
    if (size == 0 || size >= LISTENER_HOST_SIZE || number > UINT16_MAX || *end)
        return false;
    memcpy(host, text, size);
    host[size] = '\0';
    *port = (uint16_t)number;
    return true;
}

uint16_t listener_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return 0;
    return address_port((const struct sockaddr *)&address);
}

/*
 * Listening sockets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/listener.h"

#include <errno.h>
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

int listener_bind(const struct options *options, const char *host, uint16_t port, bool is_shared)
{
    struct sockaddr_storage address;
    socklen_t size;
    const char *reason;
    if (!address_resolve(host, port, &address, &size, &reason)) {
        log_error("host %s: %s", host, reason);
        return -1;
    }
    if (!is_allowed(options, &address))
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

uint16_t listener_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return 0;
    return address_port((const struct sockaddr *)&address);
}

/*
 * Socket addresses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static bool is_loopback4(const unsigned char *bytes)
{
    return bytes[0] == 127;
}

bool address_is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, address, sizeof four);
        unsigned char bytes[4];
        memcpy(bytes, &four.sin_addr, sizeof bytes);
        return is_loopback4(bytes);
    }
    if (address->sa_family != AF_INET6)
        return false;
    struct sockaddr_in6 six;
    memcpy(&six, address, sizeof six);
    if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
        return is_loopback4(six.sin6_addr.s6_addr + 12);
    return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}

bool address_resolve(const char *host, uint16_t port, struct sockaddr_storage *out, socklen_t *size,
                     const char **reason)
{
    char port_text[8];
    snprintf(port_text, sizeof port_text, "%u", (unsigned)port);
    /* the name that means this machine needs no resolver, and is the same everywhere */
    if (strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int failed = getaddrinfo(host, port_text, &hints, &found);
    if (failed) {
        *reason = gai_strerror(failed);
        return false;
    }
    memcpy(out, found->ai_addr, found->ai_addrlen);
    *size = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

uint16_t address_port(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, address, sizeof four);
        return ntohs(four.sin_port);
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, address, sizeof six);
        return ntohs(six.sin6_port);
    }
    return 0;
}

const char *address_text(const struct sockaddr *address, char out[static ADDRESS_TEXT_SIZE])
{
    char host[INET6_ADDRSTRLEN] = "?";
    bool is_six = address->sa_family == AF_INET6;
    if (is_six) {
        struct sockaddr_in6 six;
        memcpy(&six, address, sizeof six);
        inet_ntop(AF_INET6, &six.sin6_addr, host, sizeof host);
    } else if (address->sa_family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, address, sizeof four);
        inet_ntop(AF_INET, &four.sin_addr, host, sizeof host);
    }
    snprintf(out, ADDRESS_TEXT_SIZE, is_six ? "[%s]:%u" : "%s:%u", host,
             (unsigned)address_port(address));
    return out;
}

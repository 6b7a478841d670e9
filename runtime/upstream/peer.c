/*
 * Special-purpose addresses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/upstream/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

static bool is_public_four(uint32_t address)
{
    static const struct {
        uint32_t start;
        unsigned bits;
    } special[] = {
        {0x00000000, 8},  /* this network */
        {0x0a000000, 8},  /* private */
        {0x64400000, 10}, /* shared by a provider's customers */
        {0x7f000000, 8},  /* loopback */
        {0xa9fe0000, 16}, /* link-local, and clouds' metadata */
        {0xac100000, 12}, /* private */
        {0xc0000000, 24}, /* protocol assignments */
        {0xc0000200, 24}, /* documentation */
        {0xc0586300, 24}, /* 6to4 relays */
        {0xc0a80000, 16}, /* private */
        {0xc6120000, 15}, /* benchmarks */
        {0xc6336400, 24}, /* documentation */
        {0xcb007100, 24}, /* documentation */
        {0xe0000000, 3},  /* multicast, reserved, broadcast */
    };
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if ((address ^ special[i].start) >> (32 - special[i].bits) == 0)
            return false;
    return true;
}

static uint32_t four_at(const struct in6_addr *address, size_t at)
{
    uint32_t found;
    memcpy(&found, address->s6_addr + at, sizeof found);
    return ntohl(found);
}

static bool starts(const struct in6_addr *address, const unsigned char *prefix, size_t size)
{
    return memcmp(address->s6_addr, prefix, size) == 0;
}

static bool is_public_six(const struct in6_addr *address)
{
    static const unsigned char translated[12] = {0, 0x64, 0xff, 0x9b}; /* 64:ff9b::/96 */
    static const unsigned char documentation[] = {0x20, 1, 0x0d, 0xb8};
    static const unsigned char teredo[] = {0x20, 1, 0, 0};
    if (IN6_IS_ADDR_V4MAPPED(address))
        return is_public_four(four_at(address, 12));
    if (starts(address, translated, sizeof translated))
        return is_public_four(four_at(address, 12));
    if (address->s6_addr[0] == 0x20 && address->s6_addr[1] == 2) /* 6to4 */
        return is_public_four(four_at(address, 2));
    return (address->s6_addr[0] & 0xe0) == 0x20 && /* what is allocated at all: 2000::/3 */
           !starts(address, documentation, sizeof documentation) &&
           !starts(address, teredo, sizeof teredo);
}

bool peer_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return is_public_four(
            ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    return address->sa_family == AF_INET6 &&
           is_public_six(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

bool peer_is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 ==
               127;
    const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    return address->sa_family == AF_INET6 &&
           (IN6_IS_ADDR_LOOPBACK(six) ||
            (IN6_IS_ADDR_V4MAPPED(six) && four_at(six, 12) >> 24 == 127));
}

bool peer_parse(const char *text, struct sockaddr_storage *out)
{
    struct sockaddr_in *four = (struct sockaddr_in *)out;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
    memset(out, 0, sizeof *out);
    out->ss_family = AF_INET;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
        return true;
    out->ss_family = AF_INET6;
    return inet_pton(AF_INET6, text, &six->sin6_addr) == 1;
}

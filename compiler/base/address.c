/*
 * Kinds of addresses: two tables of prefixes. Metadata services that have addresses outside of
 * 169.254.0.0/16 are in them too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

struct prefix {
    uint8_t bytes[16];
    unsigned bits;
    enum address_kind kind;
};

/* The first that fits counts. */
static const struct prefix prefixes_4[] = {
    {{127}, 8, ADDRESS_LOOPBACK},
    {{0}, 8, ADDRESS_LOOPBACK}, /* "this host": Linux connects to itself */
    {{169, 254}, 16, ADDRESS_LINK_LOCAL},
    {{100, 100, 100, 200}, 32, ADDRESS_LINK_LOCAL}, /* metadata, Alibaba Cloud */
    {{168, 63, 129, 16}, 32, ADDRESS_LINK_LOCAL},   /* metadata, Azure */
    {{192, 0, 0}, 24, ADDRESS_LINK_LOCAL},          /* metadata, Oracle Cloud */
    {{10}, 8, ADDRESS_PRIVATE},
    {{172, 16}, 12, ADDRESS_PRIVATE},
    {{192, 168}, 16, ADDRESS_PRIVATE},
    {{100, 64}, 10, ADDRESS_PRIVATE},
    {{192, 0, 2}, 24, ADDRESS_PRIVATE},
    {{198, 18}, 15, ADDRESS_PRIVATE},
    {{198, 51, 100}, 24, ADDRESS_PRIVATE},
    {{203, 0, 113}, 24, ADDRESS_PRIVATE},
    {{224}, 3, ADDRESS_SPECIAL},
};

static const struct prefix prefixes_6[] = {
    {{[15] = 1}, 128, ADDRESS_LOOPBACK},
    {{0}, 128, ADDRESS_LOOPBACK},
    {{0xfe, 0x80}, 10, ADDRESS_LINK_LOCAL},
    {{0xfd, 0x00, 0x0e, 0xc2}, 32, ADDRESS_LINK_LOCAL}, /* metadata, AWS */
    {{0xfc}, 7, ADDRESS_PRIVATE},
    {{0xfe, 0xc0}, 10, ADDRESS_PRIVATE},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, ADDRESS_PRIVATE},
    {{0xff}, 8, ADDRESS_SPECIAL},
};

/* Prefixes behind which an IPv4 address stands: mapped, compatible, NAT64 and 6to4. */
static const struct prefix carriers[] = {
    {{[10] = 0xff, 0xff}, 96, ADDRESS_PUBLIC},
    {{0}, 96, ADDRESS_PUBLIC},
    {{0x00, 0x64, 0xff, 0x9b}, 96, ADDRESS_PUBLIC},
    {{0x20, 0x02}, 16, ADDRESS_PUBLIC},
};

static int has_prefix(const uint8_t *address, const struct prefix *prefix)
{
    unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;
    if (memcmp(address, prefix->bytes, whole) != 0)
        return 0;
    uint8_t mask = (uint8_t)(0xff00u >> rest);
    return rest == 0 || (address[whole] & mask) == (prefix->bytes[whole] & mask);
}

static enum address_kind kind_in(const uint8_t *address, const struct prefix *prefixes,
                                 size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (has_prefix(address, &prefixes[i]))
            return prefixes[i].kind;
    return ADDRESS_PUBLIC;
}

static enum address_kind kind_4(const uint8_t *address)
{
    return kind_in(address, prefixes_4, sizeof prefixes_4 / sizeof prefixes_4[0]);
}

static enum address_kind kind_6(const uint8_t *address)
{
    enum address_kind kind = kind_in(address, prefixes_6, sizeof prefixes_6 / sizeof prefixes_6[0]);
    if (kind != ADDRESS_PUBLIC)
        return kind;
    for (size_t i = 0; i < sizeof carriers / sizeof carriers[0]; i++)
        if (has_prefix(address, &carriers[i]))
            return kind_4(address + (carriers[i].bits == 16 ? 2 : 12));
    return ADDRESS_PUBLIC;
}

enum address_kind address_kind(const struct sockaddr *address)
{
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
    if (address->sa_family == AF_INET) {
        memcpy(&ip4, address, sizeof ip4);
        return kind_4((const uint8_t *)&ip4.sin_addr);
    }
    if (address->sa_family != AF_INET6)
        return ADDRESS_SPECIAL;
    memcpy(&ip6, address, sizeof ip6);
    return kind_6(ip6.sin6_addr.s6_addr);
}

enum address_kind address_kind_of_text(const char *text)
{
    uint8_t bytes[16];
    if (inet_pton(AF_INET, text, bytes) == 1)
        return kind_4(bytes);
    return inet_pton(AF_INET6, text, bytes) == 1 ? kind_6(bytes) : ADDRESS_SPECIAL;
}

const char *address_kind_name(enum address_kind kind)
{
    static const char *const names[] = {
        [ADDRESS_PUBLIC] = "a public address",       [ADDRESS_LOOPBACK] = "a loopback address",
        [ADDRESS_PRIVATE] = "a private address",     [ADDRESS_LINK_LOCAL] = "a link-local address",
        [ADDRESS_SPECIAL] = "an address of no host",
    };
    return names[kind];
}

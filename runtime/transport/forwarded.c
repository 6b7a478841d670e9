/*
 * X-Forwarded-*, from proxies that are believed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/forwarded.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/protocol/exchange.h"

enum { TEXT_SIZE = 64, ADDRESS_BITS = 128, MAPPED_BITS = 96 };

/* An address of either family as one of IPv6 (::ffff:a.b.c.d for IPv4). */
struct address {
    unsigned char bytes[16];
    bool is_four;
};

static bool read_address(const char *text, struct address *out)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    memcpy(out->bytes, mapped, sizeof mapped);
    out->is_four = inet_pton(AF_INET, text, out->bytes + sizeof mapped) == 1;
    return out->is_four || inet_pton(AF_INET6, text, out->bytes) == 1;
}

static bool take_address(const struct sockaddr *from, struct address *out)
{
    char text[INET6_ADDRSTRLEN];
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    if (from->sa_family == AF_INET) {
        memcpy(&four, from, sizeof four);
        return inet_ntop(AF_INET, &four.sin_addr, text, sizeof text) && read_address(text, out);
    }
    if (from->sa_family != AF_INET6)
        return false;
    memcpy(&six, from, sizeof six);
    return inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof text) && read_address(text, out);
}

/* "address" or "address/bits". */
static bool read_network(const char *text, struct address *out, unsigned *bits)
{
    char name[TEXT_SIZE];
    const char *slash = strchr(text, '/');
    size_t size = slash ? (size_t)(slash - text) : strlen(text);
    char *end = NULL;
    if (size >= sizeof name)
        return false;
    memcpy(name, text, size);
    name[size] = '\0';
    if (!read_address(name, out))
        return false;
    unsigned most = out->is_four ? ADDRESS_BITS - MAPPED_BITS : ADDRESS_BITS;
    unsigned long number = most;
    if (slash) {
        number = slash[1] >= '0' && slash[1] <= '9' ? strtoul(slash + 1, &end, 10) : most + 1;
        if (number > most || *end)
            return false;
    }
    *bits = (unsigned)number + (out->is_four ? MAPPED_BITS : 0);
    return true;
}

bool forwarded_is_network(const char *text)
{
    struct address address;
    unsigned bits;
    return read_network(text, &address, &bits);
}

static bool is_in(const char *network, const struct address *address)
{
    struct address first;
    unsigned bits;
    if (!read_network(network, &first, &bits))
        return false;
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(first.bytes, address->bytes, whole) != 0)
        return false;
    unsigned mask = 0xff00u >> rest & 0xff;
    return rest == 0 || ((first.bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

static bool is_trusted(const char *const *networks, const struct address *address)
{
    for (; networks && *networks; networks++)
        if (is_in(*networks, address))
            return true;
    return false;
}

bool forwarded_is_trusted(const char *const *networks, const struct sockaddr *from)
{
    struct address address;
    return networks && take_address(from, &address) && is_trusted(networks, &address);
}

/* Cuts the last item off a comma-separated list. */
static struct slice take_last(struct slice *list)
{
    size_t start = list->len;
    while (start > 0 && list->at[start - 1] != ',')
        start--;
    struct slice item = {list->at + start, list->len - start};
    list->len = start > 0 ? start - 1 : 0;
    return slice_trimmed(item);
}

/* Proxies append: what is right of an address that is not trusted was added by one that is. */
static struct slice caller_of(const char *const *networks, struct slice list)
{
    while (list.len) {
        char text[TEXT_SIZE];
        struct address address;
        struct slice item = take_last(&list);
        if (item.len == 0 || item.len >= sizeof text)
            return (struct slice){0};
        memcpy(text, item.at, item.len);
        text[item.len] = '\0';
        if (!read_address(text, &address))
            return (struct slice){0};
        if (!is_trusted(networks, &address) || !list.len)
            return item;
    }
    return (struct slice){0};
}

struct slice forwarded_read(const char *const *networks, struct http_request *request)
{
    struct slice proto = http_header_get(request, "X-Forwarded-Proto", NULL);
    if (slice_is(proto, "https") || slice_is(proto, "http"))
        request->forwarded_proto = proto;
    request->forwarded_host = http_header_get(request, "X-Forwarded-Host", NULL);
    return caller_of(networks, http_header_get(request, "X-Forwarded-For", NULL));
}

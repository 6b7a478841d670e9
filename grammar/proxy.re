/*
 * The PROXY protocol's header (HAProxy's proxy-protocol.txt): version 1 is a line of text, for
 * re2c, version 2 a fixed binary head, addresses, and vectors of type, length and value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "grammar/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

enum {
    LINE_MAX_SIZE = 107, /* of version 1, with CR LF */
    HEAD_SIZE = 16,      /* of version 2: what is before the addresses */
    TEXT_SIZE = INET6_ADDRSTRLEN,
    LOCAL = 0x20, /* version 2 in the upper half, the command in the lower */
    PROXY = 0x21,
    STREAM = 1,
    TYPE_CRC32C = 3,
};

static const unsigned char words[] = "PROXY ";
static const unsigned char signature[] = "\r\n\r\n\0\r\nQUIT\n";

/* ---- version 1 ---- */

struct scan {
    const unsigned char *limit;
};

struct text_range {
    const unsigned char *at, *end;
};

/*!re2c
    re2c:api:style = free-form;
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = cursor;
    re2c:define:YYMARKER = marker;
    re2c:define:YYLIMIT = scan->limit;
    re2c:yyfill:enable = 0;
    re2c:flags:tags = 1;
    re2c:eof = 0;

    crlf = "\r\n";
    port = "0" | [1-9] [0-9]{0,4};
    four = [0-9.]+;
    six  = [0-9A-Fa-f:.]+;
*/

static bool read_port(struct text_range text, uint16_t *out)
{
    unsigned number = 0;
    for (const unsigned char *at = text.at; at < text.end; at++)
        number = number * 10 + (unsigned)(*at - '0');
    *out = htons((uint16_t)number);
    return number <= UINT16_MAX;
}

static bool read_address(int family, struct text_range text, void *out)
{
    char copy[TEXT_SIZE];
    size_t size = (size_t)(text.end - text.at);
    if (size >= sizeof copy)
        return false;
    memcpy(copy, text.at, size);
    copy[size] = '\0';
    return inet_pton(family, copy, out) == 1;
}

/* The proxy's own address, `to`, must be one too, and is of no further use. */
static bool read_source(bool is_four, const struct text_range range[4], struct proxy_header *out)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    struct in6_addr to;
    uint16_t from_port, to_port;
    int family = is_four ? AF_INET : AF_INET6;
    if (!read_address(family, range[0], is_four ? (void *)&four.sin_addr : &six.sin6_addr) ||
        !read_address(family, range[1], &to) || !read_port(range[2], &from_port) ||
        !read_port(range[3], &to_port))
        return false;
    four.sin_port = six.sin6_port = from_port;
    if (is_four)
        memcpy(&out->source, &four, sizeof four);
    else
        memcpy(&out->source, &six, sizeof six);
    out->has_source = true;
    return true;
}

/* A line from its first byte to its LF, and a NUL after it. */
static bool scan_line(const unsigned char *cursor, size_t size, struct proxy_header *out)
{
    const struct scan whole = {cursor + size}, *scan = &whole;
    const unsigned char *marker = cursor, *a, *b, *c, *d, *e, *f, *g, *h;
    bool is_four = false;
    /*!stags:re2c:line format = "const unsigned char *@@;\n"; */
    /*!re2c:line
        "PROXY TCP4 " @a four @b " " @c four @d " " @e port @f " " @g port @h crlf {
            is_four = true;
            goto found;
        }
        "PROXY TCP6 " @a six @b " " @c six @d " " @e port @f " " @g port @h crlf { goto found; }
        "PROXY UNKNOWN" (" " [^\r\n]*)? crlf            { return cursor == scan->limit; }
        *                                               { return false; }
        $                                               { return false; }
    */
found:
    return cursor == scan->limit &&
           read_source(is_four, (struct text_range[4]){{a, b}, {c, d}, {e, f}, {g, h}}, out);
}

static enum proxy_scanned scan_text(const unsigned char *bytes, size_t size,
                                    struct proxy_header *out)
{
    unsigned char line[LINE_MAX_SIZE + 1];
    size_t known = size < LINE_MAX_SIZE ? size : LINE_MAX_SIZE;
    const unsigned char *end = memchr(bytes, '\n', known);
    if (!end)
        return size < LINE_MAX_SIZE ? PROXY_MORE : PROXY_BAD;
    out->size = (size_t)(end - bytes) + 1;
    memcpy(line, bytes, out->size);
    line[out->size] = '\0';
    return scan_line(line, out->size, out) ? PROXY_WHOLE : PROXY_BAD;
}

/* ---- version 2 ---- */

/* CRC-32C (RFC 9260, appendix A), of a few hundred bytes a connection. */
static uint32_t add_crc32c(uint32_t sum, const unsigned char *at, size_t size)
{
    for (; size; size--, at++) {
        sum ^= *at;
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78U : 0);
    }
    return sum;
}

/* The sum is taken with zeros in its own place. */
static bool is_sum_right(const unsigned char *bytes, size_t size, const unsigned char *place)
{
    static const unsigned char zeros[4];
    uint32_t sum = add_crc32c(UINT32_MAX, bytes, (size_t)(place - bytes));
    sum = add_crc32c(sum, zeros, sizeof zeros);
    sum = ~add_crc32c(sum, place + 4, (size_t)(bytes + size - place) - 4);
    return sum == ((uint32_t)place[0] << 24 | (uint32_t)place[1] << 16 | (uint32_t)place[2] << 8 |
                   place[3]);
}

/* Vectors from `at` to the header's end. Only their lengths and the sum are looked at. */
static bool check_vectors(const unsigned char *bytes, size_t size, size_t at)
{
    while (at < size) {
        if (size - at < 3)
            return false;
        size_t length = (size_t)bytes[at + 1] << 8 | bytes[at + 2];
        if (length > size - at - 3)
            return false;
        if (bytes[at] == TYPE_CRC32C &&
            (length != 4 || !is_sum_right(bytes, size, bytes + at + 3)))
            return false;
        at += 3 + length;
    }
    return true;
}

static void take_four(const unsigned char *at, struct proxy_header *out)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    memcpy(&four.sin_addr, at, 4);
    memcpy(&four.sin_port, at + 8, 2);
    memcpy(&out->source, &four, sizeof four);
    out->has_source = true;
}

static void take_six(const unsigned char *at, struct proxy_header *out)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    memcpy(&six.sin6_addr, at, 16);
    memcpy(&six.sin6_port, at + 32, 2);
    memcpy(&out->source, &six, sizeof six);
    out->has_source = true;
}

/* UNSPEC, IPv4, IPv6 and UNIX; what no TCP connection is, and what is not defined, is refused. */
static bool read_addresses(const unsigned char *bytes, size_t size, struct proxy_header *out)
{
    static const size_t sizes[] = {0, 12, 36, 216};
    unsigned family = bytes[13] >> 4, kind = bytes[13] & 15;
    if (family >= sizeof sizes / sizeof sizes[0] || kind != (family ? STREAM : 0) ||
        size - HEAD_SIZE < sizes[family])
        return false;
    if (family == 1)
        take_four(bytes + HEAD_SIZE, out);
    else if (family == 2)
        take_six(bytes + HEAD_SIZE, out);
    return check_vectors(bytes, size, HEAD_SIZE + sizes[family]);
}

static enum proxy_scanned scan_binary(const unsigned char *bytes, size_t size,
                                      struct proxy_header *out)
{
    if (size < HEAD_SIZE)
        return PROXY_MORE;
    out->size = HEAD_SIZE + ((size_t)bytes[14] << 8 | bytes[15]);
    out->is_local = bytes[12] == LOCAL;
    if ((bytes[12] != LOCAL && bytes[12] != PROXY) || out->size > PROXY_HEADER_MAX)
        return PROXY_BAD;
    if (size < out->size)
        return PROXY_MORE;
    /* what follows LOCAL is to be skipped, whatever it is */
    return out->is_local || read_addresses(bytes, out->size, out) ? PROXY_WHOLE : PROXY_BAD;
}

/* Whether the bytes are what a header of this kind begins with, as far as they go. */
static bool begins(const unsigned char *bytes, size_t size, const unsigned char *start,
                   size_t start_size)
{
    return memcmp(bytes, start, size < start_size ? size : start_size) == 0;
}

enum proxy_scanned proxy_scan(const unsigned char *bytes, size_t size, struct proxy_header *out)
{
    *out = (struct proxy_header){0};
    if (size == 0)
        return PROXY_MORE;
    if (begins(bytes, size, signature, sizeof signature - 1))
        return scan_binary(bytes, size, out);
    return begins(bytes, size, words, sizeof words - 1) ? scan_text(bytes, size, out) : PROXY_BAD;
}

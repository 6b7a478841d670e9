/*
 * The PROXY protocol's header: both versions, every cut, and what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "grammar/proxy.h"
#include "runtime/transport/address.h"
#include "tests/unit/check.h"

#include <string.h>

#define BYTES(literal) (const unsigned char *)(literal), sizeof(literal) - 1
#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define FOUR "\xc0\x00\x02\x07\x7f\x00\x00\x01\x30\x39\x01\xbb" /* 192.0.2.7:12345 */
#define SIX                                      \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01" \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\x30\x39\x01\xbb"

struct sample {
    const unsigned char *bytes;
    size_t size;
    const char *source; /* NULL: none */
};

static const struct sample right[] = {
    {BYTES("PROXY TCP4 192.0.2.7 127.0.0.1 12345 443\r\n"), "192.0.2.7:12345"},
    {BYTES("PROXY TCP4 255.255.255.255 255.255.255.255 65535 0\r\n"), "255.255.255.255:65535"},
    {BYTES("PROXY TCP6 2001:db8::1 ::1 12345 443\r\n"), "[2001:db8::1]:12345"},
    {BYTES("PROXY UNKNOWN\r\n"), NULL},
    {BYTES("PROXY UNKNOWN ffff::1 whatever\r\n"), NULL},
    {BYTES(SIGNATURE "\x21\x11\0\x0c" FOUR), "192.0.2.7:12345"},
    {BYTES(SIGNATURE "\x21\x21\0\x24" SIX), "[2001:db8::1]:12345"},
    {BYTES(SIGNATURE "\x20\0\0\0"), NULL},
    {BYTES(SIGNATURE "\x20\xff\0\x03zzz"), NULL}, /* LOCAL: the rest is skipped, whatever it is */
    {BYTES(SIGNATURE "\x21\0\0\0"), NULL},
    {BYTES(SIGNATURE "\x21\x11\0\x14" FOUR "\x04\0\x05"
                     "noop!"),
     "192.0.2.7:12345"},
    {BYTES(SIGNATURE "\x21\x11\0\x13" FOUR "\x03\0\x04\xad\xa1\x3d\xc9"), "192.0.2.7:12345"},
};

static const struct sample wrong[] = {
    {BYTES("GET / HTTP/1.1\r\n"), NULL},
    {BYTES("\x16\x03\x01"), NULL},
    {BYTES("PROXY  TCP4 192.0.2.7 127.0.0.1 1 2\r\n"), NULL},
    {BYTES("proxy TCP4 192.0.2.7 127.0.0.1 1 2\r\n"), NULL},
    {BYTES("PROXY TCP4 192.0.2.7 127.0.0.1 1 2\n"), NULL},
    {BYTES("PROXY TCP4 192.0.2.7 127.0.0.1 1 2 \r\n"), NULL},
    {BYTES("PROXY TCP4 192.0.2.7 127.0.0.1 1\r\n"), NULL},
    {BYTES("PROXY TCP4 192.0.2.256 127.0.0.1 1 2\r\n"), NULL},
    {BYTES("PROXY TCP4 192.0.2.7 127.0.0 1 2\r\n"), NULL},
    {BYTES("PROXY TCP4 192.0.2.7 127.0.0.1 01 2\r\n"), NULL},
    {BYTES("PROXY TCP4 192.0.2.7 127.0.0.1 65536 2\r\n"), NULL},
    {BYTES("PROXY TCP4 192.0.2.7 127.0.0.1 -1 2\r\n"), NULL},
    {BYTES("PROXY TCP4 2001:db8::1 ::1 1 2\r\n"), NULL},
    {BYTES("PROXY TCP6 192.0.2.7 127.0.0.1 1 2\r\n"), NULL},
    {BYTES("PROXY TCP6 2001:db8::1::2 ::1 1 2\r\n"), NULL},
    {BYTES("PROXY TCP4 192.0.2.7\0 127.0.0.1 1 2\r\n"), NULL},
    {BYTES("PROXY UDP4 192.0.2.7 127.0.0.1 1 2\r\n"), NULL},
    {BYTES("PROXY UNKNOWNS\r\n"), NULL},
    {BYTES(SIGNATURE "\x11\x11\0\x0c" FOUR), NULL}, /* version 1 in binary */
    {BYTES(SIGNATURE "\x22\x11\0\x0c" FOUR), NULL}, /* no such command */
    {BYTES(SIGNATURE "\x21\x12\0\x0c" FOUR), NULL}, /* UDP */
    {BYTES(SIGNATURE "\x21\x41\0\x0c" FOUR), NULL}, /* no such family */
    {BYTES(SIGNATURE "\x21\x11\0\x0b" FOUR), NULL}, /* too short for its addresses */
    {BYTES(SIGNATURE "\x21\x21\0\x0c" FOUR), NULL},
    {BYTES(SIGNATURE "\x21\x11\xff\xff"), NULL}, /* larger than we read */
    {BYTES(SIGNATURE "\x21\x11\0\x0e" FOUR "\x04\0"), NULL},
    {BYTES(SIGNATURE "\x21\x11\0\x0f" FOUR "\x04\0\x01"), NULL},
    {BYTES(SIGNATURE "\x21\x11\0\x13" FOUR "\x03\0\x04\xad\xa1\x3d\xc8"), NULL}, /* the sum */
    {BYTES(SIGNATURE "\x21\x11\0\x12" FOUR "\x03\0\x03\xad\xa1\x3d"), NULL},
};

static void check_right(const struct sample *sample)
{
    unsigned char bytes[256];
    char text[ADDRESS_TEXT_SIZE];
    struct proxy_header header;
    /* what follows is not looked at */
    memcpy(bytes, sample->bytes, sample->size);
    memcpy(bytes + sample->size, "\x01GET /", 6);
    CHECK(proxy_scan(bytes, sample->size + 6, &header) == PROXY_WHOLE);
    CHECK(header.size == sample->size);
    CHECK(header.has_source == (sample->source != NULL));
    if (sample->source)
        CHECK(strcmp(address_text((const struct sockaddr *)&header.source, text), sample->source) ==
              0);
    for (size_t cut = 0; cut < sample->size; cut++)
        CHECK(proxy_scan(bytes, cut, &header) == PROXY_MORE);
}

int main(void)
{
    struct proxy_header header;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        check_right(&right[i]);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (proxy_scan(wrong[i].bytes, wrong[i].size, &header) != PROXY_BAD)
            fprintf(stderr, "accepted: number %zu\n", i);
        CHECK(proxy_scan(wrong[i].bytes, wrong[i].size, &header) == PROXY_BAD);
    }
    /* a line that does not end within 107 bytes */
    unsigned char line[200] = "PROXY UNKNOWN ";
    memset(line + 14, 'x', sizeof line - 14);
    CHECK(proxy_scan(line, 106, &header) == PROXY_MORE);
    CHECK(proxy_scan(line, 107, &header) == PROXY_BAD);
    line[105] = '\r', line[106] = '\n';
    CHECK(proxy_scan(line, 107, &header) == PROXY_WHOLE);
    CHECK(proxy_scan(line, 200, &header) == PROXY_WHOLE && header.size == 107);
    return check_report();
}

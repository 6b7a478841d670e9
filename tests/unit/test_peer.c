/*
 * Addresses that are not of the public internet, however they are written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/upstream/peer.h"

#include "tests/unit/check.h"

static bool is_public(const char *text)
{
    struct sockaddr_storage address;
    return CHECK(peer_parse(text, &address)) && peer_is_public((struct sockaddr *)&address);
}

static bool is_loopback(const char *text)
{
    struct sockaddr_storage address;
    return CHECK(peer_parse(text, &address)) && peer_is_loopback((struct sockaddr *)&address);
}

int main(void)
{
    static const char *const public[] = {"1.1.1.1",         "8.8.8.8",         "100.63.255.255",
                                         "172.15.0.1",      "172.32.0.1",      "192.167.1.1",
                                         "198.17.255.255",  "223.255.255.255", "2606:4700::1111",
                                         "2001:4860::8888", "::ffff:8.8.8.8",  "64:ff9b::808:808"};
    static const char *const special[] = {"0.0.0.0",
                                          "10.0.0.1",
                                          "100.64.0.1",
                                          "127.0.0.1",
                                          "127.255.255.255",
                                          "169.254.169.254",
                                          "172.16.0.1",
                                          "172.31.255.255",
                                          "192.0.0.1",
                                          "192.168.1.1",
                                          "198.18.0.1",
                                          "198.51.100.1",
                                          "203.0.113.1",
                                          "224.0.0.1",
                                          "240.0.0.1",
                                          "255.255.255.255",
                                          "::",
                                          "::1",
                                          "::ffff:10.0.0.1",
                                          "::ffff:127.0.0.1",
                                          "fc00::1",
                                          "fd12:3456::1",
                                          "fe80::1",
                                          "fec0::1",
                                          "ff02::1",
                                          "2001:db8::1",
                                          "2001::1",
                                          "2002:7f00:1::",
                                          "2002:a00:1::",
                                          "64:ff9b::a00:1",
                                          "::10.0.0.1",
                                          "100::1"};
    struct sockaddr_storage address;
    for (size_t i = 0; i < sizeof public / sizeof *public; i++)
        if (!CHECK(is_public(public[i])))
            fprintf(stderr, "    %s\n", public[i]);
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (!CHECK(!is_public(special[i])))
            fprintf(stderr, "    %s\n", special[i]);
    CHECK(is_loopback("127.0.0.2") && is_loopback("::1") && is_loopback("::ffff:127.0.0.1"));
    CHECK(!is_loopback("128.0.0.1") && !is_loopback("::2") && !is_loopback("::ffff:10.0.0.1"));
    CHECK(!peer_parse("localhost", &address) && !peer_parse("", &address));
    CHECK(!peer_parse("1.2.3", &address) && !peer_parse("0x7f000001", &address));
    return check_report();
}

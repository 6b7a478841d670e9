/*
 * Kinds of addresses, their edges, and IPv4 addresses inside of IPv6 ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "tests/unit/check.h"

static const struct {
    const char *text;
    enum address_kind kind;
} addresses[] = {
    {"93.184.216.34", ADDRESS_PUBLIC},
    {"126.255.255.255", ADDRESS_PUBLIC},
    {"127.0.0.1", ADDRESS_LOOPBACK},
    {"127.255.255.255", ADDRESS_LOOPBACK},
    {"128.0.0.0", ADDRESS_PUBLIC},
    {"0.0.0.0", ADDRESS_LOOPBACK},
    {"9.255.255.255", ADDRESS_PUBLIC},
    {"10.0.0.0", ADDRESS_PRIVATE},
    {"11.0.0.0", ADDRESS_PUBLIC},
    {"172.15.255.255", ADDRESS_PUBLIC},
    {"172.16.0.0", ADDRESS_PRIVATE},
    {"172.31.255.255", ADDRESS_PRIVATE},
    {"172.32.0.0", ADDRESS_PUBLIC},
    {"192.168.0.1", ADDRESS_PRIVATE},
    {"192.169.0.1", ADDRESS_PUBLIC},
    {"100.63.255.255", ADDRESS_PUBLIC},
    {"100.64.0.1", ADDRESS_PRIVATE},
    {"100.100.100.200", ADDRESS_LINK_LOCAL},
    {"100.128.0.0", ADDRESS_PUBLIC},
    {"168.63.129.16", ADDRESS_LINK_LOCAL},
    {"169.254.169.254", ADDRESS_LINK_LOCAL},
    {"192.0.0.192", ADDRESS_LINK_LOCAL},
    {"223.255.255.255", ADDRESS_PUBLIC},
    {"224.0.0.1", ADDRESS_SPECIAL},
    {"255.255.255.255", ADDRESS_SPECIAL},
    {"::1", ADDRESS_LOOPBACK},
    {"::", ADDRESS_LOOPBACK},
    {"2606:2800:220:1::1", ADDRESS_PUBLIC},
    {"fe80::1", ADDRESS_LINK_LOCAL},
    {"febf::1", ADDRESS_LINK_LOCAL},
    {"fec0::1", ADDRESS_PRIVATE},
    {"fd00:ec2::254", ADDRESS_LINK_LOCAL},
    {"fd00::1", ADDRESS_PRIVATE},
    {"fc00::1", ADDRESS_PRIVATE},
    {"fbff::1", ADDRESS_PUBLIC},
    {"ff02::1", ADDRESS_SPECIAL},
    {"::ffff:127.0.0.1", ADDRESS_LOOPBACK},
    {"::ffff:93.184.216.34", ADDRESS_PUBLIC},
    {"::127.0.0.1", ADDRESS_LOOPBACK},
    {"64:ff9b::a00:1", ADDRESS_PRIVATE},
    {"2002:a9fe:a9fe::1", ADDRESS_LINK_LOCAL},
    {"2002:5db8:d822::1", ADDRESS_PUBLIC},
    {"no address", ADDRESS_SPECIAL},
};

static void test_sockets(void)
{
    struct sockaddr_in ip4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    struct sockaddr_in6 ip6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    CHECK_INT(address_kind((const struct sockaddr *)&ip4), ADDRESS_LOOPBACK);
    CHECK_INT(address_kind((const struct sockaddr *)&ip6), ADDRESS_LOOPBACK);
    CHECK_INT(address_kind((const struct sockaddr *)&local), ADDRESS_SPECIAL);
}

int main(void)
{
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        check_that(address_kind_of_text(addresses[i].text) == addresses[i].kind, __FILE__, __LINE__,
                   addresses[i].text);
    test_sockets();
    return check_report();
}

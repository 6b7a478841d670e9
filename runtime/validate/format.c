/*
 * Checks strings against formats.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/format.h"

#include <arpa/inet.h>

/* Reads `count` digits off the front. */
static bool take_number(struct slice *text, size_t count, int *out)
{
    *out = 0;
    if (text->len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (text->at[i] < '0' || text->at[i] > '9')
            return false;
        *out = *out * 10 + (text->at[i] - '0');
    }
    *text = (struct slice){text->at + count, text->len - count};
    return true;
}

static bool take_byte(struct slice *text, const char *wanted)
{
    if (text->len == 0 || text->at[0] == '\0' || !strchr(wanted, text->at[0]))
        return false;
    *text = (struct slice){text->at + 1, text->len - 1};
    return true;
}

static bool take_date(struct slice *text)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    if (!take_number(text, 4, &year) || !take_byte(text, "-") || !take_number(text, 2, &month) ||
        !take_byte(text, "-") || !take_number(text, 2, &day) || month < 1 || month > 12)
        return false;
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day >= 1 && day <= days[month - 1] + (month == 2 && is_leap);
}

/* Minutes to be taken off for UTC. */
static bool take_offset(struct slice *text, int *minutes)
{
    int hour, minute;
    *minutes = 0;
    if (take_byte(text, "Zz"))
        return true;
    bool is_negative = text->len && text->at[0] == '-';
    if (!take_byte(text, "+-") || !take_number(text, 2, &hour) || !take_byte(text, ":") ||
        !take_number(text, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *minutes = (hour * 60 + minute) * (is_negative ? -1 : 1);
    return true;
}

static bool take_time(struct slice *text)
{
    enum { DAY = 24 * 60 };
    int hour, minute, second, offset, fraction;
    if (!take_number(text, 2, &hour) || !take_byte(text, ":") || !take_number(text, 2, &minute) ||
        !take_byte(text, ":") || !take_number(text, 2, &second) || hour > 23 || minute > 59 ||
        second > 60)
        return false;
    if (take_byte(text, ".")) {
        if (!take_number(text, 1, &fraction))
            return false;
        while (take_number(text, 1, &fraction))
            ;
    }
    if (!take_offset(text, &offset))
        return false;
    /* a leap second is the last of a day in UTC (RFC 3339, section 5.7) */
    return second < 60 || (hour * 60 + minute - offset + DAY) % DAY == DAY - 1;
}

static bool is_date(struct slice text)
{
    return take_date(&text) && text.len == 0;
}

static bool is_time(struct slice text)
{
    return take_time(&text) && text.len == 0;
}

static bool is_date_time(struct slice text)
{
    return take_date(&text) && take_byte(&text, "Tt") && take_time(&text) && text.len == 0;
}

static bool is_uuid(struct slice text)
{
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (!text.at[i] || !strchr(is_dash ? "-" : "0123456789abcdefABCDEF", text.at[i]))
            return false;
    }
    return true;
}

static bool is_address(struct slice text, int family)
{
    char name[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (text.len >= sizeof name || memchr(text.at, '\0', text.len))
        return false;
    memcpy(name, text.at, text.len);
    name[text.len] = '\0';
    return inet_pton(family, name, &address) == 1;
}

static bool is_ipv4(struct slice text)
{
    return is_address(text, AF_INET);
}

static bool is_ipv6(struct slice text)
{
    return is_address(text, AF_INET6);
}

static const struct format formats[] = {
    {"date", "a date like 2024-12-31", is_date, NULL, NULL},
    {"date-time", "a date and time like 2024-12-31T23:59:00Z", is_date_time, NULL, NULL},
    {"time", "a time like 23:59:00Z", is_time, NULL, NULL},
    {"uuid", "a UUID", is_uuid, NULL, NULL},
    {"ipv4", "an IPv4 address", is_ipv4, NULL, NULL},
    {"ipv6", "an IPv6 address", is_ipv6, NULL, NULL},
    {"int32", "a 32-bit integer (-2147483648 to 2147483647)", NULL, "-2147483648", "2147483647"},
    {"int64", "a 64-bit integer (-9223372036854775808 to 9223372036854775807)", NULL,
     "-9223372036854775808", "9223372036854775807"},
};

const struct format *format_find(struct slice name)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (slice_is(name, formats[i].name))
            return &formats[i];
    return NULL;
}

bool format_fits_number(const struct format *format, const struct decimal *number)
{
    if (!format->least || !decimal_is_integer(number))
        return true;
    if (number->first + 1 < (int64_t)strlen(format->most)) /* fewer digits than the bounds */
        return true;
    struct decimal least = decimal_read(slice_of(format->least));
    struct decimal most = decimal_read(slice_of(format->most));
    return decimal_compare(number, &least) >= 0 && decimal_compare(number, &most) <= 0;
}

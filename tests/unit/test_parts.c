/*
 * Answers of several parts: what is one, and what only looks like it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/parts.h"

#include "tests/unit/check.h"

static struct content parts[PARTS_MAX];

static size_t read_parts(const char *type, const char *body)
{
    return parts_read(slice_of(type), slice_of(body), parts);
}

static void check_part(size_t index, const char *type, const char *location, const char *body)
{
    CHECK(slice_is(parts[index].type, type));
    CHECK(slice_is(parts[index].location, location));
    CHECK(slice_is(parts[index].body, body));
}

static void check_usual(void)
{
    CHECK_INT(read_parts("multipart/mixed; boundary=x",
                         "preamble\r\n--x\r\nContent-Type: text/html; charset=utf-8\r\n"
                         "content-location: test://a\r\n\r\none\r\ntwo\r\n"
                         "--x\r\n\r\n\r\n--x--\r\nepilogue"),
              2);
    check_part(0, "text/html", "test://a", "one\r\ntwo");
    check_part(1, "text/plain", "", "");
    CHECK_INT(read_parts("Multipart/Related; type=\"a\"; BOUNDARY=\"a b\"",
                         "--a b \nContent-Type:image/png\n\n--a bc\n--a b--"),
              1);
    check_part(0, "image/png", "", "--a bc");
}

static void check_not(void)
{
    CHECK_INT(read_parts("text/plain; boundary=x", "--x\r\n\r\na\r\n--x--"), 0);
    CHECK_INT(read_parts("multipart/mixed", "--x\r\n\r\na\r\n--x--"), 0);
    CHECK_INT(read_parts("multipart/mixed; boundary=", "--\r\n\r\na\r\n----"), 0);
    CHECK_INT(read_parts("multipart/mixed; boundary=x", ""), 0);
    CHECK_INT(read_parts("multipart/mixed; boundary=x", "no delimiter"), 0);
    CHECK_INT(read_parts("multipart/mixed; boundary=x", "--x\r\n\r\nnever ends\r\n"), 0);
    CHECK_INT(read_parts("multipart/mixed; boundary=x", "--x\r\n\r\nnever ends\r\n--x"), 0);
    CHECK_INT(read_parts("multipart/mixed; boundary=x", "--x--"), 0);
    CHECK_INT(read_parts("multipart/mixed; boundary=0123456789012345678901234567890123456789"
                         "0123456789012345678901234567890123456789",
                         "--x--"),
              0);
}

static void check_too_many(void)
{
    char body[8 * (PARTS_MAX + 2)] = "";
    for (int i = 0; i <= PARTS_MAX; i++)
        strcat(body, "--x\n\n\n");
    strcat(body, "--x--");
    CHECK_INT(read_parts("multipart/mixed; boundary=x", body), 0);
}

static void check_uri(void)
{
    static const char *const good[] = {"test://a", "urn:x", "https://h/p?q=1#f", "a+b-c.1:x"};
    static const char *const bad[] = {"",      "a",     ":x",     "1:x",    "/a",         "test:",
                                      "a b:c", "a:b c", "a:b\"c", "a:\x7f", "a:\xc3\xa9", "a:{b}"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK(content_is_uri(slice_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!content_is_uri(slice_of(bad[i])));
}

int main(void)
{
    check_usual();
    check_not();
    check_too_many();
    check_uri();
    return check_report();
}

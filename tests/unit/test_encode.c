/*
 * Percent-encoding, what a path may not become, header values, Base64.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/memory/base64.h"
#include "runtime/upstream/encode.h"
#include "tests/unit/check.h"

static struct pool *pool;

static struct slice encoded(struct slice bytes, enum encode_set set)
{
    struct text out = {.pool = pool};
    encode_add(&out, bytes, set);
    CHECK(!out.failed);
    return text_slice(&out);
}

static void test_uri(void)
{
    char all[256], into[768];
    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    struct slice found = encoded((struct slice){all, 256}, ENCODE_URI);
    /* 66 unreserved characters stay, the others take three */
    CHECK_INT(found.len, 66 + (256 - 66) * 3);
    CHECK_INT(encode_uri_into(into, (struct slice){all, 256}), found.len);
    CHECK(memcmp(into, found.at, found.len) == 0);
    CHECK_STR(encoded(SLICE("a/b c?d#e%f&g=h+i"), ENCODE_URI), "a%2Fb%20c%3Fd%23e%25f%26g%3Dh%2Bi");
    CHECK_STR(encoded(SLICE("AZaz09-._~"), ENCODE_URI), "AZaz09-._~");
    CHECK_STR(encoded(SLICE("\xc3\xa9\x00\r\n"), ENCODE_URI), "%C3%A9%00%0D%0A");
    CHECK_STR(encoded(SLICE(""), ENCODE_URI), "");
}

static void test_other_sets(void)
{
    CHECK_STR(encoded(SLICE("a b+c*~"), ENCODE_FORM), "a+b%2Bc*%7E");
    CHECK_STR(encoded(SLICE("/a?b=c,e:f@g!$'()*"), ENCODE_RESERVED), "/a?b=c,e:f@g!$'()*");
    /* another parameter to servers that follow HTML 4, B.2.2 */
    CHECK_STR(encoded(SLICE("a;owner=b"), ENCODE_RESERVED), "a%3Bowner=b");
    /* what would end the value is encoded all the same */
    CHECK_STR(encoded(SLICE("a&b=c#d+[e]"), ENCODE_RESERVED), "a%26b=c%23d%2B%5Be%5D");
    CHECK_STR(encoded(SLICE("%41%zz% "), ENCODE_RESERVED), "%41%25zz%25%20");
    CHECK_STR(encoded(SLICE("as is %/"), ENCODE_NONE), "as is %/");
    struct text out = {.pool = pool};
    encode_add_path_literal(&out, SLICE("/a b/%41/{x}?y#z\xc3\xa9:@"));
    CHECK_STR(text_slice(&out), "/a%20b/%41/%7Bx%7D%3Fy%23z%C3%A9:@");
}

static void test_paths(void)
{
    static const char *const refused[] = {".",
                                          "..",
                                          "/..",
                                          "/a/../b",
                                          "../admin",
                                          "a/..",
                                          "%2e%2e",
                                          "%2E.",
                                          "/a/%2e",
                                          "%252e%252e",
                                          "..%2Fadmin",
                                          "..%2fadmin",
                                          "..%5Ca",
                                          "a\\..\\b",
                                          "..;x",
                                          "a/..;x=1/b",
                                          "%252e%252e%252fadmin",
                                          "%00",
                                          "a%2500b",
                                          "%25252525252525252525252525252e"};
    static const char *const allowed[] = {"",     "/a",     "a%2Fb", "...",    "/.well-known/x",
                                          "a..b", "..a",    "a.",    "/a//b",  "%",
                                          "%zz",  "100%25", "a;b",   ";x=..y", "%C3%A9"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (!CHECK(!encode_path_is_safe(slice_of(refused[i]), pool)))
            fprintf(stderr, "    %s\n", refused[i]);
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (!CHECK(encode_path_is_safe(slice_of(allowed[i]), pool)))
            fprintf(stderr, "    %s\n", allowed[i]);
}

static void test_headers(void)
{
    CHECK(encode_is_header_value(SLICE("plain \t text \xc3\xa9")));
    CHECK(encode_is_header_value(SLICE("")));
    CHECK(!encode_is_header_value(SLICE("a\r\nX: y")));
    CHECK(!encode_is_header_value(SLICE("a\nb")));
    CHECK(!encode_is_header_value(SLICE("a\rb")));
    CHECK(!encode_is_header_value(SLICE("a\0b")));
    CHECK(!encode_is_header_value(SLICE("a\x7f")));
    CHECK(encode_is_token(SLICE("X-API-Key")));
    CHECK(!encode_is_token(SLICE("")));
    CHECK(!encode_is_token(SLICE("a b")));
    CHECK(!encode_is_token(SLICE("a:")));
    CHECK(!encode_is_token(SLICE("a\0")));
}

static bool decode(const char *base64, struct slice *out)
{
    struct text text = {.pool = pool};
    bool is_good = base64_decode(&text, slice_of(base64));
    *out = text_slice(&text);
    return is_good;
}

static void test_base64(void)
{
    /* RFC 4648, section 10 */
    static const char *const vectors[][2] = {{"", ""},
                                             {"f", "Zg=="},
                                             {"fo", "Zm8="},
                                             {"foo", "Zm9v"},
                                             {"foob", "Zm9vYg=="},
                                             {"fooba", "Zm9vYmE="},
                                             {"foobar", "Zm9vYmFy"}};
    static const char *const refused[] = {
        "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "====", "A===", "Z g=", "Zm9\n", "Zm-_"};
    struct slice bytes;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct text out = {.pool = pool};
        base64_encode(&out, slice_of(vectors[i][0]));
        CHECK_STR(text_slice(&out), vectors[i][1]);
        CHECK(decode(vectors[i][1], &bytes));
        CHECK_STR(bytes, vectors[i][0]);
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (!CHECK(!decode(refused[i], &bytes)))
            fprintf(stderr, "    %s\n", refused[i]);
    CHECK(decode("AP+/gA==", &bytes));
    CHECK(bytes.len == 4 && memcmp(bytes.at, "\0\xff\xbf\x80", 4) == 0);
}

int main(void)
{
    pool = pool_open(1 << 20);
    test_uri();
    test_other_sets();
    test_paths();
    test_headers();
    test_base64();
    pool_close(pool);
    return check_report();
}

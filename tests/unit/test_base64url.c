/*
 * base64url: the canonical form and nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/base64url.h"

#include "compiler/commands/jwk.h"
#include "tests/unit/check.h"

static unsigned char bytes[BASE64URL_ROOM(1024)];

static bool decodes(const char *text, const char *wanted)
{
    size_t size;
    return base64url_decode(slice_of(text), bytes, &size) && size == strlen(wanted) &&
           memcmp(bytes, wanted, size) == 0;
}

static bool is_refused(const char *text)
{
    size_t size;
    return !base64url_decode(slice_of(text), bytes, &size);
}

static void test_vectors(void)
{
    /* RFC 4648, section 10, without padding */
    CHECK(decodes("", ""));
    CHECK(decodes("Zg", "f"));
    CHECK(decodes("Zm8", "fo"));
    CHECK(decodes("Zm9v", "foo"));
    CHECK(decodes("Zm9vYg", "foob"));
    CHECK(decodes("Zm9vYmE", "fooba"));
    CHECK(decodes("Zm9vYmFy", "foobar"));
    CHECK(decodes("-_-_", "\xfb\xff\xbf"));
}

static void test_refused(void)
{
    static const char *const texts[] = {
        "Z",          "Zm9vY",   "Zg==",      "Zg=",     "Zm8=",  "Zh",   "Zm9", /* stray bits */
        "+/+/",       "Zm9v\n",  "Z m9",      " Zm9v",   "Zm9v ", "Zm%3", "Zm9v.",
        "Zm\xc3\xa9", "Z\x7fm9", "Zm9vY\xff", "Zm9\x01",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!CHECK(is_refused(texts[i])))
            fprintf(stderr, "    '%s'\n", texts[i]);
    size_t size;
    CHECK(!base64url_decode((struct slice){"Zg\0", 3}, bytes, &size));
    CHECK(!base64url_decode((struct slice){"Zm9\0", 4}, bytes, &size));
}

/* Each sequence of up to two bytes comes back, and exactly its own text decodes: of all texts of
 * one to three characters there are as many good ones as sequences. */
static void test_all_short(void)
{
    struct arena arena = {0};
    bool is_same = true;
    for (unsigned value = 0; value < 0x10000; value++) {
        unsigned char pair[2] = {(unsigned char)(value >> 8), (unsigned char)value};
        struct str text = jwk_base64url(&arena, pair, 2);
        size_t size;
        is_same = is_same && base64url_decode((struct slice){text.at, text.len}, bytes, &size) &&
                  size == 2 && memcmp(bytes, pair, 2) == 0;
    }
    CHECK(is_same);
    unsigned good = 0;
    for (unsigned value = 0; value < 0x1000000; value++) {
        char text[3] = {(char)(value >> 16), (char)(value >> 8), (char)value};
        size_t size;
        good += base64url_decode((struct slice){text, 3}, bytes, &size);
    }
    CHECK_INT(good, 0x10000);
    arena_free(&arena);
}

int main(void)
{
    test_vectors();
    test_refused();
    test_all_short();
    return check_report();
}

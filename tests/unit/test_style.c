/*
 * The style table of OpenAPI 3.2 ("Style Examples"), value by value, and what it leaves open.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/style.h"
#include "tests/unit/check.h"

#define REFUSED NULL

struct row {
    enum mcpp_style style;
    bool explode;
    const char *value;
    const char *wanted;
};

static const char empty[] = "\"\"", string[] = "\"blue\"",
                  array[] = "[\"blue\",\"black\",\"brown\"]",
                  object[] = "{ \"R\": 100, \"G\": 200, \"B\": 150 }";

/* The names of the table. */
static const struct row rows[] = {
    {MCPP_STYLE_MATRIX, false, empty, ";color"},
    {MCPP_STYLE_MATRIX, false, string, ";color=blue"},
    {MCPP_STYLE_MATRIX, false, array, ";color=blue,black,brown"},
    {MCPP_STYLE_MATRIX, false, object, ";color=R,100,G,200,B,150"},
    {MCPP_STYLE_MATRIX, true, empty, ";color"},
    {MCPP_STYLE_MATRIX, true, string, ";color=blue"},
    {MCPP_STYLE_MATRIX, true, array, ";color=blue;color=black;color=brown"},
    {MCPP_STYLE_MATRIX, true, object, ";R=100;G=200;B=150"},
    {MCPP_STYLE_LABEL, false, empty, "."},
    {MCPP_STYLE_LABEL, false, string, ".blue"},
    {MCPP_STYLE_LABEL, false, array, ".blue,black,brown"},
    {MCPP_STYLE_LABEL, false, object, ".R,100,G,200,B,150"},
    {MCPP_STYLE_LABEL, true, empty, "."},
    {MCPP_STYLE_LABEL, true, string, ".blue"},
    {MCPP_STYLE_LABEL, true, array, ".blue.black.brown"},
    {MCPP_STYLE_LABEL, true, object, ".R=100.G=200.B=150"},
    {MCPP_STYLE_SIMPLE, false, empty, ""},
    {MCPP_STYLE_SIMPLE, false, string, "blue"},
    {MCPP_STYLE_SIMPLE, false, array, "blue,black,brown"},
    {MCPP_STYLE_SIMPLE, false, object, "R,100,G,200,B,150"},
    {MCPP_STYLE_SIMPLE, true, empty, ""},
    {MCPP_STYLE_SIMPLE, true, string, "blue"},
    {MCPP_STYLE_SIMPLE, true, array, "blue,black,brown"},
    {MCPP_STYLE_SIMPLE, true, object, "R=100,G=200,B=150"},
    {MCPP_STYLE_FORM, false, empty, "color="},
    {MCPP_STYLE_FORM, false, string, "color=blue"},
    {MCPP_STYLE_FORM, false, array, "color=blue,black,brown"},
    {MCPP_STYLE_FORM, false, object, "color=R,100,G,200,B,150"},
    {MCPP_STYLE_FORM, true, empty, "color="},
    {MCPP_STYLE_FORM, true, string, "color=blue"},
    {MCPP_STYLE_FORM, true, array, "color=blue&color=black&color=brown"},
    {MCPP_STYLE_FORM, true, object, "R=100&G=200&B=150"},
    {MCPP_STYLE_SPACE_DELIMITED, false, array, "color=blue%20black%20brown"},
    {MCPP_STYLE_SPACE_DELIMITED, false, object, "color=R%20100%20G%20200%20B%20150"},
    {MCPP_STYLE_PIPE_DELIMITED, false, array, "color=blue%7Cblack%7Cbrown"},
    {MCPP_STYLE_PIPE_DELIMITED, false, object, "color=R%7C100%7CG%7C200%7CB%7C150"},
    {MCPP_STYLE_DEEP_OBJECT, true, object, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"},
    /* n/a in the table: as form, or refused */
    {MCPP_STYLE_SPACE_DELIMITED, false, string, "color=blue"},
    {MCPP_STYLE_SPACE_DELIMITED, true, array, "color=blue&color=black&color=brown"},
    {MCPP_STYLE_PIPE_DELIMITED, true, array, "color=blue&color=black&color=brown"},
    {MCPP_STYLE_DEEP_OBJECT, true, string, REFUSED},
    {MCPP_STYLE_DEEP_OBJECT, true, array, REFUSED},
    /* undefined: nothing */
    {MCPP_STYLE_FORM, true, "[]", ""},
    {MCPP_STYLE_FORM, false, "[]", ""},
    {MCPP_STYLE_FORM, true, "{}", ""},
    {MCPP_STYLE_MATRIX, true, "[]", ""},
    {MCPP_STYLE_LABEL, false, "[]", ""},
    {MCPP_STYLE_DEEP_OBJECT, true, "{}", ""},
    {MCPP_STYLE_FORM, false, "[null,1,null,2]", "color=1,2"},
    {MCPP_STYLE_FORM, true, "{\"a\":null,\"b\":1}", "b=1"},
    {MCPP_STYLE_FORM, true, "[null]", ""},
    /* primitives keep their bytes */
    {MCPP_STYLE_SIMPLE, false, "9007199254740993", "9007199254740993"},
    {MCPP_STYLE_SIMPLE, false, "-1.50E+3", "-1.50E%2B3"},
    {MCPP_STYLE_FORM, true, "true", "color=true"},
    {MCPP_STYLE_FORM, false, "[18446744073709551616,false]", "color=18446744073709551616,false"},
    /* data is never mistaken for a delimiter */
    {MCPP_STYLE_SIMPLE, false, "[\"a,b\",\"c/d\"]", "a%2Cb,c%2Fd"},
    {MCPP_STYLE_FORM, true, "\"x&admin=true#\"", "color=x%26admin%3Dtrue%23"},
    {MCPP_STYLE_FORM, true, "{\"a&b\":\"c=d\"}", "a%26b=c%3Dd"},
    {MCPP_STYLE_MATRIX, false, "\"a;b=c\"", ";color=a%3Bb%3Dc"},
    {MCPP_STYLE_PIPE_DELIMITED, false, "[\"a|b\",\"c\"]", "color=a%7Cb%7Cc"},
    {MCPP_STYLE_FORM, true, "\"\\u00e9\\u0000\\n\\ud83d\\ude00\"",
     "color=%C3%A9%00%0A%F0%9F%98%80"},
    /* compound inside compound */
    {MCPP_STYLE_FORM, false, "[[1, 2], {\"a\" : \"b c\"}]",
     "color=%5B1%2C2%5D,%7B%22a%22%3A%22b%20c%22%7D"},
    {MCPP_STYLE_DEEP_OBJECT, true, "{\"a\":{\"b\":{\"c\":1}},\"d\":[2,3],\"e\":null}",
     "color%5Ba%5D%5Bb%5D%5Bc%5D=1&color%5Bd%5D=2&color%5Bd%5D=3"},
    {MCPP_STYLE_DEEP_OBJECT, true, "{\"a]=1&x[\":\"v\"}", "color%5Ba%5D%3D1%26x%5B%5D=v"},
    /* content: application/json */
    {MCPP_STYLE_JSON, false, "{ \"a\" : [ 1 , \"x y\" ] }",
     "color=%7B%22a%22%3A%5B1%2C%22x%20y%22%5D%7D"},
    {MCPP_STYLE_JSON, false, "\"q\"", "color=%22q%22"},
};

static struct pool *pool;

static bool expand(const struct style_target *target, const char *json, struct slice *out)
{
    struct value value;
    struct text text = {.pool = pool};
    if (!CHECK(value_scan(slice_of(json), 100, pool, &value)))
        return false;
    bool is_good = style_add(&text, target, &value);
    CHECK(!text.failed);
    *out = text_slice(&text);
    return is_good;
}

static void test_table(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct style_target target = {SLICE("color"), rows[i].style, rows[i].explode,
                                      ENCODE_URI,     "&",           false};
        struct slice found;
        int before = check_failures;
        bool is_good = expand(&target, rows[i].value, &found);
        if (CHECK(is_good == (rows[i].wanted != REFUSED)) && is_good)
            CHECK_STR(found, rows[i].wanted);
        if (check_failures > before)
            fprintf(stderr, "    row %zu: %s\n", i, rows[i].value);
    }
}

static void test_places(void)
{
    struct slice found;
    struct style_target header = {SLICE("X"), MCPP_STYLE_SIMPLE, false, ENCODE_NONE, "&", true};
    CHECK(expand(&header, "[\"a b\",\"c\"]", &found));
    CHECK_STR(found, "a b,c");
    header.style = MCPP_STYLE_JSON;
    CHECK(expand(&header, "{\n\"a\": \"b\\n c\"}", &found));
    CHECK_STR(found, "{\"a\":\"b\\n c\"}");
    struct style_target cookie = {SLICE("c"), MCPP_STYLE_FORM, true, ENCODE_URI, "; ", false};
    CHECK(expand(&cookie, "[\"a;b\",2]", &found));
    CHECK_STR(found, "c=a%3Bb; c=2");
    struct style_target form = {SLICE("a b"), MCPP_STYLE_FORM, true, ENCODE_FORM, "&", false};
    CHECK(expand(&form, "\"x y&z\"", &found));
    CHECK_STR(found, "a+b=x+y%26z");
    struct style_target reserved = {SLICE("u?"), MCPP_STYLE_FORM, true, ENCODE_RESERVED, "&",
                                    false};
    CHECK(expand(&reserved, "\"http://h/p?q=1&r=2\"", &found));
    CHECK_STR(found, "u%3F=http://h/p?q=1%26r=2");
    CHECK(expand(&reserved, "{\"k=1\":\"v/w\"}", &found));
    CHECK_STR(found, "k%3D1=v/w");
}

int main(void)
{
    pool = pool_open(1 << 20);
    test_table();
    test_places();
    pool_close(pool);
    return check_report();
}

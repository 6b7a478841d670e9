/*
 * URLs: RFC 3986's own examples of resolution, parts, origins, what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/url.h"

#include "tests/unit/check.h"

static struct arena arena;

static void check_resolve(const char *base, const char *reference, const char *wanted, int line)
{
    struct str actual = url_resolve(&arena, str_of(base), str_of(reference));
    if (!check_that(str_is(actual, wanted), __FILE__, line, reference))
        fprintf(stderr, "    got '%.*s', wanted '%s'\n", STR_ARG(actual), wanted);
}
#define CHECK_RESOLVE(base, reference, wanted) check_resolve(base, reference, wanted, __LINE__)

/* RFC 3986, section 5.4. */
static void test_rfc_examples(void)
{
    static const char *const examples[][2] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {"g?y#s", "http://a/b/c/g?y#s"},
        {";x", "http://a/b/c/;x"},
        {"g;x", "http://a/b/c/g;x"},
        {"g;x?y#s", "http://a/b/c/g;x?y#s"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {".g", "http://a/b/c/.g"},
        {"g..", "http://a/b/c/g.."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/./x", "http://a/b/c/g?y/./x"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"g#s/./x", "http://a/b/c/g#s/./x"},
        {"g#s/../x", "http://a/b/c/g#s/../x"},
        {"http:g", "http:g"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        CHECK_RESOLVE("http://a/b/c/d;p?q", examples[i][0], examples[i][1]);
}

static void test_bases(void)
{
    CHECK_RESOLVE("https://a.example", "pets.yaml", "https://a.example/pets.yaml");
    CHECK_RESOLVE("https://a.example?x", "pets.yaml", "https://a.example/pets.yaml");
    CHECK_RESOLVE("https://a.example/v1/", "pets.yaml", "https://a.example/v1/pets.yaml");
    CHECK_RESOLVE("https://a.example/o.json?token=/x/", "p.yaml", "https://a.example/p.yaml");
    CHECK_RESOLVE("HTTPS://A.example/o", "//b.example/p", "HTTPS://b.example/p");
    CHECK_RESOLVE("https://a.example/o", "file:///etc/passwd", "file:///etc/passwd");
    CHECK_RESOLVE("urn:x", "#a", "urn:x#a");
}

static void test_hosts(void)
{
    CHECK_STR(url_host(STR("https://a.example:8443/x")), "a.example");
    CHECK_STR(url_host(STR("http://[::1]:80/")), "::1");
    CHECK_STR(url_host(STR("http://[::1]")), "::1");
    CHECK_STR(url_host(STR("http://h?x:y@z")), "h");
    CHECK(url_is_loopback(STR("http://localhost:80/x")));
    CHECK(url_is_loopback(STR("http://LOCALHOST")));
    CHECK(url_is_loopback(STR("http://api.localhost/")));
    CHECK(url_is_loopback(STR("http://127.1.2.3/")));
    CHECK(url_is_loopback(STR("http://[::1]:9/")));
    CHECK(!url_is_loopback(STR("http://127.0.0.1.evil.example/")));
    CHECK(!url_is_loopback(STR("http://localhost.evil.example/")));
    CHECK(!url_is_loopback(STR("http://notlocalhost/")));
    CHECK(!url_is_loopback(STR("http://.localhost.x/")));
    CHECK(url_is_insecure(STR("http://a.example/")));
    CHECK(!url_is_insecure(STR("https://a.example/")));
    CHECK(!url_is_insecure(STR("http://127.0.0.1/")));
    CHECK(!url_is_insecure(STR("openapi.yaml")));
    CHECK(url_is_http(STR("HtTpS://a")));
    CHECK(!url_is_http(STR("https:/a")));
    CHECK(!url_is_http(STR("ftp://a")));
}

static void test_origins(void)
{
    CHECK(url_same_origin(STR("https://a/x"), STR("HTTPS://A:443/y")));
    CHECK(url_same_origin(STR("http://a:80"), STR("http://a/y")));
    CHECK(!url_same_origin(STR("https://a/x"), STR("http://a/x")));
    CHECK(!url_same_origin(STR("https://a/x"), STR("https://a:444/x")));
    CHECK(!url_same_origin(STR("https://a/x"), STR("https://b/x")));
}

static void check_problem(const char *url, const char *wanted, int line)
{
    const char *actual = url_problem(str_of(url));
    bool is_right = wanted ? actual && strcmp(actual, wanted) == 0 : !actual;
    check_that(is_right, __FILE__, line, url);
}
#define CHECK_PROBLEM(url, wanted) check_problem(url, wanted, __LINE__)

static void test_problems(void)
{
    CHECK_PROBLEM("https://a.example/x?y=1", NULL);
    CHECK_PROBLEM("http://[2001:db8::1]:8080/x", NULL);
    CHECK_PROBLEM("file:///etc/passwd", "is no http or https URL");
    CHECK_PROBLEM("https://me:secret@a.example/", "holds a name or password");
    CHECK_PROBLEM("https:///x", "has no host");
    CHECK_PROBLEM("https://:80/x", "has a host that cannot be looked up");
    CHECK_PROBLEM("https://a.example:80x/", "has a port that is no number");
    CHECK_PROBLEM("https://a%2eexample/", "has a host that cannot be looked up");
    CHECK_PROBLEM("https://a.example/a b", "has a character that no URL has");
    CHECK_PROBLEM("https://a.example/a\nb", "has a character that no URL has");
    CHECK_PROBLEM("https://a.example\\@b.example/", "holds a name or password");
    CHECK_PROBLEM("https://a.example\\b.example/", "has a host that cannot be looked up");
    CHECK_PROBLEM("https://a.example/\xc3\xa4", "has a character that no URL has");
}

int main(void)
{
    test_rfc_examples();
    test_bases();
    test_hosts();
    test_origins();
    test_problems();
    arena_free(&arena);
    return check_report();
}

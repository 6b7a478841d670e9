/*
 * The HTTP scanner: every malformed form with its status, and what well-formed heads are read as.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "grammar/http.h"
#include "tests/unit/check.h"

#include <stdlib.h>

enum { HEADER_COUNT = 8 };

/* Text with NUL bytes in it: the whole array but its last NUL. */
#define BYTES(literal) (literal), sizeof(literal) - 1
#define LINE "POST /mcp HTTP/1.1\r\n"
#define HOST "Host: a.example\r\n"
#define END "\r\n"

struct malformed {
    const char *text;
    size_t size;
    enum http_fault fault;
    unsigned status;
};

static const struct malformed refused[] = {
    /* line ends */
    {BYTES("GET / HTTP/1.1\nHost: a\n\n"), HTTP_BAD_LINE_END, 400},
    {BYTES("GET / HTTP/1.1\nHost: a\r\n\r\n"), HTTP_BAD_LINE_END, 400},
    {BYTES(LINE "Host: a\n\r\n"), HTTP_BAD_LINE_END, 400},
    {BYTES(LINE HOST "\n"), HTTP_BAD_LINE_END, 400},
    {BYTES(LINE HOST "X: y\nContent-Length: 5\r\n" END), HTTP_BAD_LINE_END, 400},
    {BYTES(LINE HOST "X: y\rContent-Length: 5\r\n" END), HTTP_BAD_LINE_END, 400},
    {BYTES(LINE HOST "\rX: y\r\n" END), HTTP_BAD_LINE_END, 400},
    {BYTES(LINE HOST "X: y\r\r\n" END), HTTP_BAD_LINE_END, 400},
    {BYTES("GET / HTTP/1.1\rHost: a\r\n\r\n"), HTTP_BAD_REQUEST_LINE, 400},
    /* the request line */
    {BYTES(""), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("\r\n"), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("GET\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("GET /\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES(" GET / HTTP/1.1\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("GET  / HTTP/1.1\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("GET /  HTTP/1.1\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("GET / HTTP/1.1 \r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("GET\t/ HTTP/1.1\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("GET / x HTTP/1.1\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("G\0ET / HTTP/1.1\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("G(T / HTTP/1.1\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("G\xc3\xa9T / HTTP/1.1\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("/ HTTP/1.1\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    /* the target */
    {BYTES("GET mcp HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET /a\0b HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET /a#b HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET /a\\b HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET /a\"b HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET /a<b> HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET /\xc3\xa9 HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET /\x7f HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET /%4 HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET /%zz HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET /a?b=% HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET * HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("CONNECT a.example:443 HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET ftp://a.example/ HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET http:///x HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET http://user@a.example/ HTTP/1.1\r\n" HOST END), HTTP_BAD_TARGET, 400},
    {BYTES("GET http://b.example/ HTTP/1.1\r\n" HOST END), HTTP_BAD_HOST, 400},
    /* the version */
    {BYTES("GET / HTTP/1.0\r\n" HOST END), HTTP_OTHER_VERSION, 505},
    {BYTES("GET / HTTP/2.0\r\n" HOST END), HTTP_OTHER_VERSION, 505},
    {BYTES("GET / HTTP/1.2\r\n" HOST END), HTTP_OTHER_VERSION, 505},
    {BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), HTTP_OTHER_VERSION, 505},
    {BYTES("GET / HTTP/1.10\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("GET / HTTP/1,1\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("GET / http/1.1\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("GET / HTTP/2\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    {BYTES("GET / XTTP/1.1\r\n" HOST END), HTTP_BAD_REQUEST_LINE, 400},
    /* header names */
    {BYTES(LINE HOST "X : y\r\n" END), HTTP_SPACE_BEFORE_COLON, 400},
    {BYTES(LINE HOST "X\t: y\r\n" END), HTTP_SPACE_BEFORE_COLON, 400},
    {BYTES(LINE HOST "Content-Length : 5\r\n" END), HTTP_SPACE_BEFORE_COLON, 400},
    {BYTES(LINE HOST "Transfer-Encoding : chunked\r\n" END), HTTP_SPACE_BEFORE_COLON, 400},
    {BYTES(LINE HOST "X: y\r\n z\r\n" END), HTTP_FOLDED_LINE, 400},
    {BYTES(LINE HOST "X: y\r\n\tz\r\n" END), HTTP_FOLDED_LINE, 400},
    {BYTES(LINE " " HOST END), HTTP_FOLDED_LINE, 400},
    {BYTES(LINE HOST "Transfer-Encoding:\r\n chunked\r\n" END), HTTP_OTHER_CODING, 501},
    {BYTES(LINE HOST ": y\r\n" END), HTTP_BAD_HEADER, 400},
    {BYTES(LINE HOST "X\r\n" END), HTTP_BAD_HEADER, 400},
    {BYTES(LINE HOST "X y: z\r\n" END), HTTP_BAD_HEADER, 400},
    {BYTES(LINE HOST "X\0Y: z\r\n" END), HTTP_BAD_HEADER, 400},
    {BYTES(LINE HOST "X(Y): z\r\n" END), HTTP_BAD_HEADER, 400},
    {BYTES(LINE HOST "X\xff: z\r\n" END), HTTP_BAD_HEADER, 400},
    {BYTES(LINE HOST "\0Content-Length: 5\r\n" END), HTTP_BAD_HEADER, 400},
    /* header values */
    {BYTES(LINE HOST "X: a\0b\r\n" END), HTTP_BAD_VALUE, 400},
    {BYTES(LINE HOST "X: a\x01\r\n" END), HTTP_BAD_VALUE, 400},
    {BYTES(LINE HOST "X: a\x0b"
                     "b\r\n" END),
     HTTP_BAD_VALUE, 400},
    {BYTES(LINE HOST "X: a\x7f\r\n" END), HTTP_BAD_VALUE, 400},
    {BYTES(LINE HOST "X: \x1b[2J\r\n" END), HTTP_BAD_VALUE, 400},
    {BYTES(LINE HOST "Authorization: Bearer a\0b\r\n" END), HTTP_BAD_VALUE, 400},
    /* Host */
    {BYTES(LINE END), HTTP_NO_HOST, 400},
    {BYTES(LINE "X: y\r\n" END), HTTP_NO_HOST, 400},
    {BYTES(LINE HOST HOST END), HTTP_TWO_HOSTS, 400},
    {BYTES(LINE HOST "hOST: b.example\r\n" END), HTTP_TWO_HOSTS, 400},
    {BYTES(LINE "Host:\r\n" END), HTTP_BAD_HOST, 400},
    {BYTES(LINE "Host: a b\r\n" END), HTTP_BAD_HOST, 400},
    {BYTES(LINE "Host: a,b\r\n" END), HTTP_BAD_HOST, 400},
    {BYTES(LINE "Host: a/b\r\n" END), HTTP_BAD_HOST, 400},
    {BYTES(LINE "Host: user@a\r\n" END), HTTP_BAD_HOST, 400},
    {BYTES(LINE "Host: a:port\r\n" END), HTTP_BAD_HOST, 400},
    {BYTES(LINE "Host: a\"b\r\n" END), HTTP_BAD_HOST, 400},
    {BYTES(LINE "Host: \xc3\xa9\r\n" END), HTTP_BAD_HOST, 400},
    {BYTES(LINE "Host: a\0b\r\n" END), HTTP_BAD_VALUE, 400},
    /* Content-Length: a rule for part of the line would lose against the generic header */
    {BYTES(LINE HOST "Content-Length: +5\r\n" END), HTTP_BAD_LENGTH, 400},
    {BYTES(LINE HOST "Content-Length: -5\r\n" END), HTTP_BAD_LENGTH, 400},
    {BYTES(LINE HOST "Content-Length: 0x5\r\n" END), HTTP_BAD_LENGTH, 400},
    {BYTES(LINE HOST "Content-Length: 5 5\r\n" END), HTTP_BAD_LENGTH, 400},
    {BYTES(LINE HOST "Content-Length: 5, 5\r\n" END), HTTP_BAD_LENGTH, 400},
    {BYTES(LINE HOST "Content-Length: 5.0\r\n" END), HTTP_BAD_LENGTH, 400},
    {BYTES(LINE HOST "Content-Length: 5;\r\n" END), HTTP_BAD_LENGTH, 400},
    {BYTES(LINE HOST "Content-Length: \"5\"\r\n" END), HTTP_BAD_LENGTH, 400},
    {BYTES(LINE HOST "Content-Length:\r\n" END), HTTP_BAD_LENGTH, 400},
    {BYTES(LINE HOST "Content-Length: \xef\xbc\x95\r\n" END), HTTP_BAD_LENGTH, 400},
    {BYTES(LINE HOST "Content-Length: 5\0\r\n" END), HTTP_BAD_VALUE, 400},
    {BYTES(LINE HOST "Content-Length: 5\x0b\r\n" END), HTTP_BAD_VALUE, 400},
    {BYTES(LINE HOST "Content-Length: 5\r\nContent-Length: 6\r\n" END), HTTP_TWO_LENGTHS, 400},
    {BYTES(LINE HOST "Content-Length: 5\r\ncontent-length: 5\r\n" END), HTTP_TWO_LENGTHS, 400},
    /* Transfer-Encoding */
    {BYTES(LINE HOST "Transfer-Encoding: gzip, chunked\r\n" END), HTTP_OTHER_CODING, 501},
    {BYTES(LINE HOST "Transfer-Encoding: chunked, identity\r\n" END), HTTP_OTHER_CODING, 501},
    {BYTES(LINE HOST "Transfer-Encoding: identity\r\n" END), HTTP_OTHER_CODING, 501},
    {BYTES(LINE HOST "Transfer-Encoding: xchunked\r\n" END), HTTP_OTHER_CODING, 501},
    {BYTES(LINE HOST "Transfer-Encoding: chunked;q=1\r\n" END), HTTP_OTHER_CODING, 501},
    {BYTES(LINE HOST "Transfer-Encoding: \"chunked\"\r\n" END), HTTP_OTHER_CODING, 501},
    {BYTES(LINE HOST "Transfer-Encoding: cHuNkEd\r\n" END), HTTP_OTHER_CODING, 501},
    {BYTES(LINE HOST "Transfer-Encoding:\r\n" END), HTTP_OTHER_CODING, 501},
    {BYTES(LINE HOST "Transfer-Encoding: chunked\x0b\r\n" END), HTTP_BAD_VALUE, 400},
    {BYTES(LINE HOST "Transfer-Encoding: \0chunked\r\n" END), HTTP_BAD_VALUE, 400},
    {BYTES(LINE HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" END),
     HTTP_TWO_CODINGS, 400},
    {BYTES(LINE HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n" END),
     HTTP_OTHER_CODING, 501},
    {BYTES(LINE HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" END),
     HTTP_LENGTH_AND_CODING, 400},
    {BYTES(LINE HOST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n" END),
     HTTP_LENGTH_AND_CODING, 400},
    /* the rest */
    {BYTES(LINE HOST "Expect: 200-ok\r\n" END), HTTP_OTHER_EXPECTATION, 417},
    {BYTES(LINE HOST "Expect: 100-continue, x\r\n" END), HTTP_OTHER_EXPECTATION, 417},
    {BYTES(LINE HOST "A:1\r\nB:2\r\nC:3\r\nD:4\r\nE:5\r\nF:6\r\nG:7\r\nH:8\r\n" END),
     HTTP_TOO_MANY_HEADERS, 431},
    {BYTES(LINE HOST), HTTP_BAD_HEADER, 400},
    {BYTES(LINE HOST END "X: y\r\n"), HTTP_BAD_HEADER, 400},
    {BYTES(LINE HOST "X: y"), HTTP_BAD_HEADER, 400},
};

/* Scans a copy of exactly the text's size and its NUL, so that ASan sees any read beyond. */
static enum http_fault scan(const char *text, size_t size, char **copy, struct http_header *headers,
                            struct http_head *head)
{
    *copy = malloc(size + 1);
    if (!*copy)
        abort();
    memcpy(*copy, text, size);
    (*copy)[size] = '\0';
    return http_scan_head(*copy, size, headers, HEADER_COUNT, head);
}

static void refuses_malformed_heads(void)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct http_header headers[HEADER_COUNT];
        struct http_head head;
        char *copy;
        enum http_fault fault = scan(refused[i].text, refused[i].size, &copy, headers, &head);
        if (!CHECK(fault == refused[i].fault) ||
            !CHECK(http_fault_status(fault) == refused[i].status))
            fprintf(stderr, "    form %zu: %s, wanted %s\n", i, http_fault_text(fault),
                    http_fault_text(refused[i].fault));
        free(copy);
    }
    CHECK(sizeof refused / sizeof refused[0] >= 60);
}

/* Every prefix of a good head is refused, whatever it ends in. */
static void refuses_every_prefix(void)
{
    static const char good[] = LINE HOST "Content-Length: 5\r\nX:  y \r\n" END;
    for (size_t size = 0; size < sizeof good - 1; size++) {
        struct http_header headers[HEADER_COUNT];
        struct http_head head;
        char *copy;
        CHECK(scan(good, size, &copy, headers, &head) != HTTP_OK);
        free(copy);
    }
}

static void reads_a_post(void)
{
    struct http_header headers[HEADER_COUNT];
    struct http_head head;
    char *copy;
    CHECK_INT(scan(BYTES("POST /mcp/a%20b?c=d&e?/ HTTP/1.1\r\nhOsT:\ta.example:8000 \r\n"
                         "CONTENT-LENGTH: 0042\t\r\nEmpty:\r\nBlank: \t \r\nX:y z\t\xe9\r\n"
                         "Expect: 100-Continue\r\nConnection: keep-alive , CLOSE\r\n\r\n"),
                   &copy, headers, &head),
              HTTP_OK);
    CHECK_STR(head.request.method, "POST");
    CHECK_STR(head.request.target, "/mcp/a%20b");
    CHECK_STR(head.request.query, "c=d&e?/");
    CHECK_INT(head.request.header_count, 7);
    CHECK_STR(headers[0].name, "hOsT");
    CHECK_STR(headers[0].value, "a.example:8000");
    CHECK_STR(headers[1].value, "0042");
    CHECK_STR(headers[2].name, "Empty");
    CHECK_STR(headers[2].value, "");
    CHECK_STR(headers[3].value, "");
    CHECK_STR(headers[4].value, "y z\t\xe9");
    CHECK(head.has_length && !head.is_chunked && head.expects_continue && head.wants_close);
    CHECK_INT(head.content_length, 42);
    free(copy);
}

struct accepted {
    const char *text;
    const char *method, *target, *query;
};

static void reads_targets(void)
{
    static const struct accepted cases[] = {
        {"GET / HTTP/1.1\r\n" HOST END, "GET", "/", ""},
        {"GET /a? HTTP/1.1\r\n" HOST END, "GET", "/a", ""},
        {"GET //a/../b HTTP/1.1\r\n" HOST END, "GET", "//a/../b", ""},
        {"get /a HTTP/1.1\r\n" HOST END, "get", "/a", ""},
        {"M-SEARCH /a HTTP/1.1\r\n" HOST END, "M-SEARCH", "/a", ""},
        {"OPTIONS * HTTP/1.1\r\n" HOST END, "OPTIONS", "*", ""},
        {"GET http://a.example/b?c HTTP/1.1\r\n" HOST END, "GET", "/b", "c"},
        {"GET HTTP://A.Example/b HTTP/1.1\r\n" HOST END, "GET", "/b", ""},
        {"GET / HTTP/1.1\r\nHost: [::1]:80\r\n" END, "GET", "/", ""},
        {"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" END, "GET", "/", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct http_header headers[HEADER_COUNT];
        struct http_head head;
        char *copy;
        if (CHECK(scan(cases[i].text, strlen(cases[i].text), &copy, headers, &head) == HTTP_OK)) {
            CHECK_STR(head.request.method, cases[i].method);
            CHECK_STR(head.request.target, cases[i].target);
            CHECK_STR(head.request.query, cases[i].query);
        }
        free(copy);
    }
}

static void reads_framing(void)
{
    struct http_header headers[HEADER_COUNT];
    struct http_head head;
    char *copy;
    CHECK_INT(scan(BYTES(LINE HOST "transfer-encoding:chunked\r\nConnection: closed\r\n" END),
                   &copy, headers, &head),
              HTTP_OK);
    CHECK(head.is_chunked && !head.has_length && !head.wants_close);
    free(copy);
    CHECK_INT(scan(BYTES(LINE HOST "Content-Length: 18446744073709551615\r\n" END), &copy, headers,
                   &head),
              HTTP_OK);
    CHECK(head.content_length == UINT64_MAX);
    free(copy);
    CHECK_INT(scan(BYTES(LINE HOST "Content-Length: 18446744073709551621\r\n" END), &copy, headers,
                   &head),
              HTTP_OK);
    CHECK(head.content_length == UINT64_MAX);
    free(copy);
    /* names that only look like framing are ordinary headers */
    CHECK_INT(scan(BYTES(LINE HOST "Content-Lengths: +5\r\nXTransfer-Encoding: gzip\r\n" END),
                   &copy, headers, &head),
              HTTP_OK);
    CHECK(!head.has_length && !head.is_chunked);
    free(copy);
}

static bool chunk_is(const char *text, size_t size, uint64_t wanted)
{
    uint64_t found = 0;
    return http_scan_chunk(text, size, &found) == HTTP_OK && found == wanted;
}

static void reads_chunk_lines(void)
{
    static const struct {
        const char *text;
        size_t size;
    } bad[] = {
        {BYTES("\r\n")},        {BYTES("5\n")},        {BYTES("5 \r\n")},   {BYTES(" 5\r\n")},
        {BYTES("+5\r\n")},      {BYTES("-5\r\n")},     {BYTES("0x5\r\n")},  {BYTES("5;a\n")},
        {BYTES("g\r\n")},       {BYTES("5\r")},        {BYTES("5")},        {BYTES("5;a\0b\r\n")},
        {BYTES("5;a\x01\r\n")}, {BYTES("5,5\r\n")},    {BYTES("5\r\r\n")},  {BYTES("5\0\r\n")},
        {BYTES("5\r\nx")},      {BYTES("5;a\rb\r\n")}, {BYTES("5 ;a\r\n")}, {BYTES("")},
    };
    uint64_t size;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (!CHECK(http_scan_chunk(bad[i].text, bad[i].size, &size) == HTTP_BAD_CHUNK))
            fprintf(stderr, "    chunk line %zu\n", i);
    CHECK(chunk_is(BYTES("0\r\n"), 0));
    CHECK(chunk_is(BYTES("000\r\n"), 0));
    CHECK(chunk_is(BYTES("1aF\r\n"), 0x1af));
    CHECK(chunk_is(BYTES("A;name=\"value\" ;x\r\n"), 10));
    CHECK(chunk_is(BYTES("ffffffffffffffff\r\n"), UINT64_MAX));
    CHECK(chunk_is(BYTES("10000000000000000\r\n"), UINT64_MAX));
    CHECK(chunk_is(BYTES("100000000000000005\r\n"), UINT64_MAX));
}

static enum http_fault trailer(const char *text, bool *is_last)
{
    *is_last = false;
    return http_scan_trailer(text, strlen(text), is_last);
}

static void reads_trailers(void)
{
    bool is_last;
    CHECK_INT(trailer("\r\n", &is_last), HTTP_OK);
    CHECK(is_last);
    CHECK_INT(trailer("X: y\r\n", &is_last), HTTP_OK);
    CHECK(!is_last);
    CHECK_INT(trailer("\n", &is_last), HTTP_BAD_LINE_END);
    CHECK_INT(trailer("X: y\n", &is_last), HTTP_BAD_LINE_END);
    CHECK_INT(trailer("X : y\r\n", &is_last), HTTP_SPACE_BEFORE_COLON);
    CHECK_INT(trailer(" X: y\r\n", &is_last), HTTP_FOLDED_LINE);
    CHECK_INT(trailer("Content-Length: 5\r\n", &is_last), HTTP_BAD_CHUNK);
    CHECK_INT(trailer("Host: a\r\n", &is_last), HTTP_BAD_CHUNK);
    CHECK_INT(trailer("X: y\r\nZ: y\r\n", &is_last), HTTP_BAD_CHUNK);
}

int main(void)
{
    refuses_malformed_heads();
    refuses_every_prefix();
    reads_a_post();
    reads_targets();
    reads_framing();
    reads_chunk_lines();
    reads_trailers();
    CHECK(strcmp(http_status_text(404), "Not Found") == 0);
    return check_report();
}

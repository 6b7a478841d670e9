/*
 * The strict HTTP/1.1 scanner, for re2c.
 *
 * re2c takes the longest match, and the first rule among equals. A rule that refuses a header must
 * therefore match its whole line and stand before the generic header rule; one that matched only
 * `content-length: +` would lose against the generic line.
 *
 * The text ends in a NUL at `limit` (re2c:eof), so no rule reads past it whatever the input is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "grammar/http.h"

#include <string.h>
#include <strings.h>

struct scan {
    const unsigned char *at, *limit;
};

/* One header line, by what it means for the message's framing. */
enum line_kind {
    LINE_HEADER,
    LINE_HOST,
    LINE_LENGTH,
    LINE_CHUNKED,
    LINE_CONTINUE,
    LINE_CONNECTION,
    LINE_END,
};

struct line {
    enum line_kind kind;
    struct slice name, value;
};

/*!re2c
    re2c:api:style = free-form;
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = cursor;
    re2c:define:YYMARKER = marker;
    re2c:define:YYLIMIT = scan->limit;
    re2c:yyfill:enable = 0;
    re2c:flags:tags = 1;
    re2c:eof = 0;

    crlf  = "\r\n";
    ows   = [ \t]*;
    token = [!#$%&'*+.^_`|~0-9A-Za-z-]+;                      // RFC 9110, section 5.6.2
    hex   = [0-9A-Fa-f];
    pchar = [A-Za-z0-9._~!$&'()*+,;=:@-] | "%" hex{2};        // RFC 3986, section 3.3
    path  = ("/" pchar*)+;
    query = (pchar | [/?])*;
    name  = [A-Za-z0-9._-]+ | "[" [0-9A-Fa-f:.]+ "]";         // a host name or an address
    host  = name (":" [0-9]{1,5})?;
    seen  = [\x21-\x7e\x80-\xff];                             // VCHAR and obs-text
    value = seen ((seen | [ \t])* seen)?;
    line  = [^\r\n]*;
*/

static struct slice between(const unsigned char *start, const unsigned char *end)
{
    return (struct slice){(const char *)start, start ? (size_t)(end - start) : 0};
}

static enum http_fault scan_request_line(struct scan *scan, struct http_request *request,
                                         struct slice *authority)
{
    const unsigned char *cursor = scan->at, *marker = cursor;
    const unsigned char *method_end, *host_at, *host_end, *path_at, *path_end, *query_at;
    /*!stags:re2c:request format = "const unsigned char *@@;\n"; */
    /*!re2c:request
        token @method_end " " ( 'http' 's'? "://" @host_at host @host_end )?
            @path_at path @path_end ( "?" @query_at query )? " HTTP/1.1" crlf { goto found; }
        "OPTIONS" @method_end " " @path_at "*" @path_end " HTTP/1.1" crlf {
            host_at = host_end = query_at = NULL;
            goto found;
        }
        token " " [^ \r\n]* " HTTP/1.1" crlf            { return HTTP_BAD_TARGET; }
        token " " [^ \r\n]* " HTTP/" [0-9] "." [0-9] crlf { return HTTP_OTHER_VERSION; }
        line "\n"                                       { return HTTP_BAD_LINE_END; }
        *                                               { return HTTP_BAD_REQUEST_LINE; }
        $                                               { return HTTP_BAD_REQUEST_LINE; }
    */
found:
    request->method = between(scan->at, method_end);
    request->target = between(path_at, path_end);
    request->query = between(query_at, cursor - sizeof " HTTP/1.1\r\n" + 1);
    *authority = between(host_at, host_end);
    scan->at = cursor;
    return HTTP_OK;
}

/* A value from its first byte to the end of its line; white space at the end is not part of it. */
static struct slice trimmed(const unsigned char *start, const unsigned char *end)
{
    while (end > start && end[-1] <= ' ')
        end--;
    return between(start, end);
}

static enum http_fault scan_line(struct scan *scan, struct line *out)
{
    const unsigned char *cursor = scan->at, *marker = cursor;
    const unsigned char *name_end, *value_at;
    /*!stags:re2c:header format = "const unsigned char *@@;\n"; */
    /*!re2c:header
        crlf {
            out->kind = LINE_END;
            scan->at = cursor;
            return HTTP_OK;
        }

        'host' @name_end ":" ows @value_at host ows crlf { out->kind = LINE_HOST; goto found; }
        'host' ":" ows value? ows crlf                  { return HTTP_BAD_HOST; }

        'content-length' @name_end ":" ows @value_at [0-9]+ ows crlf {
            out->kind = LINE_LENGTH;
            goto found;
        }
        'content-length' ":" ows value? ows crlf        { return HTTP_BAD_LENGTH; }

        'transfer-encoding' @name_end ":" ows @value_at "chunked" ows crlf {
            out->kind = LINE_CHUNKED;
            goto found;
        }
        'transfer-encoding' ":" ows value? ows crlf     { return HTTP_OTHER_CODING; }

        'expect' @name_end ":" ows @value_at '100-continue' ows crlf {
            out->kind = LINE_CONTINUE;
            goto found;
        }
        'expect' ":" ows value? ows crlf                { return HTTP_OTHER_EXPECTATION; }

        'connection' @name_end ":" ows @value_at value? ows crlf {
            out->kind = LINE_CONNECTION;
            goto found;
        }

        token @name_end ":" ows @value_at value? ows crlf {
            out->kind = LINE_HEADER;
            goto found;
        }

        token [ \t]+ ":" [^\n]* "\n"                    { return HTTP_SPACE_BEFORE_COLON; }
        [ \t] [^\n]* "\n"                               { return HTTP_FOLDED_LINE; }
        line "\n"                                       { return HTTP_BAD_LINE_END; }
        line "\r" [^\n]                                 { return HTTP_BAD_LINE_END; }
        token ":" line crlf                             { return HTTP_BAD_VALUE; }
        *                                               { return HTTP_BAD_HEADER; }
        $                                               { return HTTP_BAD_HEADER; }
    */
found:
    out->name = between(scan->at, name_end);
    out->value = trimmed(value_at, cursor);
    scan->at = cursor;
    return HTTP_OK;
}

/* Decimal digits; too many of them are UINT64_MAX. */
static uint64_t number_of(struct slice digits)
{
    uint64_t number = 0;
    for (size_t i = 0; i < digits.len; i++) {
        uint64_t digit = (uint64_t)(digits.at[i] - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return UINT64_MAX;
        number = number * 10 + digit;
    }
    return number;
}

static bool equal_caseless(struct slice a, struct slice b)
{
    return a.len == b.len && strncasecmp(a.at, b.at, a.len) == 0;
}

/* Whether the comma-separated list has this item. */
static bool list_has(struct slice list, struct slice wanted)
{
    for (size_t i = 0; i < list.len;) {
        size_t end = i;
        while (end < list.len && list.at[end] != ',')
            end++;
        size_t start = i, stop = end;
        while (start < stop && (list.at[start] == ' ' || list.at[start] == '\t'))
            start++;
        while (stop > start && (list.at[stop - 1] == ' ' || list.at[stop - 1] == '\t'))
            stop--;
        if (equal_caseless((struct slice){list.at + start, stop - start}, wanted))
            return true;
        i = end + 1;
    }
    return false;
}

static enum http_fault note_line(struct http_head *head, const struct line *line,
                                 struct slice *host)
{
    switch (line->kind) {
    case LINE_HOST:
        if (host->at)
            return HTTP_TWO_HOSTS;
        *host = line->value;
        break;
    case LINE_LENGTH:
        if (head->has_length)
            return HTTP_TWO_LENGTHS;
        head->has_length = true;
        head->content_length = number_of(line->value);
        break;
    case LINE_CHUNKED:
        if (head->is_chunked)
            return HTTP_TWO_CODINGS;
        head->is_chunked = true;
        break;
    case LINE_CONTINUE:
        head->expects_continue = true;
        break;
    case LINE_CONNECTION:
        head->wants_close |= list_has(line->value, SLICE("close"));
        break;
    case LINE_HEADER:
    case LINE_END:
        break;
    }
    return HTTP_OK;
}

static enum http_fault scan_lines(struct scan *scan, struct http_header *headers,
                                  uint32_t capacity, struct http_head *head, struct slice *host)
{
    uint32_t count = 0;
    for (;;) {
        struct line line = {0};
        enum http_fault fault = scan_line(scan, &line);
        if (fault == HTTP_OK)
            fault = note_line(head, &line, host);
        if (fault != HTTP_OK)
            return fault;
        head->request.header_count = count;
        if (line.kind == LINE_END)
            return HTTP_OK;
        if (count == capacity)
            return HTTP_TOO_MANY_HEADERS;
        headers[count++] = (struct http_header){line.name, line.value};
    }
}

enum http_fault http_scan_head(const char *text, size_t size, struct http_header *headers,
                               uint32_t capacity, struct http_head *head)
{
    const unsigned char *start = (const unsigned char *)text;
    struct scan scan = {start, start + size};
    struct slice authority = {0}, host = {0};
    *head = (struct http_head){.request.headers = headers};
    enum http_fault fault = scan_request_line(&scan, &head->request, &authority);
    if (fault == HTTP_OK)
        fault = scan_lines(&scan, headers, capacity, head, &host);
    if (fault != HTTP_OK)
        return fault;
    if (scan.at != scan.limit)
        return HTTP_BAD_HEADER; /* bytes after the empty line are no part of a head */
    if (!host.at)
        return HTTP_NO_HOST;
    /* RFC 9112, section 3.2.2 prefers the target's; two readers might not */
    if (authority.at && !equal_caseless(authority, host))
        return HTTP_BAD_HOST;
    if (head->has_length && head->is_chunked)
        return HTTP_LENGTH_AND_CODING;
    return HTTP_OK;
}

/* Hexadecimal digits; too many of them are UINT64_MAX. */
static uint64_t hex_number_of(const unsigned char *at, const unsigned char *end)
{
    uint64_t number = 0;
    for (; at < end; at++) {
        if (number >> 60)
            return UINT64_MAX;
        unsigned digit = *at <= '9' ? *at - (unsigned)'0' : (*at | 32u) - 'a' + 10u;
        number = number << 4 | digit;
    }
    return number;
}

enum http_fault http_scan_chunk(const char *text, size_t size, uint64_t *chunk_size)
{
    const unsigned char *start = (const unsigned char *)text;
    const struct scan all = {start, start + size}, *scan = &all;
    const unsigned char *cursor = start, *marker = cursor, *size_end;
    /*!stags:re2c:chunk format = "const unsigned char *@@;\n"; */
    /*!re2c:chunk
        hex+ @size_end ( ";" (seen | [ \t])* )? crlf    { goto found; }
        *                                               { return HTTP_BAD_CHUNK; }
        $                                               { return HTTP_BAD_CHUNK; }
    */
found:
    *chunk_size = hex_number_of(start, size_end);
    return cursor == scan->limit ? HTTP_OK : HTTP_BAD_CHUNK;
}

enum http_fault http_scan_trailer(const char *text, size_t size, bool *is_last)
{
    const unsigned char *start = (const unsigned char *)text;
    struct scan scan = {start, start + size};
    struct line line = {0};
    enum http_fault fault = scan_line(&scan, &line);
    if (fault != HTTP_OK)
        return fault;
    /* RFC 9110, section 6.5.1: framing and routing have no business in a trailer */
    if (line.kind != LINE_HEADER && line.kind != LINE_END)
        return HTTP_BAD_CHUNK;
    *is_last = line.kind == LINE_END;
    return scan.at == scan.limit ? HTTP_OK : HTTP_BAD_CHUNK;
}

unsigned http_fault_status(enum http_fault fault)
{
    switch (fault) {
    case HTTP_OTHER_VERSION:
        return 505;
    case HTTP_OTHER_CODING:
        return 501;
    case HTTP_OTHER_EXPECTATION:
        return 417;
    case HTTP_TOO_MANY_HEADERS:
        return 431;
    default:
        return 400;
    }
}

const char *http_fault_text(enum http_fault fault)
{
    static const char *const texts[] = {
        [HTTP_OK] = "no fault",
        [HTTP_BAD_LINE_END] = "a line that does not end in CR LF",
        [HTTP_BAD_REQUEST_LINE] = "malformed request line",
        [HTTP_BAD_TARGET] = "malformed request target",
        [HTTP_OTHER_VERSION] = "HTTP version is not 1.1",
        [HTTP_BAD_HEADER] = "malformed header",
        [HTTP_BAD_VALUE] = "control character in a header value",
        [HTTP_SPACE_BEFORE_COLON] = "space before the colon of a header",
        [HTTP_FOLDED_LINE] = "folded header line",
        [HTTP_TOO_MANY_HEADERS] = "too many headers",
        [HTTP_NO_HOST] = "no Host header",
        [HTTP_TWO_HOSTS] = "more than one Host header",
        [HTTP_BAD_HOST] = "malformed or differing Host",
        [HTTP_BAD_LENGTH] = "malformed Content-Length",
        [HTTP_TWO_LENGTHS] = "more than one Content-Length",
        [HTTP_OTHER_CODING] = "Transfer-Encoding is not chunked",
        [HTTP_TWO_CODINGS] = "more than one Transfer-Encoding",
        [HTTP_LENGTH_AND_CODING] = "both Content-Length and Transfer-Encoding",
        [HTTP_OTHER_EXPECTATION] = "unknown expectation",
        [HTTP_BAD_CHUNK] = "malformed chunked body",
    };
    return texts[fault];
}

const char *http_status_text(unsigned status)
{
    static const struct {
        unsigned status;
        const char *text;
    } texts[] = {
        {200, "OK"},
        {202, "Accepted"},
        {204, "No Content"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].status == status)
            return texts[i].text;
    return "Unknown";
}

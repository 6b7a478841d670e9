/*
 * The strict HTTP/1.1 scanner (RFC 9112): request heads, and the lines of a chunked body. What two
 * readers could understand differently is refused, never repaired. It slices: names and values
 * point into the text. It knows nothing of connections, limits on bodies or MCP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef GRAMMAR_HTTP_H
#define GRAMMAR_HTTP_H

#include <stdint.h>

#include "runtime/memory/slice.h"

/* A request head. Names compare without case; values are trimmed. */
struct http_header {
    struct slice name, value;
};

struct http_request {
    struct slice method, target; /* "POST", "/mcp"; target without the query */
    struct slice query;          /* without '?' */
    const struct http_header *headers;
    uint32_t header_count;
    struct slice forwarded_proto, forwarded_host; /* by a proxy that is trusted; else empty */
};

enum http_fault {
    HTTP_OK,
    HTTP_BAD_LINE_END, /* LF without CR, or CR without LF */
    HTTP_BAD_REQUEST_LINE,
    HTTP_BAD_TARGET,
    HTTP_OTHER_VERSION, /* well-formed, not HTTP/1.1 */
    HTTP_BAD_HEADER,    /* no name and colon, or a character that no name has */
    HTTP_BAD_VALUE,     /* a control character in a value */
    HTTP_SPACE_BEFORE_COLON,
    HTTP_FOLDED_LINE,
    HTTP_TOO_MANY_HEADERS,
    HTTP_NO_HOST,
    HTTP_TWO_HOSTS,
    HTTP_BAD_HOST,
    HTTP_BAD_LENGTH,
    HTTP_TWO_LENGTHS, /* equal or not */
    HTTP_OTHER_CODING,
    HTTP_TWO_CODINGS,
    HTTP_LENGTH_AND_CODING,
    HTTP_OTHER_EXPECTATION,
    HTTP_BAD_CHUNK,
};

struct http_head {
    struct http_request request;
    uint64_t content_length; /* 0 without one; UINT64_MAX: that or more */
    bool has_length;
    bool is_chunked;
    bool expects_continue; /* Expect: 100-continue */
    bool wants_close;      /* Connection: close */
};

/* Scans a whole head, from the request line to the empty line. text[size] must be a NUL byte.
 * `headers` holds `capacity` items and stays in use by `head`. */
enum http_fault http_scan_head(const char *text, size_t size, struct http_header *headers,
                               uint32_t capacity, struct http_head *head);

/* Scans the line before a chunk (RFC 9112, section 7.1), CR LF included; text[size] must be NUL.
 * Extensions are ignored. *chunk_size 0: the last chunk; UINT64_MAX: that or more. */
enum http_fault http_scan_chunk(const char *text, size_t size, uint64_t *chunk_size);

/* Scans one line of the trailer, CR LF included; text[size] must be NUL. *is_last: the empty one.
 */
enum http_fault http_scan_trailer(const char *text, size_t size, bool *is_last);

unsigned http_fault_status(enum http_fault fault);  /* 400, 417, 431, 501 or 505 */
const char *http_fault_text(enum http_fault fault); /* "space before the colon of a header" */
const char *http_status_text(unsigned status);      /* "Not Found" */

#endif

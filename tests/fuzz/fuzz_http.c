/*
 * Fuzz target: the HTTP scanner on any bytes. What it accepts must keep its promises: slices inside
 * the text, one kind of framing, no byte in a name or value that could start another line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "grammar/http.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
const char *__asan_default_options(void);

/* Freed inputs need not be kept from reuse: half of the memory limit would go to them. */
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=16";
}

enum {
    HEADER_COUNT = 32,
    SIZE_MAX_KEPT = 1024, /* longer heads repeat themselves, and a corpus of them fills memory */
};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_inside(struct slice slice, const char *text, size_t size)
{
    if (slice.len)
        require(slice.at >= text && slice.at + slice.len <= text + size);
    for (size_t i = 0; i < slice.len; i++)
        require(slice.at[i] == '\t' || ((unsigned char)slice.at[i] >= ' ' && slice.at[i] != 0x7f));
}

static void check_head(const char *text, size_t size)
{
    struct http_header headers[HEADER_COUNT];
    struct http_head head;
    enum http_fault fault = http_scan_head(text, size, headers, HEADER_COUNT, &head);
    if (fault != HTTP_OK) {
        require(http_fault_status(fault) >= 400 && http_fault_text(fault));
        return;
    }
    const struct http_request *request = &head.request;
    require(size >= 4 && memcmp(text + size - 4, "\r\n\r\n", 4) == 0);
    require(!(head.has_length && head.is_chunked));
    require(request->method.len && request->target.len);
    require(request->target.at[0] == '/' || slice_is(request->target, "*"));
    require(request->header_count >= 1 && request->header_count <= HEADER_COUNT);
    require_inside(request->method, text, size);
    require_inside(request->target, text, size);
    require_inside(request->query, text, size);
    for (uint32_t i = 0; i < request->header_count; i++) {
        require(headers[i].name.len && !memchr(headers[i].name.at, ' ', headers[i].name.len));
        require_inside(headers[i].name, text, size);
        require_inside(headers[i].value, text, size);
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    char *text = size <= SIZE_MAX_KEPT ? malloc(size + 1) : NULL;
    if (!text)
        return -1;
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    uint64_t chunk_size;
    bool is_last;
    check_head(text, size);
    http_scan_chunk(text, size, &chunk_size);
    http_scan_trailer(text, size, &is_last);
    free(text);
    return 0;
}

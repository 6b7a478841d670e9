/*
 * Fuzz target: any bytes as the message of a client, on stdio and on HTTP. Whatever comes, there is
 * exactly one answer and it is strict JSON, or a call that waits for the backend.
 *
 * The first byte says how the message comes; for HTTP, what follows up to the first NUL becomes
 * header values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>

#include "tests/unit/exchange_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct play play;

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void *grow(void *context, void *nodes, size_t old_size, size_t new_size)
{
    (void)context;
    (void)old_size;
    return realloc(nodes, new_size);
}

static void check_answer(struct exchange *exchange, const struct reply *reply)
{
    struct json_tape tape = {.depth_max = 1000, .node_max = 1 << 20, .grow = grow};
    play.answer_count++;
    require(memmem(reply->headers.at, reply->headers.len, "\r\n\r\n", 4) == NULL);
    if (reply->body.len) {
        char *text = malloc(reply->body.len + 1); /* its own size, so that overreads are seen */
        require(text != NULL);
        memcpy(text, reply->body.at, reply->body.len);
        text[reply->body.len] = '\0';
        require(json_scan(text, reply->body.len, &tape, NULL) == JSON_OK);
        free(tape.nodes);
        free(text);
    }
    pool_close(exchange->pool);
}

/* Cuts a header's value off the front; what no scanner lets through is replaced. */
static struct slice take_value(char *bytes, size_t *at, size_t end)
{
    size_t start = *at;
    while (*at < end && bytes[*at] != '\n') {
        if ((unsigned char)bytes[*at] < ' ')
            bytes[*at] = ' ';
        (*at)++;
    }
    struct slice value = {bytes + start, *at - start};
    *at += *at < end;
    return value;
}

static void set_headers(struct http_request *request, struct http_header *headers, char *bytes,
                        size_t end)
{
    static const char *const names[] = {"MCP-Protocol-Version",
                                        "Mcp-Method",
                                        "Mcp-Name",
                                        "Mcp-Session-Id",
                                        "Origin",
                                        "Host",
                                        "Accept",
                                        "Content-Type"};
    size_t at = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && at < end; i++) {
        struct slice value = take_value(bytes, &at, end);
        if (value.len)
            headers[request->header_count++] = (struct http_header){slice_of(names[i]), value};
    }
}

static void handle(struct exchange *exchange)
{
    unsigned before = play.answer_count;
    protocol_handle(exchange);
    if (play.answer_count != before) {
        require(play.answer_count == before + 1);
        return;
    }
    require(exchange->abandon != NULL);
    exchange->abandon(exchange);
    pool_close(exchange->pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct http_header headers[8];
    struct http_request request = {
        .method = SLICE("POST"), .target = SLICE("/mcp"), .headers = headers};
    if (!play.worker.loop)
        play_open(&play);
    if (size == 0)
        return 0;
    struct pool *pool = pool_open(16 << 20);
    struct exchange *exchange = pool_zero(pool, sizeof *exchange);
    char *text = pool_text(pool, (struct slice){(const char *)bytes + 1, size - 1});
    size_t head = bytes[0] & 1 ? strnlen(text, size - 1) : 0;
    size_t start = bytes[0] & 1 && head < size - 1 ? head + 1 : head;
    *exchange = (struct exchange){
        .worker = &play.worker,
        .pool = pool,
        .message = {text + start, size - 1 - start},
        .caller = bytes[0] & 2 ? play.server.callers->nobody : play.server.callers->operator_caller,
        .send = check_answer,
        .transport = &play,
    };
    if (bytes[0] & 1) {
        set_headers(&request, headers, text, head);
        exchange->http = &request;
    } else if (bytes[0] & 4) {
        exchange->stream = &play.stream;
    }
    handle(exchange);
    return 0;
}

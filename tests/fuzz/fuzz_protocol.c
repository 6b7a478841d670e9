/*
 * Fuzz target: any bytes as messages of a client, on stdio and on HTTP: requests of all revisions,
 * batches, resources, completion, streams. Whatever comes, each message has exactly one answer, or
 * waits (for the backend, as a stream) until it is ended; all that is sent is strict JSON.
 *
 * The first byte says how the messages come (HOW_*); for HTTP, what follows up to the first NUL
 * becomes header values. A byte 0x1e separates messages, which share the stream or the session.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>

#include "runtime/protocol/session.h"
#include "runtime/protocol/subscriptions.h"
#include "tests/unit/exchange_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum {
    HOW_HTTP = 1,
    HOW_NOBODY = 2,
    HOW_STREAM = 4, /* stdio that keeps what was agreed on */
    HOW_GET = 8,
    HOW_OPTIONS = 16,
    HOW_STOPS = 32, /* the server stops, instead of the client */
};
enum { MESSAGES_MAX = 8, SEPARATOR = 0x1e };

/* One message, and what came of it. */
struct sent {
    struct exchange *exchange;
    bool begun, answered;
};

static struct play play;
static struct mcpp_tool tools[PLAY_TOOLS];
static struct mcpp_policy policy;

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

static void check_json(struct slice body)
{
    struct json_tape tape = {.depth_max = 1000, .node_max = 1 << 20, .grow = grow};
    char *text = malloc(body.len + 1); /* its own size, so that overreads are seen */
    require(text != NULL);
    memcpy(text, body.at, body.len);
    text[body.len] = '\0';
    require(json_scan(text, body.len, &tape, NULL) == JSON_OK);
    free(tape.nodes);
    free(text);
}

static void check_lines(struct slice lines)
{
    if (lines.len)
        require(memmem(lines.at, lines.len, "\r\n\r\n", 4) == NULL &&
                lines.at[lines.len - 1] == '\n');
}

static void finish(struct exchange *exchange)
{
    struct sent *sent = exchange->transport;
    require(!sent->answered);
    sent->answered = true;
    pool_close(exchange->pool);
}

static void check_answer(struct exchange *exchange, const struct reply *reply)
{
    require(!((struct sent *)exchange->transport)->begun);
    check_lines(reply->headers);
    if (reply->body.len)
        check_json(reply->body);
    finish(exchange);
}

static void begin_events(struct exchange *exchange, struct slice headers)
{
    struct sent *sent = exchange->transport;
    require(!sent->begun && !sent->answered);
    sent->begun = true;
    check_lines(headers);
}

static void add_event(struct exchange *exchange, struct slice message)
{
    const struct sent *sent = exchange->transport;
    require(sent->begun && !sent->answered && !memchr(message.at, '\n', message.len));
    check_json(message);
}

static void end_events(struct exchange *exchange)
{
    require(((struct sent *)exchange->transport)->begun);
    finish(exchange);
}

static const struct event_writer writer = {begin_events, add_event, end_events};

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
                                        "Content-Type",
                                        "Mcp-Param-Status",
                                        "traceparent",
                                        "Accept-Encoding"};
    size_t at = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && at < end; i++) {
        struct slice value = take_value(bytes, &at, end);
        if (value.len)
            headers[request->header_count++] = (struct http_header){slice_of(names[i]), value};
    }
}

/* A session's id is sealed: "*" stands for one of this caller's. */
static void put_session(struct http_request *request, struct http_header *headers,
                        const struct caller *caller, char id[static SEAL_TEXT_MAX])
{
    static const char *const versions[] = {"2025-11-25", "2025-06-18", "2025-03-26"};
    for (uint32_t i = 0; i < request->header_count; i++) {
        struct slice value = headers[i].value;
        if (!slice_is(headers[i].name, "Mcp-Session-Id") || !value.len || value.at[0] != '*')
            continue;
        const struct revision *revision = revision_find(slice_of(versions[value.len % 3]));
        require(session_open(play.server.seal_key, caller, revision, id));
        headers[i].value = slice_of(id);
    }
}

/* A policy whose tools are resources, too, one of them with an argument to complete. */
static void open_once(void)
{
    static const struct mcpp_parameter parameters[] = {
        {.argument = "status", .name = "status", .place = MCPP_IN_QUERY, .mcp_header = "Status"}};
    play_open(&play);
    memcpy(tools, play_tools, sizeof tools);
    tools[0].resource = "pets://pet{?status}";
    tools[0].input_schema = "{\"type\":\"object\",\"properties\":{\"status\":"
                            "{\"type\":\"string\",\"enum\":[\"up\",\"down\"]}}}";
    tools[0].parameters = parameters;
    tools[0].parameter_count = 1;
    tools[3].resource = "pets://health";
    policy = play_policy;
    policy.tools = tools;
    play_set_policy(&play, &policy);
}

static struct exchange *make_exchange(struct sent *sent, struct slice message, unsigned how)
{
    struct pool *pool = pool_open(16 << 20);
    struct exchange *exchange = pool_zero(pool, sizeof *exchange);
    *exchange = (struct exchange){
        .worker = &play.worker,
        .pool = pool,
        .message = {pool_text(pool, message), message.len},
        .caller =
            how & HOW_NOBODY ? play.server.callers->nobody : play.server.callers->operator_caller,
        .send = check_answer,
        .events = &writer,
        .transport = sent,
    };
    sent->exchange = exchange;
    return exchange;
}

/* What still waits is told of a change, and then ended by the client or by us. */
static void end_all(struct sent *sent, size_t count, unsigned how)
{
    subscriptions_announce(&play.server);
    event_base_loop(play.worker.loop, EVLOOP_NONBLOCK);
    for (size_t i = 0; i < count; i++) {
        if (sent[i].answered)
            continue;
        struct exchange *exchange = sent[i].exchange;
        if (how & HOW_STOPS && exchange->stop) {
            exchange->stop(exchange);
            require(sent[i].answered);
            continue;
        }
        require(exchange->abandon != NULL);
        exchange->abandon(exchange);
        pool_close(exchange->pool);
    }
    require(*board_subscriptions(play.worker.board) == NULL && !play.stream.turns);
    require(watchers_are_empty(play.server.watchers));
    play.stream = (struct stream){0};
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct http_header headers[16];
    char session[SEAL_TEXT_MAX];
    struct sent sent[MESSAGES_MAX] = {0};
    size_t count = 0;
    if (!play.worker.loop)
        open_once();
    if (size == 0)
        return 0;
    unsigned how = bytes[0];
    char *text = malloc(size);
    require(text != NULL);
    memcpy(text, bytes + 1, size - 1);
    text[size - 1] = '\0';
    size_t head = how & HOW_HTTP ? strlen(text) : 0;
    struct http_request request = {
        .method = slice_of(how & HOW_GET       ? "GET"
                           : how & HOW_OPTIONS ? "OPTIONS"
                                               : "POST"),
        .target = SLICE("/mcp"),
        .headers = headers,
    };
    if (how & HOW_HTTP) {
        set_headers(&request, headers, text, head);
        put_session(&request, headers,
                    how & HOW_NOBODY ? &play.server.callers->nobody
                                     : &play.server.callers->operator_caller,
                    session);
    }
    size_t start = how & HOW_HTTP && head < size - 1 ? head + 1 : head;
    struct slice rest = {text + start, size - 1 - start};
    do {
        struct slice message = slice_cut(&rest, SEPARATOR);
        struct exchange *exchange = make_exchange(&sent[count], message, how);
        count++;
        if (how & HOW_HTTP)
            exchange->http = &request;
        else if (how & HOW_STREAM)
            exchange->stream = &play.stream;
        protocol_handle(exchange);
    } while (rest.len && count < MESSAGES_MAX);
    end_all(sent, count, how);
    free(text);
    return 0;
}

/*
 * Messages in, answers out: JSON-RPC, methods, lists and calls, paths and headers of HTTP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/mirror.h"
#include "runtime/protocol/route.h"
#include "tests/unit/exchange_play.h"

static struct play play;

static void check_jsonrpc(void)
{
    static const struct {
        const char *message, *answer;
    } cases[] = {
        {"{", "-32700"},
        {"", "-32700"},
        {"{}x", "-32700"},
        {"{\"id\":1,\"id\":2}", "-32700"},
        {"7", "-32600"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1}", "\"id\":1,\"error\":{\"code\":-32600"},
        {"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}", "-32600"},
        {"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", "-32600"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", "-32600"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1e2,\"method\":\"ping\"}", "-32600"},
        {"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", "-32600"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", "-32600"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}", "-32600"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nope\"}", "\"code\":-32601"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\\u0000\"}", "\"code\":-32601"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/setLevel\"}", "\"code\":-32602"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"p\\u0069ng\"}", "\"id\":1,\"result\":{}"},
        {"{\"jsonrpc\":\"2.0\",\"id\":9007199254740993,\"method\":\"ping\"}",
         "\"id\":9007199254740993,"},
        {"{\"jsonrpc\":\"2.0\",\"id\":\"a\\u0041\\n\",\"method\":\"ping\"}",
         "\"id\":\"a\\u0041\\n\","},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_HAS(play_stdio(&play, cases[i].message), cases[i].answer);
    CHECK_STR(slice_of(play_stdio(&play, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}")),
              "");
    CHECK_STR(slice_of(play_stdio(&play, "{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{}}")), "");
    CHECK_LACKS(play_stdio(&play, "{"), "\"id\"");
}

static void check_batches(void)
{
    CHECK_STR(slice_of(play_stdio(&play, "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"},"
                                         "{\"jsonrpc\":\"2.0\",\"method\":\"x\"},7,"
                                         "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}]")),
              "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}},{\"jsonrpc\":\"2.0\",\"error\":{"
              "\"code\":-32600,\"message\":\"Invalid request: a message is an object\"}},"
              "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}]");
    CHECK_HAS(play_stdio(&play, "[]"), "-32600");
    CHECK_STR(slice_of(play_stdio(&play, "[{\"jsonrpc\":\"2.0\",\"method\":\"x\"}]")), "");
    /* two calls in one batch wait for the backend one after the other */
    play_stdio(&play, "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":"
                      "{\"name\":\"health\"}},{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":"
                      "\"tools/call\",\"params\":{\"name\":\"getPet\"}}]");
    CHECK_HAS(play.body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[");
    CHECK_HAS(play.body, "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"content\":[");
    CHECK_HAS(play_stdio(&play, "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\","
                                "\"params\":{\"protocolVersion\":\"2025-03-26\"}}]"),
              "initialize in a batch");
    play_http(&play,
              (struct play_request){.headers = "MCP-Protocol-Version: 2025-06-18\n", .body = "[]"});
    CHECK_HAS(play.body, "this revision has no batches");
    CHECK_INT(
        play_http(&play, (struct play_request){.body = "[{\"jsonrpc\":\"2.0\",\"method\":\"x\"}]"}),
        202);
}

/* ---- lists and calls ---- */

static void check_list(void)
{
    const char *text = play_stdio(&play, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\","
                                         "\"params\":{" META "}}");
    CHECK_HAS(text,
              "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",\"_meta\":"
              "{\"io.modelcontextprotocol/serverInfo\":{\"name\":\"play\",\"title\":\"Play\","
              "\"version\":\"1.2\"}},\"tools\":[{\"name\":\"getPet\",\"title\":\"A "
              "\\\"getPet\\\"\",\"description\":\"does\\ngetPet\",\"inputSchema\":"
              "{\"type\":\"object\"},\"outputSchema\":{\"type\":\"object\"},\"annotations\":"
              "{\"readOnlyHint\":true,\"destructiveHint\":false,\"idempotentHint\":false,"
              "\"openWorldHint\":false}},{\"name\":\"deletePet\"");
    CHECK_HAS(text, "}],\"ttlMs\":300000,\"cacheScope\":\"public\"}}");
    CHECK_HAS(text, "\"outputSchema\":{\"type\":\"array\"}");
    text = play_stdio(&play, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
    CHECK_HAS(text, "\"outputSchema\":{\"type\":\"object\",\"properties\":{\"result\":{\"type\":"
                    "\"array\"}},\"required\":[\"result\"]}");
    CHECK_LACKS(text, "ttlMs");
    CHECK_HAS(text, "\"outputSchema\":{\"type\":\"object\"}");
}

/* The cursor of the last answer as params of a list; false: there is none. */
static bool next_page(char *out, size_t size)
{
    const char *cursor = strstr(play.body, "\"nextCursor\":\"");
    if (!cursor)
        return false;
    cursor += strlen("\"nextCursor\":\"");
    snprintf(out, size,
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":\""
             "%.*s\"}}",
             (int)strcspn(cursor, "\""), cursor);
    return true;
}

static unsigned count(const char *text, const char *part)
{
    unsigned found = 0;
    for (; (text = strstr(text, part)); text++)
        found++;
    return found;
}

static void check_pages(void)
{
    static struct mcpp_tool tools[PLAY_MANY];
    static uint32_t slots[1] = {PLAY_MANY};
    struct mcpp_policy policy = play_policy;
    char request[1024];
    for (size_t i = 0; i < PLAY_MANY; i++)
        tools[i] = play_tools[i % PLAY_TOOLS];
    policy.tools = tools;
    policy.tool_count = PLAY_MANY;
    policy.names = (struct mcpp_hash_table){7, 1, 1, play_displace, slots};
    play_set_policy(&play, &policy);
    play_stdio(&play, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
    CHECK_INT(count(play.body, "\"name\":"), 1000);
    CHECK(next_page(request, sizeof request));
    play_stdio(&play, request);
    CHECK_INT(count(play.body, "\"name\":"), PLAY_MANY - 1000);
    CHECK_LACKS(play.body, "nextCursor");
    CHECK_HAS(play.body, "\"tools\":[{\"name\":\"getPet\"");
    char *digit = strstr(request, "cursor\":\"") + strlen("cursor\":\"");
    *digit = *digit == 'A' ? 'B' : 'A';
    CHECK_HAS(play_stdio(&play, request), "-32602");
    play_set_policy(&play, &play_policy);
    CHECK_HAS(play_stdio(&play, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\","
                                "\"params\":{\"cursor\":7}}"),
              "-32602");
}

#define CALL(ID, PARAMS) \
    "{\"jsonrpc\":\"2.0\",\"id\":" ID ",\"method\":\"tools/call\",\"params\":" PARAMS "}"

static void check_calls(void)
{
    static const uint64_t reader[] = {1 << PLAY_READ | 1 << PLAY_TOKEN};
    CHECK_HAS(play_stdio(&play, CALL("1", "{}")), "\"code\":-32602");
    CHECK_HAS(play_stdio(&play, CALL("1", "{\"name\":\"getPet\",\"arguments\":[]}")),
              "arguments is not an object");
    CHECK_HAS(play_stdio(&play, CALL("1", "{\"name\":\"get\\\"Pet\"}")),
              "\"code\":-32602,\"message\":\"Invalid params: unknown tool get\\\"Pet\"");
    play_stdio(&play, CALL("1", "{\"name\":\"getPet\"," META "}"));
    CHECK_HAS(play.body, "\"resultType\":\"complete\"");
    CHECK_HAS(play.body, "\"isError\":true}}");
    struct play_request denied = {
        .body = CALL("1", "{\"name\":\"deletePet\"}"),
        .headers = "MCP-Protocol-Version: 2025-11-25\n",
        .caller = {.kind = CALLER_VERIFIED, .facts = reader, .subject = SLICE("alice")},
    };
    CHECK_INT(play_http(&play, denied), 403);
    CHECK_HAS(play.headers,
              "WWW-Authenticate: Bearer error=\"insufficient_scope\", error_description=\"The "
              "access token has not the scopes needed\", resource_metadata=\"http://127.0.0.1:8000/"
              ".well-known/oauth-protected-resource/mcp\", scope=\"read:pets write:pets\"\r\n");
    CHECK_HAS(play.body, "\"id\":1,\"error\":{\"code\":403,");
    denied.body =
        "[" CALL("1", "{\"name\":\"health\"}") "," CALL("2", "{\"name\":\"deletePet\"}") "]";
    denied.headers = NULL; /* 2025-03-26 */
    CHECK_INT(play_http(&play, denied), 200);
    CHECK_HAS(play.body, "\"id\":2,\"error\":{\"code\":403,");
    CHECK_HAS(play.body, "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":");
}

static void check_cancel(void)
{
    struct exchange *exchange = play_exchange(&play, CALL("\"c1\"", "{\"name\":\"health\"}"));
    unsigned before = play.answer_count;
    exchange->caller.kind = CALLER_OPERATOR;
    exchange->stream = &play.stream;
    protocol_handle(exchange);
    CHECK_INT(play.answer_count, before);
    CHECK(play.stream.turns != NULL);
    exchange = play_exchange(&play, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                                    "\"params\":{\"requestId\":\"c2\"}}");
    exchange->stream = &play.stream;
    protocol_handle(exchange);
    CHECK_INT(play.answer_count, before + 1);
    exchange = play_exchange(&play, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                                    "\"params\":{\"requestId\":\"c1\"}}");
    exchange->stream = &play.stream;
    protocol_handle(exchange);
    CHECK_INT(play.answer_count, before + 3); /* the call's, empty, and the notification's */
    CHECK_STR(slice_of(play.body), "");
    CHECK(play.stream.turns == NULL);
}

/* The client goes away: nothing may be sent, and the transport frees the exchange. */
static void check_abandon(void)
{
    struct exchange *exchange = play_exchange(&play, CALL("1", "{\"name\":\"health\"}"));
    unsigned before = play.answer_count;
    exchange->caller.kind = CALLER_OPERATOR;
    exchange->stream = &play.stream;
    protocol_handle(exchange);
    if (CHECK(exchange->abandon != NULL))
        exchange->abandon(exchange);
    pool_close(exchange->pool);
    event_base_loop(play.worker.loop, EVLOOP_NONBLOCK);
    CHECK_INT(play.answer_count, before);
    CHECK(play.stream.turns == NULL);
}

/* ---- HTTP ---- */

static void check_routes(void)
{
    const char *ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";
    CHECK_INT(play_http(&play, (struct play_request){.body = ping}), 200);
    CHECK_INT(play_http(&play, (struct play_request){.target = "/", .body = ping}), 404);
    CHECK_INT(play_http(&play, (struct play_request){.target = "/mcp/", .body = ping}), 404);
    CHECK_INT(play_http(&play, (struct play_request){.method = "GET"}), 405);
    CHECK_HAS(play.headers, "Allow: GET, POST, OPTIONS\r\n");
    CHECK_INT(play_http(&play, (struct play_request){.method = "DELETE"}), 405);
    CHECK_INT(play_http(&play, (struct play_request){.method = "OPTIONS"}), 204);
    CHECK_INT(
        play_http(&play,
                  (struct play_request){
                      .headers = "bareHost: localhost\nContent-Type: text/plain\n", .body = ping}),
        415);
    CHECK_INT(
        play_http(&play, (struct play_request){.headers = "bareHost: localhost\nContent-Type: "
                                                          "application/json; charset=utf-8\n",
                                               .body = ping}),
        200);
    CHECK_INT(play_http(&play, (struct play_request){.headers = "bareHost: localhost\nContent-Type:"
                                                                " application/json\nAccept: "
                                                                "text/html\n",
                                                     .body = ping}),
              406);
    /* without validation there is nothing to say about tokens */
    CHECK_INT(
        play_http(&play, (struct play_request){.method = "GET",
                                               .target = "/.well-known/oauth-protected-resource"}),
        404);
    CHECK_INT(play_http(&play, (struct play_request){.body = "{"}), 400);
    CHECK_INT(
        play_http(&play, (struct play_request){.body = "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}"}),
        202);
}

static void check_media_types(void)
{
    CHECK(route_accepts_json(SLICE("application/json, text/event-stream")));
    CHECK(route_accepts_json(SLICE("text/html , Application/JSON;q=0.5")));
    CHECK(route_accepts_json(SLICE("*/*")));
    CHECK(route_accepts_json(SLICE("text/*;q=1,application/*")));
    CHECK(!route_accepts_json(SLICE("")));
    CHECK(!route_accepts_json(SLICE("text/event-stream")));
    CHECK(!route_accepts_json(SLICE("application/json;q=0")));
    CHECK(!route_accepts_json(SLICE("application/json; q=0.000")));
    CHECK(!route_accepts_json(SLICE("application/jsonp,,;")));
    CHECK(route_is_json(SLICE("application/json;charset=utf-8")));
    CHECK(!route_is_json(SLICE("application/json5")));
    CHECK(!route_is_json(SLICE("text/plain;application/json")));
}

static unsigned call_from(const char *headers)
{
    char lines[512];
    snprintf(lines, sizeof lines, "bareContent-Type: application/json\n%s", headers);
    return play_http(
        &play, (struct play_request){.headers = lines,
                                     .body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"});
}

static void check_origins(void)
{
    static const char *const listed[] = {"https://app.example", NULL};
    CHECK_INT(call_from("Host: localhost:8000\n"), 200);
    CHECK_INT(call_from("Host: [::1]:8000\n"), 200);
    CHECK_INT(call_from("Host: evil.example:8000\n"), 403);
    CHECK_INT(call_from("Host: localhost.evil.example\n"), 403);
    CHECK_INT(call_from("Host: 10.0.0.1\n"), 403);
    CHECK_INT(call_from("Host: localhost\nOrigin: http://localhost:6274\n"), 200);
    CHECK_HAS(play.headers, "Access-Control-Allow-Origin: http://localhost:6274\r\n");
    CHECK_INT(call_from("Host: localhost\nOrigin: http://evil.example\n"), 403);
    CHECK_LACKS(play.headers, "Access-Control");
    CHECK_LACKS(play.body, "\"id\"");
    CHECK_INT(call_from("Host: localhost\nOrigin: null\n"), 403);
    CHECK_INT(call_from("Host: localhost\nOrigin: http://localhost/x\n"), 403);
    CHECK_INT(call_from("Host: localhost\nOrigin: \n"), 403);
    CHECK_INT(call_from("Host: localhost\nOrigin: http://127.0.0.1.evil.example\n"), 403);
    CHECK_INT(call_from("Host: localhost\nOrigin: http://localhost\nOrigin: http://localhost\n"),
              403);
    play.server.options.allow_origins = listed;
    CHECK_INT(call_from("Host: localhost\nOrigin: https://app.example\n"), 200);
    CHECK_INT(call_from("Host: localhost\nOrigin: https://app.example.org\n"), 403);
    play.server.options.public_url = "https://pets.example/api/mcp";
    CHECK_INT(call_from("Host: pets.example\nOrigin: https://pets.example\n"), 200);
    CHECK_INT(call_from("Host: pets.example\nOrigin: https://other.example\n"), 403);
    play.server.options.public_url = NULL;
    play.server.options.host = "127.1"; /* a loopback address, though not spelled as one */
    CHECK_INT(call_from("Host: 127.1:8000\n"), 200);
    CHECK_INT(call_from("Host: localhost\n"), 200);
    CHECK_INT(call_from("Host: evil.example\n"), 403);
    play.server.options.host = "0.0.0.0";
    play.server.options.allow_unauthenticated = true;
    CHECK_INT(call_from("Host: pets.internal\n"), 200);
    CHECK_INT(call_from("Host: evil.example\nOrigin: http://evil.example\n"), 403);
    CHECK_INT(call_from("Host: 10.0.0.1:8000\nOrigin: http://10.0.0.1:8000\n"), 200);
    CHECK_INT(call_from("Host: 10.0.0.1:8000\nOrigin: http://localhost:8000\n"), 403);
    play.server.options.host = "127.0.0.1";
    play.server.options.allow_unauthenticated = false;
    play.server.options.allow_origins = NULL;
}

static void check_mirror_values(void)
{
    struct pool *pool = pool_open(1 << 16);
    struct slice out;
    CHECK(mirror_decode(SLICE("us-west1"), pool, &out));
    CHECK_STR(out, "us-west1");
    CHECK(mirror_decode(SLICE("=?base64?SGVsbG8sIOS4lueVjA==?="), pool, &out));
    CHECK_STR(out, "Hello, \xe4\xb8\x96\xe7\x95\x8c");
    CHECK(mirror_decode(SLICE("=?base64?IHBhZGRlZCA=?="), pool, &out));
    CHECK_STR(out, " padded ");
    CHECK(mirror_decode(SLICE("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="), pool, &out));
    CHECK_STR(out, "=?base64?literal?=");
    CHECK(mirror_decode(SLICE("=?base64?"
                              "?="),
                        pool, &out));
    CHECK_STR(out, "");
    CHECK(mirror_decode(SLICE("=?BASE64?QQ==?="), pool, &out)); /* case-sensitive: just a value */
    CHECK_STR(out, "=?BASE64?QQ==?=");
    CHECK(!mirror_decode(SLICE("=?base64?QR==?="), pool, &out)); /* bits beyond the byte */
    CHECK(!mirror_decode(SLICE("=?base64?QQ=?="), pool, &out));
    CHECK(!mirror_decode(SLICE("=?base64?Q Q=?="), pool, &out));
    CHECK(!mirror_decode(SLICE("=?base64?====?="), pool, &out));
    CHECK(!mirror_decode(SLICE("caf\xc3\xa9"), pool, &out));
    pool_close(pool);
}

/* Memory that runs out anywhere is an answer, never silence. */
static void check_memory(void)
{
    static const char body[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}";
    unsigned full = 0;
    for (size_t limit = 0; limit < 64 * 1024; limit += 256) {
        struct pool *pool = pool_open(limit);
        struct exchange exchange = {
            .worker = &play.worker,
            .pool = pool,
            .send = play_keep,
            .transport = &play,
            .caller = {.kind = CALLER_OPERATOR},
        };
        unsigned before = play.answer_count;
        if (!pool)
            continue;
        exchange.message = slice_of(body);
        protocol_handle(&exchange);
        CHECK_INT(play.answer_count, before + 1);
        CHECK(play.status == 200 || play.status == 503 || play.status == 400);
        CHECK_HAS(play.body, "\"jsonrpc\":\"2.0\"");
        full += play.status == 200;
    }
    CHECK(full > 0);
}

int main(void)
{
    play_open(&play);
    check_jsonrpc();
    check_batches();
    check_list();
    check_pages();
    check_calls();
    check_cancel();
    check_abandon();
    check_routes();
    check_media_types();
    check_origins();
    check_mirror_values();
    check_memory();
    play_close(&play);
    return check_report();
}

/*
 * Which revision a message speaks, and what is refused because body and headers disagree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/revision.h"

#include "tests/unit/exchange_play.h"

static struct play play;

#define LIST(PARAMS) "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"" PARAMS "}"
#define MODERN_LIST LIST(",\"params\":{" META "}")
#define LIST_HEADERS MODERN "Mcp-Method: tools/list\n"
#define OLD_META(VERSION)                                                            \
    ",\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"" VERSION \
    "\",\"io.modelcontextprotocol/clientCapabilities\":{}}}"

static void check_modern(void)
{
    static const struct {
        const char *headers, *body;
        unsigned status;
        const char *answer;
    } cases[] = {
        {LIST_HEADERS, MODERN_LIST, 200, "\"resultType\":\"complete\""},
        {"Mcp-Method: tools/list\n", MODERN_LIST, 400, "-32020"},
        {"MCP-Protocol-Version: 2025-11-25\nMcp-Method: tools/list\n", MODERN_LIST, 400, "-32020"},
        {LIST_HEADERS, LIST(OLD_META("2025-11-25")), 400, "-32020"},
        {MODERN, MODERN_LIST, 400,
         "\"code\":-32020,\"message\":\"Header mismatch: Mcp-Method is missing"},
        {MODERN "Mcp-Method: tools/call\n", MODERN_LIST, 400, "-32020"},
        {MODERN "Mcp-Method: Tools/List\n", MODERN_LIST, 400, "-32020"},
        {LIST_HEADERS "Mcp-Method: tools/list\n", MODERN_LIST, 400, "-32020"},
        {LIST_HEADERS MODERN, MODERN_LIST, 400, "-32020"},
        {LIST_HEADERS, LIST(""), 400, "-32602"},
        {LIST_HEADERS, LIST(",\"params\":{}"), 400, "-32602"},
        {LIST_HEADERS, LIST(",\"params\":{\"_meta\":7}"), 400, "-32602"},
        {LIST_HEADERS,
         LIST(",\"params\":{\"_meta\":{\"io.modelcontextprotocol/"
              "protocolVersion\":\"2026-07-28\"}}"),
         400, "clientCapabilities"},
        {LIST_HEADERS,
         LIST(",\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
              "\"io.modelcontextprotocol/clientCapabilities\":{},"
              "\"io.modelcontextprotocol/clientInfo\":\"me\"}}"),
         400, "-32602"},
        {"MCP-Protocol-Version: 1900-01-01\nMcp-Method: tools/list\n", LIST(OLD_META("1900-01-01")),
         400,
         "\"code\":-32022,\"message\":\"Unsupported protocol version\",\"data\":{\"supported\":["
         "\"2026-07-28\",\"2025-11-25\",\"2025-06-18\",\"2025-03-26\"],\"requested\":\"1900-01-"
         "01\"}"},
        {"MCP-Protocol-Version: 1900-01-01\n", LIST(""), 400, "-32022"},
        {MODERN "Mcp-Method: nope\n",
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nope\",\"params\":{" META "}}", 404, "-32601"},
        {MODERN "Mcp-Method: ping\n",
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{" META "}}", 404, "-32601"},
        {MODERN "Mcp-Method: server/discover\n",
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{" META "}}", 200,
         "\"supportedVersions\":[\"2026-07-28\",\"2025-11-25\",\"2025-06-18\",\"2025-03-26\"],"
         "\"capabilities\":{\"completions\":{},\"tools\":{\"listChanged\":true}},\"ttlMs\":3600000,"
         "\"cacheScope\":"
         "\"public\"}}"},
        {MODERN, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}", 202, ""},
        {MODERN, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", 400, "-32600"},
        {MODERN, "[]", 400, "no batches"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned status = play_http(
            &play, (struct play_request){.headers = cases[i].headers, .body = cases[i].body});
        if (!CHECK(status == cases[i].status))
            fprintf(stderr, "    case %zu: got %u %s\n", i, status, play.body);
        CHECK_HAS(play.body, cases[i].answer);
    }
}

static void check_names(void)
{
    static const char call[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
        "\"name\":\"health\"," META "}}";
    static const struct {
        const char *header;
        unsigned status;
    } cases[] = {
        {"Mcp-Name: health\n", 200},
        {"mcp-name: =?base64?aGVhbHRo?=\n", 200},
        {"Mcp-Name: Health\n", 400},
        {"Mcp-Name: =?base64?aGVhbHRp?=\n", 400},
        {"Mcp-Name: =?base64?!!!!?=\n", 400},
        {"", 400},
        {"Mcp-Name: health\nMcp-Name: health\n", 400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char headers[512];
        snprintf(headers, sizeof headers, MODERN "Mcp-Method: tools/call\n%s", cases[i].header);
        CHECK_INT(play_http(&play, (struct play_request){.headers = headers, .body = call}),
                  cases[i].status);
        if (cases[i].status == 400)
            CHECK_HAS(play.body, "-32020");
    }
}

#define INITIALIZE(VERSION)                                                                    \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":" \
    "\"" VERSION "\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}"

static void check_legacy_http(void)
{
    CHECK_INT(play_http(&play, (struct play_request){.body = INITIALIZE("2025-06-18")}), 200);
    CHECK_HAS(play.body, "\"result\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{"
                         "\"completions\":{},\"logging\":{},\"tools\":{\"listChanged\":true}},"
                         "\"serverInfo\":{\"name\":\"play\"");
    CHECK_INT(play_http(&play, (struct play_request){.body = INITIALIZE("2024-11-05")}), 200);
    CHECK_HAS(play.body, "\"protocolVersion\":\"2025-11-25\"");
    CHECK_INT(play_http(&play,
                        (struct play_request){.headers = MODERN, .body = INITIALIZE("2026-07-28")}),
              200);
    CHECK_HAS(play.body, "\"protocolVersion\":\"2025-11-25\"");
    CHECK_INT(
        play_http(&play, (struct play_request){.body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
                                                       "\"initialize\"}"}),
        200);
    CHECK_HAS(play.body, "-32602");
    CHECK_INT(play_http(&play, (struct play_request){.body = LIST("")}), 200);
    CHECK_LACKS(play.body, "resultType");
    CHECK_INT(play_http(&play,
                        (struct play_request){
                            .headers = "MCP-Protocol-Version: 2025-11-25\n",
                            .body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nope\"}"}),
              200);
    CHECK_HAS(play.body, "-32601");
    CHECK_INT(
        play_http(&play, (struct play_request){.headers = "MCP-Protocol-Version: 2025-11-25\n",
                                               .body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
                                                       "\"server/discover\"}"}),
        200);
    CHECK_HAS(play.body, "-32601");
}

/* On stdio the stream remembers; modern messages in between are served as modern. */
static void check_stdio(void)
{
    CHECK(play.stream.revision == NULL);
    CHECK_HAS(play_stdio(&play, MODERN_LIST), "resultType");
    CHECK(play.stream.revision == NULL);
    CHECK_HAS(play_stdio(&play, LIST(OLD_META("2027-01-01"))), "-32022");
    CHECK_HAS(play_stdio(&play, INITIALIZE("2025-06-18")), "\"protocolVersion\":\"2025-06-18\"");
    CHECK(play.stream.revision == &revisions[2]);
    CHECK_HAS(play_stdio(&play, "[]"), "no batches");
    CHECK_LACKS(play_stdio(&play, LIST("")), "resultType");
    CHECK_HAS(play_stdio(&play, MODERN_LIST), "resultType");
    CHECK_HAS(play_stdio(&play, INITIALIZE("2025-03-26")), "\"protocolVersion\":\"2025-03-26\"");
    CHECK_HAS(play_stdio(&play, "[{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"ping\"}]"),
              "[{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{}}]");
}

int main(void)
{
    CHECK(revision_find(SLICE("2025-11-25")) == revision_latest_legacy());
    CHECK(revision_find(SLICE("2025-11-2")) == NULL);
    play_open(&play);
    check_modern();
    check_names();
    check_legacy_http();
    check_stdio();
    play_close(&play);
    return check_report();
}

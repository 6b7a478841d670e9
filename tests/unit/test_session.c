/*
 * Sealed texts: session ids and cursors open for whom and for what they were made, and for nothing
 * else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/session.h"

#include "runtime/protocol/cursor.h"
#include "tests/unit/exchange_play.h"

static const uint8_t key[SEAL_KEY] = {1, 2, 3};
static const uint8_t other_key[SEAL_KEY] = {1, 2, 4};
static struct session_salt salt;

static struct caller caller_of(const char *issuer, const char *subject, const char *client)
{
    return (struct caller){.kind = CALLER_VERIFIED,
                           .issuer = slice_of(issuer),
                           .subject = slice_of(subject),
                           .client = slice_of(client)};
}

static bool opens(const char *id, struct caller caller)
{
    return session_find(key, &caller, slice_of(id), &salt) != NULL;
}

static void check_owner(void)
{
    char id[SEAL_TEXT_MAX], again[SEAL_TEXT_MAX];
    struct caller alice = caller_of("https://id.example", "alice", "app");
    CHECK(session_open(key, &alice, &revisions[2], id));
    CHECK(session_find(key, &alice, slice_of(id), &salt) == &revisions[2]);
    CHECK(session_find(other_key, &alice, slice_of(id), &salt) == NULL);
    CHECK(session_open(key, &alice, &revisions[2], again));
    CHECK(strcmp(id, again) != 0);
    CHECK(opens(id, caller_of("https://id.example", "alice", "another app")));
    CHECK(!opens(id, caller_of("https://id.example", "bob", "app")));
    CHECK(!opens(id, caller_of("https://id2.example", "alice", "app")));
    CHECK(!opens(id, caller_of("https://id.examplea", "lice", "app")));
    CHECK(!opens(id, (struct caller){.kind = CALLER_ANONYMOUS}));
    CHECK(!opens(id, (struct caller){.kind = CALLER_OPERATOR}));
    /* without a subject the client is who calls */
    struct caller machine = caller_of("https://id.example", "", "robot");
    CHECK(session_open(key, &machine, &revisions[1], id));
    CHECK(opens(id, machine));
    CHECK(!opens(id, caller_of("https://id.example", "", "other robot")));
    struct caller nobody = {.kind = CALLER_ANONYMOUS};
    CHECK(session_open(key, &nobody, &revisions[3], id));
    CHECK(opens(id, nobody));
    CHECK(opens(id, alice)); /* the same client, with a token by now */
}

static void check_forgery(void)
{
    char id[SEAL_TEXT_MAX];
    struct caller alice = caller_of("https://id.example", "alice", "app");
    CHECK(session_open(key, &alice, &revisions[1], id));
    size_t size = strlen(id);
    for (size_t i = 0; i < size; i++) {
        char kept = id[i];
        CHECK(kept > ' ' && kept <= '~');
        id[i] = kept == 'A' ? 'B' : 'A';
        CHECK(!opens(id, alice));
        id[i] = kept;
        CHECK(session_find(key, &alice, (struct slice){id, i}, &salt) == NULL);
    }
    CHECK(opens(id, alice));
    CHECK(!opens("", alice));
    CHECK(!opens("1868a90c", alice));
    char longer[2 * SEAL_TEXT_MAX];
    snprintf(longer, sizeof longer, "%s%s", id, id);
    CHECK(!opens(longer, alice));
    snprintf(longer, sizeof longer, "%s=", id);
    CHECK(!opens(longer, alice));
}

static void check_cursors(void)
{
    char text[SEAL_TEXT_MAX], again[SEAL_TEXT_MAX];
    uint32_t tool = 0;
    CHECK(cursor_write(key, 70000, text));
    CHECK(cursor_read(key, slice_of(text), &tool));
    CHECK_INT(tool, 70000);
    CHECK(cursor_write(key, 70000, again));
    CHECK_STR(slice_of(again), text); /* stable */
    CHECK(!cursor_read(other_key, slice_of(text), &tool));
    struct caller alice = caller_of("https://id.example", "alice", "app");
    CHECK(!opens(text, alice));
    CHECK(session_open(key, &alice, &revisions[1], text));
    CHECK(!cursor_read(key, slice_of(text), &tool));
    /* the same bytes sealed for another purpose do not open */
    CHECK(seal_text(key, "other", "abcd", 4, text));
    CHECK(!cursor_read(key, slice_of(text), &tool));
}

static struct play play;

/* Over HTTP: the id comes with initialize, and another caller's is unknown. */
static void check_http(void)
{
    char headers[512];
    struct play_request request = {
        .body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{"
                "\"protocolVersion\":\"2025-06-18\"}}",
        .caller = caller_of("https://id.example", "alice", "app"),
    };
    play_open(&play);
    CHECK_INT(play_http(&play, request), 200);
    CHECK_HAS(play.headers, "Mcp-Session-Id: ");
    const char *id = strstr(play.headers, "Mcp-Session-Id: ");
    snprintf(headers, sizeof headers, "%.*s\n", (int)strcspn(id, "\r"), id);
    request.headers = headers;
    request.body = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}";
    CHECK_INT(play_http(&play, request), 200);
    CHECK_LACKS(play.headers, "Mcp-Session-Id");
    request.caller = caller_of("https://id.example", "bob", "app");
    CHECK_INT(play_http(&play, request), 404);
    CHECK_HAS(play.body, "No such session");
    /* modern requests know no sessions and do not look */
    request.headers = "Mcp-Session-Id: nonsense\n" MODERN "Mcp-Method: tools/list\n";
    request.body = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\",\"params\":{" META "}}";
    CHECK_INT(play_http(&play, request), 200);
    request.headers = "Mcp-Session-Id: nonsense\n";
    request.body = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}";
    CHECK_INT(play_http(&play, request), 404);
    play_close(&play);
}

int main(void)
{
    check_owner();
    check_forgery();
    check_cursors();
    check_http();
    return check_report();
}

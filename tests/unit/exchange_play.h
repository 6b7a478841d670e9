/*
 * For tests of the protocol: a small policy, a worker with a real loop and upstream, and exchanges
 * whose answers are kept. Nothing is behind the backend's address, so calls answer with an error
 * result.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UNIT_EXCHANGE_PLAY_H
#define UNIT_EXCHANGE_PLAY_H

#include <event2/event.h>
#include <stdlib.h>

#include "runtime/backend/credential.h"
#include "runtime/backend/retry.h"
#include "runtime/decide/lookup.h"
#include "runtime/identity/callers.h"
#include "runtime/identity/identity.h"
#include "runtime/oauth2/oauth2_worker.h"
#include "runtime/observe/log.h"
#include "runtime/protocol/bulletin.h"
#include "runtime/protocol/exchange.h"
#include "runtime/protocol/pending.h"
#include "runtime/protocol/sessions.h"
#include "runtime/protocol/tools_list.h"
#include "runtime/protocol/watchers.h"
#include "runtime/upstream/upstream.h"
#include "runtime/validate/schema_cache.h"
#include "tests/unit/check.h"

/* ---- the policy ---- */

enum { PLAY_TOKEN, PLAY_READ, PLAY_WRITE, PLAY_FACTS };
enum { PLAY_SLOTS = 64, PLAY_TOOLS = 4, PLAY_MANY = 1203 };

static const uint64_t play_implies[PLAY_FACTS] = {1, 2, 4};
static const struct mcpp_fact play_facts[PLAY_FACTS] = {
    {MCPP_FACT_TOKEN, "token", "", &play_implies[PLAY_TOKEN], 0},
    {MCPP_FACT_SCOPE, "read:pets", "", &play_implies[PLAY_READ], 0},
    {MCPP_FACT_SCOPE, "write:pets", "", &play_implies[PLAY_WRITE], 0},
};
static const uint64_t play_nothing[] = {0};
static const uint64_t play_read[] = {1 << PLAY_READ | 1 << PLAY_TOKEN};
static const uint64_t play_both[] = {1 << PLAY_READ | 1 << PLAY_WRITE | 1 << PLAY_TOKEN};

enum { PLAY_NEEDS_NOTHING, PLAY_NEEDS_READ, PLAY_NEEDS_BOTH, PLAY_CHALLENGES };
static const struct mcpp_any_of play_challenges[] = {[PLAY_NEEDS_NOTHING] = {1, play_nothing},
                                                     [PLAY_NEEDS_READ] = {1, play_read},
                                                     [PLAY_NEEDS_BOTH] = {1, play_both}};

/* what getPet and deletePet ask */
static const struct mcpp_node play_nodes[] = {{PLAY_READ, MCPP_NEEDS, MCPP_ALLOW},
                                              {PLAY_READ, MCPP_NEEDS, 2},
                                              {PLAY_WRITE, MCPP_NEEDS, MCPP_ALLOW}};

#define PLAY_TOOL(NAME, NEEDS, DECISION, OUTPUT) \
    {.name = NAME,                               \
     .title = "A \"" NAME "\"",                  \
     .description = "does\n" NAME,               \
     .method = "GET",                            \
     .path = "/" NAME,                           \
     .backend = "",                              \
     .input_schema = "{\"type\":\"object\"}",    \
     .output_schema = OUTPUT,                    \
     .content_type = "",                         \
     .accept = "application/json",               \
     .hints = MCPP_HINT_READ_ONLY,               \
     .challenge = NEEDS,                         \
     .shown = MCPP_ALLOW,                        \
     .decision = DECISION,                       \
     .operator_decision = MCPP_ALLOW,            \
     .origin = {"play.mcpp", 7}}

static const struct mcpp_tool play_tools[PLAY_TOOLS] = {
    PLAY_TOOL("getPet", PLAY_NEEDS_READ, 0, "{\"type\":\"object\"}"),
    PLAY_TOOL("deletePet", PLAY_NEEDS_BOTH, 1, ""),
    PLAY_TOOL("listPets", PLAY_NEEDS_READ, 0, "{\"type\":\"array\"}"),
    PLAY_TOOL("health", PLAY_NEEDS_NOTHING, MCPP_ALLOW, ""),
};

static const struct mcpp_verifier play_verifiers[] = {
    {.kind = MCPP_VERIFIER_JWT,
     .name = "main",
     .issuer = "https://id.example",
     .jwks = "http://127.0.0.1:9/jwks.json",
     .audiences = (const char *const[]){"play"},
     .audience_count = 1,
     .scope_claim = "scope",
     .roles_claim = "",
     .algorithms = MCPP_RS256,
     .origin = {"play.mcpp", 3}},
};

static uint32_t play_slots[PLAY_SLOTS];
static uint16_t play_displace[1];

static const struct mcpp_policy play_policy = {
    .abi = MCPP_POLICY_ABI,
    .size = MCPP_POLICY_SIZE,
    .name = "play",
    .title = "Play",
    .version = "1.2",
    .compiler = "by hand",
    .backend = "http://127.0.0.1:9",
    .tools = play_tools,
    .challenges = play_challenges,
    .challenge_count = PLAY_CHALLENGES,
    .tool_count = PLAY_TOOLS,
    .facts = play_facts,
    .fact_count = PLAY_FACTS,
    .fact_words = 1,
    .nodes = play_nodes,
    .node_count = 3,
    .verifiers = play_verifiers,
    .verifier_count = 1,
    .names = {7, 1, PLAY_SLOTS, play_displace, play_slots},
};

/* All names in one bucket: some displacement keeps so few of them apart. */
static inline bool play_place_names(void)
{
    for (uint16_t i = 0; i < UINT16_MAX; i++) {
        uint32_t tool = 0;
        for (uint32_t slot = 0; slot < PLAY_SLOTS; slot++)
            play_slots[slot] = PLAY_TOOLS;
        for (; tool < PLAY_TOOLS; tool++) {
            const char *name = play_tools[tool].name;
            uint64_t hash = mcpp_hash(7, name, strlen(name));
            uint32_t *slot = &play_slots[mcpp_hash_below(mcpp_hash_slot(hash, i), PLAY_SLOTS)];
            if (*slot != PLAY_TOOLS)
                break;
            *slot = tool;
        }
        play_displace[0] = i;
        if (tool == PLAY_TOOLS)
            return true;
    }
    return false;
}

/* ---- the server ---- */

struct play {
    struct mcpp_server server;
    struct worker worker;
    struct stream stream;
    unsigned answer_count;
    unsigned status; /* of the last answer */
    char headers[4096], body[1 << 20];
};

static inline void play_set_policy(struct play *play, const struct mcpp_policy *policy)
{
    listing_close(play->server.listing);
    play->server.policy = policy;
    callers_close(play->server.callers);
    play->server.callers = callers_open(policy, &play->server.options);
    CHECK(play->server.callers != NULL);
    play->server.listing = listing_open(policy, &play->server.callers->nobody);
    schema_cache_close(play->worker.schemas);
    play->worker.schemas = schema_cache_open(policy);
}

static inline void play_open(struct play *play)
{
    *play = (struct play){0};
    log_set_level(LOG_LEVEL_ERROR);
    CHECK(play_place_names());
    play->server.policy = &play_policy;
    play->server.options = (struct options){
        .transport = TRANSPORT_HTTP,
        .host = "127.0.0.1",
        .path = "/mcp",
        .limits = {.body_bytes = 1 << 20,
                   .json_depth = 64,
                   .json_nodes = 100000,
                   .backend_bytes = 1 << 20,
                   .backend_ms = 5000,
                   .backend_in_flight = 8,
                   .backend_queue = 8,
                   .jwks_bytes = 1 << 16,
                   .jwks_ms = 5000,
                   .token_bytes = 8192},
    };
    memset(play->server.seal_key, 0x5a, sizeof play->server.seal_key);
    play->server.oauth2 = oauth2_open(&play_policy, &play->server.options);
    play->server.credentials = credentials_open(&play_policy, play->server.oauth2);
    play->worker.server = &play->server;
    play->worker.loop = event_base_new();
    play->server.sessions = sessions_open();
    play->server.bulletin = bulletin_open();
    play->server.watchers = watchers_open(&play_policy);
    play->worker.board = board_open(play->server.bulletin, &play->worker, pending_take);
    play->worker.upstream = upstream_open(&play->worker);
    play->worker.oauth2 = oauth2_worker_open(&play->worker);
    play->worker.retries = retry_budget_open();
    play_set_policy(play, &play_policy);
}

static inline void play_close(struct play *play)
{
    if (play->worker.identity)
        identity_close(play->worker.identity);
    oauth2_worker_close(play->worker.oauth2);
    upstream_close(play->worker.upstream);
    board_close(play->worker.board);
    watchers_close(play->server.watchers);
    bulletin_close(play->server.bulletin);
    sessions_close(play->server.sessions);
    retry_budget_close(play->worker.retries);
    event_base_free(play->worker.loop);
    schema_cache_close(play->worker.schemas);
    listing_close(play->server.listing);
    callers_close(play->server.callers);
    credentials_close(play->server.credentials);
    oauth2_close(play->server.oauth2);
}

static inline void play_keep_text(char *out, size_t size, struct slice text)
{
    CHECK(text.len < size);
    if (text.len >= size)
        text.len = size - 1;
    if (text.len)
        memcpy(out, text.at, text.len);
    out[text.len] = '\0';
}

static inline void play_keep(struct exchange *exchange, const struct reply *reply)
{
    struct play *play = exchange->transport;
    play->answer_count++;
    play->status = reply->status;
    play_keep_text(play->headers, sizeof play->headers, reply->headers);
    play_keep_text(play->body, sizeof play->body, reply->body);
    pool_close(exchange->pool);
}

/* A message in an exchange of its own; the pool and the exchange go with the answer. */
static inline struct exchange *play_exchange(struct play *play, const char *message)
{
    struct pool *pool = pool_open(64 << 20);
    struct exchange *exchange = pool_zero(pool, sizeof *exchange);
    *exchange = (struct exchange){
        .worker = &play->worker,
        .pool = pool,
        .message = {pool_text(pool, slice_of(message)), strlen(message)},
        .send = play_keep,
        .transport = play,
    };
    return exchange;
}

/* On stdio, by the operator; returns when there is an answer, or after the notification. */
static inline const char *play_stdio(struct play *play, const char *message)
{
    unsigned before = play->answer_count;
    struct exchange *exchange = play_exchange(play, message);
    exchange->caller.kind = CALLER_OPERATOR;
    exchange->stream = &play->stream;
    protocol_handle(exchange);
    while (play->answer_count == before && event_base_loop(play->worker.loop, EVLOOP_ONCE) == 0)
        ;
    CHECK_INT(play->answer_count, before + 1);
    return play->body;
}

/* Splits "Name: value" lines; `lines` stays in use. */
static inline uint32_t play_split(const char *lines, struct http_header *headers)
{
    uint32_t count = 0;
    while (*lines) {
        const char *colon = strchr(lines, ':');
        const char *end = strchr(lines, '\n');
        headers[count++] = (struct http_header){{lines, (size_t)(colon - lines)},
                                                {colon + 2, (size_t)(end - colon - 2)}};
        lines = end + 1;
    }
    return count;
}

struct play_request {
    const char *method, *target, *query, *headers, *body; /* headers: lines that end in LF */
    struct caller caller;
};

/* On HTTP; Host, Content-Type and Accept are added unless `headers` begins with "bare". */
static inline unsigned play_http(struct play *play, struct play_request asked)
{
    static const char ordinary[] = "Host: 127.0.0.1:8000\nContent-Type: application/json\n"
                                   "Accept: application/json, text/event-stream\n";
    unsigned before = play->answer_count;
    const char *given = asked.headers ? asked.headers : "";
    bool is_bare = strncmp(given, "bare", 4) == 0;
    char lines[4096];
    struct http_header headers[32];
    snprintf(lines, sizeof lines, "%s%s", is_bare ? "" : ordinary, is_bare ? given + 4 : given);
    struct http_request request = {
        .method = slice_of(asked.method ? asked.method : "POST"),
        .target = slice_of(asked.target ? asked.target : "/mcp"),
        .query = slice_of(asked.query ? asked.query : ""),
        .headers = headers,
        .header_count = play_split(lines, headers),
    };
    struct exchange *exchange = play_exchange(play, asked.body ? asked.body : "");
    exchange->http = &request;
    exchange->caller = asked.caller;
    if (exchange->caller.kind == CALLER_ANONYMOUS && !play->server.options.validate_tokens)
        exchange->caller.kind = CALLER_OPERATOR;
    protocol_handle(exchange);
    while (play->answer_count == before && event_base_loop(play->worker.loop, EVLOOP_ONCE) == 0)
        ;
    CHECK_INT(play->answer_count, before + 1);
    return play->status;
}

#define CHECK_HAS(text, part)                                                                     \
    do {                                                                                          \
        if (!check_that(strstr((text), (part)) != NULL, __FILE__, __LINE__, #text " has " #part)) \
            fprintf(stderr, "    got '%.2000s'\n", (text));                                       \
    } while (0)

#define CHECK_LACKS(text, part)                                             \
    do {                                                                    \
        if (!check_that(strstr((text), (part)) == NULL, __FILE__, __LINE__, \
                        #text " lacks " #part))                             \
            fprintf(stderr, "    got '%.2000s'\n", (text));                 \
    } while (0)

/* The parts of modern requests. */
#define META                                                                 \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"," \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define MODERN "MCP-Protocol-Version: 2026-07-28\n"

#endif

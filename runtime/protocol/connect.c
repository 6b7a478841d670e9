/*
 * Pages for callers' browsers. Nothing of a token, code or secret is ever in one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/connect.h"

#include <sys/random.h>

#include "runtime/backend/value.h"
#include "runtime/oauth2/consent.h"
#include "runtime/oauth2/discovery.h"
#include "runtime/oauth2/id_token.h"
#include "runtime/oauth2/page.h"
#include "runtime/oauth2/pairs.h"
#include "runtime/oauth2/protected_resource.h"
#include "runtime/oauth2/token_request.h"
#include "runtime/oauth2/tokens.h"
#include "runtime/observe/log.h"

#define CONNECT "/connect/"
#define CALLBACK "/callback"
#define COOKIE "mcpp_connect"

struct visit {
    struct turn *turn;
    struct consent consent;
    struct slice id; /* of /connect/ID */
    struct discovery_wait wait;
    struct token_request *request;
};

static struct oauth2 *oauth2_of(const struct turn *turn)
{
    return turn->exchange->worker->server->oauth2;
}

/* ---- URLs ---- */

/* The part of the target behind the server's own path and `prefix`; at NULL: another target. */
static struct slice behind(const struct options *options, struct slice target, const char *prefix)
{
    struct slice own = slice_of(options->path);
    size_t size = strlen(prefix);
    own.len -= own.len && own.at[own.len - 1] == '/' ? 1 : 0;
    if (target.len < own.len + size || memcmp(target.at, own.at, own.len) != 0 ||
        memcmp(target.at + own.len, prefix, size) != 0)
        return (struct slice){NULL, 0};
    return (struct slice){target.at + own.len + size, target.len - own.len - size};
}

static bool is_callback(const struct options *options, struct slice target)
{
    struct slice rest = behind(options, target, CALLBACK);
    return rest.at && rest.len == 0;
}

bool connect_is_path(const struct options *options, struct slice target)
{
    return options->validate_tokens &&
           (behind(options, target, CONNECT).at || is_callback(options, target));
}

static void add_url(const struct turn *turn, const char *page, struct text *out)
{
    protected_resource_add_url(turn_options(turn), turn->exchange->http, out);
    text_add_literal(out, page);
}

/* ---- asking through the client ---- */

/* The member of an object on the way to _meta's `elicitation.url`. */
static bool has_url_mode(const struct turn *turn)
{
    static const char *const path[] = {"_meta", "io.modelcontextprotocol/clientCapabilities",
                                       "elicitation", "url"};
    const struct message *message = &turn->message;
    uint32_t node = message->params;
    for (size_t i = 0; node && i < sizeof path / sizeof path[0]; i++)
        node = json_member(message->text, message->tape, node, path[i]);
    return node && message->tape->nodes[node].kind == JSON_OBJECT;
}

struct asking {
    struct text url, text;
    char id[CONSENT_ID_SIZE];
};

static void add_elicitation(const struct asking *asking, bool has_id, struct text *out)
{
    text_add_literal(out, "{\"mode\":\"url\",");
    if (has_id)
        text_add_format(out, "\"elicitationId\":\"%s\",", asking->id);
    text_add_literal(out, "\"url\":");
    text_add_json(out, text_slice(&asking->url));
    text_add_literal(out, ",\"message\":");
    text_add_json(out, text_slice(&asking->text));
    text_add_byte(out, '}');
}

static void ask_modern(struct turn *turn, const struct asking *asking)
{
    struct text out;
    turn_begin_result_of(turn, "input_required", &out);
    turn_add_member(&out, "inputRequests");
    text_add_literal(&out, "{\"connect\":{\"method\":\"elicitation/create\",\"params\":");
    add_elicitation(asking, false, &out);
    text_add_literal(&out, "}}");
    turn_answer_result(turn, &out);
}

static void ask_legacy(struct turn *turn, const struct asking *asking)
{
    struct text data = {.pool = turn->exchange->pool};
    text_add_literal(&data, "{\"elicitations\":[");
    add_elicitation(asking, true, &data);
    text_add_literal(&data, "]}");
    turn_answer_error_data(turn, ERROR_ELICITATION, text_slice(&asking->text), text_slice(&data));
}

/* A client that knows no URL mode gets the URL as text: a person may open it. */
static void ask_in_words(struct turn *turn, const struct asking *asking)
{
    struct text out, text = {.pool = turn->exchange->pool};
    text_add(&text, text_slice(&asking->text));
    text_add_literal(&text, " Open this in a browser, then call again: ");
    text_add(&text, text_slice(&asking->url));
    turn_begin_result(turn, &out);
    turn_add_member(&out, "content");
    text_add_literal(&out, "[{\"type\":\"text\",\"text\":");
    text_add_json(&out, text_slice(&text));
    text_add_literal(&out, "}]");
    turn_add_member(&out, "isError");
    text_add_literal(&out, "true");
    turn_answer_result(turn, &out);
}

bool connect_ask(struct turn *turn, uint32_t credential)
{
    const struct caller *caller = &turn->exchange->caller;
    const struct oauth2_client *client = oauth2_client_of(oauth2_of(turn), credential);
    struct pool *pool = turn->exchange->pool;
    struct asking asking = {.url = {.pool = pool}, .text = {.pool = pool}};
    if (!turn->exchange->http || caller->kind != CALLER_VERIFIED || client->policy->is_shared ||
        client->policy->flow != MCPP_FLOW_AUTHORIZATION_CODE ||
        !consents_begin(oauth2_consents(oauth2_of(turn)), credential, caller->issuer,
                        caller->subject, asking.id))
        return false;
    add_url(turn, CONNECT, &asking.url);
    text_add_literal(&asking.url, asking.id);
    text_add_literal(&asking.text, "This tool needs you to agree to the use of your account (");
    text_add_literal(&asking.text, client->label);
    text_add_literal(&asking.text, ").");
    if (turn->revision->is_modern && has_url_mode(turn))
        ask_modern(turn, &asking);
    else if (strcmp(turn->revision->name, "2025-11-25") == 0)
        ask_legacy(turn, &asking);
    else
        ask_in_words(turn, &asking);
    return true;
}

/* ---- pages ---- */

static void add_html(struct text *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];
        if (strchr("<>&\"'", byte) && byte)
            text_add_format(out, "&#%d;", byte);
        else
            text_add_byte(out, byte);
    }
}

static void reply_page(struct turn *turn, unsigned status, const struct text *page)
{
    struct exchange *exchange = turn->exchange;
    exchange->abandon = NULL;
    /* "no-referrer" would also make a browser send "Origin: null" with the form, which is refused
     * (Fetch, "append a request `Origin` header") */
    text_add_literal(&turn->headers, "Cache-Control: no-store\r\nReferrer-Policy: same-origin\r\n"
                                     "X-Frame-Options: DENY\r\nX-Content-Type-Options: nosniff\r\n"
                                     "Content-Security-Policy: " PAGE_POLICY "\r\n");
    bool failed = turn->headers.failed || page->failed;
    exchange_reply(exchange,
                   &(struct reply){.status = failed ? 503 : status,
                                   .content_type = "text/html; charset=utf-8",
                                   .headers = text_slice(&turn->headers),
                                   .body = failed ? SLICE("out of memory") : text_slice(page)});
}

static struct text begin_page(struct turn *turn)
{
    const struct mcpp_policy *policy = turn_policy(turn);
    struct slice name = slice_of(policy->title[0] ? policy->title : policy->name);
    struct text page = {.pool = turn->exchange->pool};
    text_add_literal(&page, PAGE_HEAD);
    add_html(&page, name);
    text_add_literal(&page, PAGE_BODY "<h1>");
    add_html(&page, name);
    text_add_literal(&page, "</h1>");
    return page;
}

static void reply_text(struct turn *turn, unsigned status, const char *text)
{
    struct text page = begin_page(turn);
    text_add_literal(&page, "<p>");
    add_html(&page, slice_of(text));
    reply_page(turn, status, &page);
}

static void end_visit(struct visit *visit, unsigned status, const char *text)
{
    consent_close(&visit->consent);
    reply_text(visit->turn, status, text);
}

static void abandon(struct exchange *exchange)
{
    struct visit *visit = exchange->waiting;
    discovery_cancel(&visit->wait);
    if (visit->request)
        token_request_cancel(visit->request);
    consent_close(&visit->consent);
}

static struct visit *begin_visit(struct turn *turn)
{
    struct visit *visit = pool_zero(turn->exchange->pool, sizeof *visit);
    if (visit) {
        visit->turn = turn;
        turn->exchange->waiting = (void *)visit;
        turn->exchange->abandon = abandon;
    } else {
        reply_text(turn, 503, "out of memory");
    }
    return visit;
}

/* ---- the first page: who asks for what ---- */

static void show(struct visit *visit)
{
    struct turn *turn = visit->turn;
    const struct oauth2_client *client =
        oauth2_client_of(oauth2_of(turn), visit->consent.credential);
    struct text page = begin_page(turn);
    text_add_literal(&page, "<p>This server asks to use an account of yours (<b>");
    add_html(&page, slice_of(client->label));
    text_add_literal(&page, "</b>) for the caller <b>");
    add_html(&page, secret_text_slice(&visit->consent.subject));
    text_add_literal(&page, "</b> of ");
    add_html(&page, secret_text_slice(&visit->consent.issuer));
    text_add_literal(&page, ".<p>Go on only if that is you and you have just asked for it. If "
                            "somebody sent you this address, close the page: they would act with "
                            "your account.</p><form method=\"post\"><button>Go on</button></form>");
    consent_close(&visit->consent);
    reply_page(turn, 200, &page);
}

/* ---- the browser begins ---- */

static bool draw_cookie(struct secret_text *out)
{
    unsigned char bytes[32];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return false;
    pairs_add_base64url(out, bytes, sizeof bytes);
    return !out->failed;
}

static void add_cookie(struct turn *turn, struct slice redirect, struct slice value)
{
    const char *path = turn_options(turn)->path;
    bool is_https = redirect.len > 8 && memcmp(redirect.at, "https://", 8) == 0;
    text_add_format(&turn->headers,
                    "Set-Cookie: " COOKIE
                    "=%.*s; Path=%s; Max-Age=%d; HttpOnly; SameSite=Lax%s\r\n",
                    SLICE_ARG(value), path, CONSENT_S, is_https ? "; Secure" : "");
}

static void redirect(struct visit *visit)
{
    struct turn *turn = visit->turn;
    struct oauth2 *oauth2 = oauth2_of(turn);
    const struct oauth2_client *client = oauth2_client_of(oauth2, visit->consent.credential);
    struct text back = {.pool = turn->exchange->pool}, page = begin_page(turn);
    struct oauth2_urls urls;
    oauth2_urls_of(oauth2, visit->consent.credential, &urls);
    add_url(turn, CALLBACK, &back);
    bool is_begun = urls.authorization_url[0] && !back.failed &&
                    draw_cookie(&visit->consent.cookie) &&
                    authorization_begin(client, &urls, text_slice(&back), &visit->consent.asked);
    if (!is_begun) {
        end_visit(visit, 503, "This cannot be begun now.");
        return;
    }
    add_cookie(turn, text_slice(&back), secret_text_slice(&visit->consent.cookie));
    text_add_format(&turn->headers, "Location: %s\r\n", visit->consent.asked.url.at);
    if (!consents_ask(oauth2_consents(oauth2), visit->id, &visit->consent)) {
        end_visit(visit, 404, "This address is not good any more. Call the tool again.");
        return;
    }
    consent_close(&visit->consent);
    reply_page(turn, 303, &page);
}

static void on_urls(void *context, const char *fault)
{
    struct visit *visit = context;
    if (fault)
        end_visit(visit, 502, "The authorization server cannot be asked now.");
    else
        redirect(visit);
}

static void begin(struct visit *visit)
{
    struct oauth2_worker *own = visit->turn->exchange->worker->oauth2;
    struct oauth2_urls urls;
    visit->wait = (struct discovery_wait){.done = on_urls, .context = visit};
    if (oauth2_urls_of(own->oauth2, visit->consent.credential, &urls))
        redirect(visit);
    else if (!discovery_wait(own, visit->consent.credential, &visit->wait))
        end_visit(visit, 503, "out of memory");
}

static void answer_connect(struct turn *turn, struct slice id)
{
    struct slice method = turn->exchange->http->method;
    struct visit *visit = begin_visit(turn);
    if (!visit)
        return;
    visit->id = id;
    if (!consents_find(oauth2_consents(oauth2_of(turn)), id, &visit->consent))
        end_visit(visit, 404, "This address is not good any more. Call the tool again.");
    else if (slice_is(method, "GET"))
        show(visit);
    else if (slice_is(method, "POST"))
        begin(visit);
    else
        end_visit(visit, 405, "Only GET and POST.");
}

/* ---- the browser is back ---- */

/* An ID token of the caller's own issuer says who has agreed: it must be the caller (it came
 * straight from the token endpoint: OpenID Connect Core 1.0, section 3.1.3.7). */
static bool is_somebody_else(const struct visit *visit, const struct secret_text *text)
{
    const struct consent *consent = &visit->consent;
    struct id_token token;
    bool is_other = id_token_read(secret_text_slice(text), &token) &&
                    id_token_says(&token, "iss", secret_text_slice(&consent->issuer)) &&
                    !id_token_says(&token, "sub", secret_text_slice(&consent->subject));
    id_token_close(&token);
    return is_other;
}

static void on_token(void *context, struct token_answer *answer,
                     const struct upstream_response *response)
{
    struct visit *visit = context;
    struct oauth2 *oauth2 = oauth2_of(visit->turn);
    struct token_key key = {visit->consent.credential,
                            secret_text_slice(&visit->consent.issuer),
                            secret_text_slice(&visit->consent.subject),
                            {NULL, 0}};
    (void)response;
    visit->request = NULL;
    if (answer->verdict != TOKEN_GIVEN) {
        log_warning("a caller's code for %s was not taken: %s",
                    oauth2_client_of(oauth2, key.credential)->label, answer->problem);
        end_visit(visit, 502, "The authorization server did not take its own code. Try again.");
    } else if (!authorization_fits(&visit->consent.asked, secret_text_slice(&answer->id_token))) {
        log_warning("an ID token is not of the asking that it came for");
        end_visit(visit, 502, "The authorization server answered another question.");
    } else if (is_somebody_else(visit, &answer->id_token)) {
        end_visit(visit, 403, "Somebody else has agreed than the one who was asked.");
    } else {
        tokens_keep(oauth2, &key, answer);
        end_visit(visit, 200, "Done. You can close this window and call the tool again.");
    }
}

/* The value of our cookie in the Cookie header (RFC 6265, section 4.2). */
static struct slice cookie_of(const struct turn *turn)
{
    static const char name[] = COOKIE "=";
    uint32_t count = 0;
    struct slice rest = http_header_get(turn->exchange->http, "Cookie", &count);
    while (count == 1 && rest.len) {
        const char *end = memchr(rest.at, ';', rest.len);
        struct slice pair = {rest.at, end ? (size_t)(end - rest.at) : rest.len};
        rest =
            (struct slice){rest.at + pair.len + (end ? 1 : 0), rest.len - pair.len - (end ? 1 : 0)};
        while (pair.len && *pair.at == ' ')
            pair = (struct slice){pair.at + 1, pair.len - 1};
        if (pair.len > sizeof name - 1 && memcmp(pair.at, name, sizeof name - 1) == 0)
            return (struct slice){pair.at + sizeof name - 1, pair.len - (sizeof name - 1)};
    }
    return (struct slice){NULL, 0};
}

static void redeem(struct visit *visit, struct slice query)
{
    struct oauth2_worker *own = visit->turn->exchange->worker->oauth2;
    struct secret_text code = {0};
    struct oauth2_urls urls;
    char quoted[TOKEN_PROBLEM_MAX];
    oauth2_urls_of(own->oauth2, visit->consent.credential, &urls);
    const char *fault = authorization_judge(&visit->consent.asked, &urls, query, quoted);
    if (!fault && (!authorization_parameter(query, "code", &code) || !code.len))
        fault = "the answer has no code";
    struct grant grant = {GRANT_CODE, secret_text_slice(&code),
                          secret_text_slice(&visit->consent.asked.verifier),
                          secret_text_slice(&visit->consent.asked.redirect)};
    if (!fault) {
        visit->request =
            token_request_start(own, visit->consent.credential, &grant, on_token, visit);
        fault = visit->request ? NULL : "out of memory";
    }
    secret_text_close(&code);
    if (fault)
        end_visit(visit, 400, fault);
}

static void answer_callback(struct turn *turn, struct slice query)
{
    struct visit *visit = begin_visit(turn);
    struct secret_text state = {0};
    if (!visit)
        return;
    bool is_known = authorization_parameter(query, "state", &state) && state.len &&
                    consents_take(oauth2_consents(oauth2_of(turn)), secret_text_slice(&state),
                                  cookie_of(turn), &visit->consent);
    secret_text_close(&state);
    if (is_known)
        redeem(visit, query);
    else
        end_visit(visit, 400, "This answer belongs to nothing that this browser was asked.");
}

void connect_answer(struct turn *turn)
{
    const struct options *options = turn_options(turn);
    const struct http_request *http = turn->exchange->http;
    struct slice id = behind(options, http->target, CONNECT);
    if (id.at)
        answer_connect(turn, id);
    else if (slice_is(http->method, "GET"))
        answer_callback(turn, http->query);
    else
        reply_text(turn, 405, "Only GET.");
}

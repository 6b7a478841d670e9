/*
 * Paths, methods and media types; then who, then what.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/route.h"

#include "runtime/oauth2/protected_resource.h"
#include "runtime/observe/log.h"
#include "runtime/protocol/authenticate.h"
#include "runtime/protocol/connect.h"
#include "runtime/protocol/dispatch.h"
#include "runtime/protocol/origin.h"
#include "runtime/protocol/subscriptions.h"

/* The text before the first `separator`, without white space around it; *rest is what follows. */
static struct slice take(struct slice *rest, char separator)
{
    return slice_trimmed(slice_cut(rest, separator));
}

/* ";q=0", ";q=0.000": not acceptable. */
static bool is_refused(struct slice parameters)
{
    while (parameters.len) {
        struct slice value = take(&parameters, ';');
        struct slice name = take(&value, '=');
        if (!slice_is_ignoring_case(name, "q"))
            continue;
        for (size_t i = 0; i < value.len; i++)
            if (value.at[i] != '0' && value.at[i] != '.')
                return false;
        return true;
    }
    return false;
}

bool route_accepts(struct slice accept, const char *type, const char *all)
{
    while (accept.len) {
        struct slice range = take(&accept, ',');
        struct slice name = take(&range, ';');
        if ((slice_is_ignoring_case(name, type) || slice_is_ignoring_case(name, all) ||
             slice_is_ignoring_case(name, "*/*")) &&
            !is_refused(range))
            return true;
    }
    return false;
}

bool route_accepts_json(struct slice accept)
{
    return route_accepts(accept, "application/json", "application/*");
}

bool route_accepts_gzip(struct slice accept_encoding)
{
    while (accept_encoding.len) {
        struct slice coding = take(&accept_encoding, ',');
        struct slice name = take(&coding, ';');
        if (slice_is_ignoring_case(name, "gzip"))
            return !is_refused(coding);
    }
    return false;
}

bool route_is_json(struct slice content_type)
{
    return slice_is_ignoring_case(take(&content_type, ';'), "application/json");
}

/* The caller is known. */
static void deliver(struct turn *turn)
{
    const struct http_request *http = turn->exchange->http;
    uint32_t types, accepts;
    struct slice type = http_header_get(http, "Content-Type", &types);
    struct slice accept = http_header_get(http, "Accept", &accepts);
    turn->takes_events = accepts == 1 && route_accepts(accept, "text/event-stream", "text/*");
    if (types != 1 || !route_is_json(type))
        turn_answer_error(turn, ERROR_MEDIA_TYPE, SLICE("the body must be application/json"));
    else if (accepts == 1 && !route_accepts_json(accept))
        turn_answer_error(turn, ERROR_ACCEPT, SLICE("answers are application/json"));
    else
        dispatch_start(turn);
}

/* A GET without a session, or of the newest revision, has nothing to listen to. */
static bool names_session(const struct turn *turn)
{
    const struct http_request *http = turn->exchange->http;
    uint32_t sessions, versions;
    http_header_get(http, "Mcp-Session-Id", &sessions);
    struct slice version = http_header_get(http, "MCP-Protocol-Version", &versions);
    const struct revision *revision = revision_find(version);
    return sessions == 1 && versions <= 1 && !(revision && revision->is_modern);
}

/* A legacy session's GET; the caller is known. */
static void open_stream(struct turn *turn)
{
    const struct revision *agreed;
    uint32_t accepts;
    struct slice accept = http_header_get(turn->exchange->http, "Accept", &accepts);
    turn->takes_events = accepts == 1 && route_accepts(accept, "text/event-stream", "text/*");
    if (!turn->takes_events)
        turn_answer_error(turn, ERROR_ACCEPT, SLICE("the answer is text/event-stream"));
    else if (session_check(turn->exchange, &agreed, &turn->session) != SESSION_VALID)
        turn_answer_error(turn, ERROR_SESSION, (struct slice){0});
    else {
        turn->revision = agreed;
        turn->has_session = true;
        subscriptions_open(turn);
    }
}

static void refuse_method(struct turn *turn, const char *allowed)
{
    text_add_format(&turn->headers, "Allow: %s\r\n", allowed);
    turn_reply(turn, 405, (struct slice){0});
}

static void answer_preflight(struct turn *turn, const char *allowed)
{
    text_add_format(&turn->headers, "Allow: %s\r\n", allowed);
    origin_add_preflight(turn->exchange->http, &turn->headers);
    turn_reply(turn, 204, (struct slice){0});
}

static void answer_mcp(struct turn *turn)
{
    static const char allowed[] = "GET, POST, OPTIONS";
    struct slice method = turn->exchange->http->method;
    if (slice_is(method, "OPTIONS"))
        answer_preflight(turn, allowed);
    else if (!slice_is(method, "POST") && !(slice_is(method, "GET") && names_session(turn)))
        refuse_method(turn, allowed);
    else if (turn_options(turn)->validate_tokens)
        authenticate(turn, slice_is(method, "GET") ? open_stream : deliver);
    else if (slice_is(method, "GET"))
        open_stream(turn);
    else
        deliver(turn);
}

static void answer_metadata(struct turn *turn)
{
    static const char allowed[] = "GET, HEAD, OPTIONS";
    struct slice method = turn->exchange->http->method;
    if (slice_is(method, "OPTIONS")) {
        answer_preflight(turn, allowed);
        return;
    }
    if (!slice_is(method, "GET") && !slice_is(method, "HEAD")) {
        refuse_method(turn, allowed);
        return;
    }
    struct text body = {.pool = turn->exchange->pool};
    protected_resource_add(turn_options(turn), turn_policy(turn), turn->exchange->http, &body);
    if (body.failed) {
        turn_answer_error(turn, ERROR_MEMORY, (struct slice){0});
        return;
    }
    text_add_literal(&turn->headers, "Cache-Control: max-age=300\r\n");
    turn_reply(turn, 200, text_slice(&body));
}

static void answer_http(struct turn *turn)
{
    const struct options *options = turn_options(turn);
    const struct http_request *http = turn->exchange->http;
    struct slice origin;
    const char *fault = origin_fault(options, http, &origin);
    if (fault) {
        log_info("request refused: %s", fault);
        turn_answer_error(turn, ERROR_ORIGIN, slice_of(fault));
        return;
    }
    origin_add_headers(origin, &turn->headers);
    if (slice_is(http->target, options->path))
        answer_mcp(turn);
    else if (options->validate_tokens && protected_resource_is_path(options, http->target))
        answer_metadata(turn);
    else if (connect_is_path(options, http->target))
        connect_answer(turn);
    else
        turn_reply(turn, 404, (struct slice){0});
}

void protocol_handle(struct exchange *exchange)
{
    struct turn *turn = turn_open(exchange);
    if (!turn)
        return;
    if (exchange->http)
        answer_http(turn);
    else
        dispatch_start(turn);
}

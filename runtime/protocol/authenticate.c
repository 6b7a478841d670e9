/*
 * Reading the Authorization header and asking identity about the token.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/authenticate.h"

#include <strings.h>
#include <time.h>

#include "runtime/decide/decision.h"
#include "runtime/decide/lookup.h"
#include "runtime/identity/callers.h"
#include "runtime/identity/dpop.h"
#include "runtime/oauth2/protected_resource.h"
#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/protocol/audit.h"
#include "runtime/protocol/mirror.h"
#include "runtime/protocol/tools_list.h"

enum { WAITS_MAX = 3 }; /* for keys, per request */

struct waiting {
    struct presented presented;
    void (*go_on)(struct turn *turn);
    struct turn *turn;
};

/* Whether nothing but a token with a proof of its key will do. */
static bool is_dpop_only(const struct mcpp_policy *policy)
{
    for (uint32_t i = 0; i < policy->verifier_count; i++)
        if ((policy->verifiers[i].bound & (MCPP_BOUND_DPOP | MCPP_BOUND_MTLS)) != MCPP_BOUND_DPOP)
            return false;
    return policy->verifier_count > 0;
}

void authenticate_add_challenge(struct turn *turn, enum challenge_kind kind, const uint64_t *wanted)
{
    struct text url = {.pool = turn->exchange->pool};
    protected_resource_add_metadata_url(turn_options(turn), turn->exchange->http, &url);
    challenge_add(&turn->headers,
                  &(struct challenge){
                      .kind = kind,
                      .resource_metadata = text_slice(&url),
                      .policy = turn_policy(turn),
                      .wanted = wanted,
                      .is_dpop = kind == CHALLENGE_PROOF || kind == CHALLENGE_NONCE ||
                                 is_dpop_only(turn_policy(turn)),
                  });
    turn->headers.failed |= url.failed;
}

/* ---- refusing ---- */

static void refuse(struct turn *turn, enum challenge_kind kind, enum error_kind error,
                   const uint64_t *wanted)
{
    static const char *const texts[] = {
        [CHALLENGE_NO_TOKEN] = "an access token is needed",
        [CHALLENGE_BAD_TOKEN] = "the access token is not valid",
        [CHALLENGE_BAD_REQUEST] = "there must be one access token in one place",
        [CHALLENGE_SCOPE] = "",
        [CHALLENGE_PROOF] = "the proof of possession is not valid",
        [CHALLENGE_NONCE] = "the proof of possession needs the nonce of this server",
    };
    authenticate_add_challenge(turn, kind, wanted);
    turn_answer_error(turn, error, slice_of(texts[kind]));
}

static void refuse_unavailable(struct turn *turn)
{
    text_add_literal(&turn->headers, "Retry-After: 5\r\n");
    turn_answer_error(turn, ERROR_UNAVAILABLE, SLICE("access tokens cannot be checked now"));
}

/* What the caller should ask for: what the tool named in the headers needs, else what opens
 * something. Only advice: the body decides when the caller comes back. */
static const uint64_t *advise(const struct turn *turn)
{
    const struct exchange *exchange = turn->exchange;
    struct slice name = http_header_get(exchange->http, "Mcp-Name", NULL);
    if (name.len && mirror_decode(name, exchange->pool, &name)) {
        const struct mcpp_tool *tool = lookup_tool(turn_policy(turn), name);
        struct decision decision = {0};
        if (tool)
            decision = decide_for_caller(turn_policy(turn), &exchange->caller, tool);
        if (decision.tool)
            return decision.wanted;
    }
    return listing_first_needs(exchange->worker->server->listing);
}

static void refuse_without_token(struct turn *turn)
{
    audit_refusal(turn, "no-token", "");
    refuse(turn, CHALLENGE_NO_TOKEN, ERROR_UNAUTHENTICATED, advise(turn));
}

/* ---- judging ---- */

static void judge(struct waiting *waiting);

static void ask_again(void *context)
{
    struct waiting *waiting = context;
    waiting->turn->exchange->abandon = NULL;
    judge(waiting);
}

static void abandon(struct exchange *exchange)
{
    struct turn *turn = exchange->waiting;
    identity_wait_cancel(&turn->wait);
}

static void wait_for_answer(struct waiting *waiting, struct wait_list *list)
{
    struct turn *turn = waiting->turn;
    if (turn->wait_count++ == WAITS_MAX) {
        refuse_unavailable(turn);
        return;
    }
    turn->wait = (struct identity_wait){.done = ask_again, .context = waiting};
    turn->exchange->waiting = turn;
    turn->exchange->abandon = abandon;
    wait_list_add(list, &turn->wait);
}

static void refuse_without_nonce(struct turn *turn)
{
    char nonce[SEAL_TEXT_MAX];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (!dpop_nonce(turn->exchange->worker->server->seal_key, (int64_t)now.tv_sec * 1000, nonce)) {
        refuse_unavailable(turn);
        return;
    }
    text_add_format(&turn->headers, "DPoP-Nonce: %s\r\nCache-Control: no-store\r\n", nonce);
    refuse(turn, CHALLENGE_NONCE, ERROR_UNAUTHENTICATED, NULL);
}

static void refuse_token(struct turn *turn, enum identity_outcome outcome,
                         const struct verdict *verdict)
{
    log_info("token refused cause=\"%s\"%.*s", verdict->cause, SLICE_ARG(verdict->described));
    audit_refusal(turn, "invalid-token", verdict->cause);
    metrics_count(turn->exchange->worker->metrics, METRIC_TOKEN_INVALID);
    if (outcome == IDENTITY_NO_NONCE)
        refuse_without_nonce(turn);
    else
        refuse(turn, outcome == IDENTITY_BAD_PROOF ? CHALLENGE_PROOF : CHALLENGE_BAD_TOKEN,
               ERROR_UNAUTHENTICATED, NULL);
}

static void judge(struct waiting *waiting)
{
    struct turn *turn = waiting->turn;
    struct exchange *exchange = turn->exchange;
    struct metrics *metrics = exchange->worker->metrics;
    struct verdict verdict;
    enum identity_outcome outcome = identity_check(exchange->worker->identity, &waiting->presented,
                                                   exchange->pool, &exchange->caller, &verdict);
    switch (outcome) {
    case IDENTITY_VALID:
        metrics_count(metrics, METRIC_TOKEN_VALID);
        waiting->go_on(turn);
        return;
    case IDENTITY_PENDING:
        wait_for_answer(waiting, verdict.waiting);
        return;
    case IDENTITY_UNAVAILABLE:
        metrics_count(metrics, METRIC_TOKEN_UNAVAILABLE);
        log_warning("token not judged: the authorization server cannot be asked");
        refuse_unavailable(turn);
        return;
    case IDENTITY_INVALID:
    case IDENTITY_BAD_PROOF:
    case IDENTITY_NO_NONCE:
        break;
    }
    refuse_token(turn, outcome, &verdict);
}

/* The URL that the caller used, as far as the server knows it. */
static struct slice requested_url(struct turn *turn)
{
    struct text url = {.pool = turn->exchange->pool};
    protected_resource_add_url(turn_options(turn), turn->exchange->http, &url);
    if (url.failed)
        url.len = 0;
    return text_slice(&url);
}

static void judge_token(struct turn *turn, struct slice token, bool is_dpop,
                        void (*go_on)(struct turn *turn))
{
    struct exchange *exchange = turn->exchange;
    struct waiting *waiting = pool_alloc(exchange->pool, sizeof *waiting);
    if (!waiting || !exchange->worker->identity) {
        refuse_unavailable(turn);
        return;
    }
    *waiting = (struct waiting){
        {.token = token, .is_dpop = is_dpop, .certificate_sha256 = exchange->certificate_sha256},
        go_on,
        turn,
    };
    if (is_dpop) {
        waiting->presented.proof = http_header_get(exchange->http, "DPoP", NULL);
        waiting->presented.method = exchange->http->method;
        waiting->presented.url = requested_url(turn);
    }
    judge(waiting);
}

/* ---- reading ---- */

/* RFC 6750, section 2.1: b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=" */
static bool is_b64token(struct slice token)
{
    size_t i = 0;
    while (i < token.len && ((token.at[i] >= 'A' && token.at[i] <= 'Z') ||
                             (token.at[i] >= 'a' && token.at[i] <= 'z') ||
                             (token.at[i] >= '0' && token.at[i] <= '9') ||
                             (token.at[i] && strchr("-._~+/", token.at[i]))))
        i++;
    if (i == 0)
        return false;
    while (i < token.len && token.at[i] == '=')
        i++;
    return i == token.len;
}

/* RFC 6750, section 2.3, which MCP forbids. */
static bool has_query_token(struct slice query)
{
    static const char name[] = "access_token";
    for (size_t at = 0; at + sizeof name - 1 <= query.len;) {
        const char *rest = query.at + at;
        size_t left = query.len - at, size = sizeof name - 1;
        if (memcmp(rest, name, size) == 0 && (left == size || rest[size] == '='))
            return true;
        const char *next = memchr(rest, '&', left);
        if (!next)
            return false;
        at = (size_t)(next - query.at) + 1;
    }
    return false;
}

/* Whether the value uses the scheme; *token is what follows its one space. */
static bool has_scheme(struct slice value, const char *scheme, struct slice *token)
{
    size_t size = strlen(scheme);
    if (value.len < size || strncasecmp(value.at, scheme, size) != 0 ||
        (value.len > size && value.at[size] != ' '))
        return false;
    size_t skipped = value.len > size ? size + 1 : size;
    *token = (struct slice){value.at + skipped, value.len - skipped};
    return true;
}

static void authenticate_nobody(struct turn *turn, bool has_query, void (*go_on)(struct turn *turn))
{
    const struct exchange *exchange = turn->exchange;
    if (has_query || !listing_is_public(exchange->worker->server->listing))
        refuse_without_token(turn);
    else
        go_on(turn);
}

void authenticate(struct turn *turn, void (*go_on)(struct turn *turn))
{
    struct exchange *exchange = turn->exchange;
    uint32_t count;
    struct slice value = http_header_get(exchange->http, "Authorization", &count), token;
    bool has_query = has_query_token(exchange->http->query), is_dpop = false;
    exchange->caller = exchange->worker->server->callers->nobody;
    if (count == 0)
        authenticate_nobody(turn, has_query, go_on);
    else if (count > 1 || has_query) /* RFC 6750, section 2: one method, once */
        refuse(turn, CHALLENGE_BAD_REQUEST, ERROR_AUTHORIZATION, NULL);
    else if (!(is_dpop = has_scheme(value, "DPoP", &token)) && !has_scheme(value, "Bearer", &token))
        refuse_without_token(turn);
    else if (token.len == 0)
        refuse(turn, CHALLENGE_BAD_REQUEST, ERROR_AUTHORIZATION, NULL);
    else if (!is_b64token(token)) {
        log_info("token refused cause=\"no b64token\"");
        audit_refusal(turn, "invalid-token", "no b64token");
        refuse(turn, CHALLENGE_BAD_TOKEN, ERROR_UNAUTHENTICATED, NULL);
    } else
        judge_token(turn, token, is_dpop, go_on);
}

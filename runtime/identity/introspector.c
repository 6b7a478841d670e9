/*
 * Questions about tokens. A question is kept until those who waited for it have asked again, so
 * that its answer serves all of them even where nothing may be cached.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/introspector.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/clock.h"
#include "runtime/identity/metadata.h"
#include "runtime/identity/token_cache.h"
#include "runtime/memory/secret.h"
#include "runtime/oauth2/assertion.h"
#include "runtime/oauth2/pairs.h"
#include "runtime/observe/log.h"
#include "runtime/upstream/upstream.h"

static const struct json_bounds bounds = {.depth = 32, .nodes = 4096};

enum { NO_BYTES = 256 * 1024 }; /* of tokens that are not active */

struct question {
    struct introspector *introspector;
    struct question *next;
    char *token; /* a copy */
    size_t token_len;
    struct wait_list waiting;
    struct upstream_call *call; /* NULL: answered */
    struct upstream_request request;
    struct secret_text form, header;
    const char *headers[4];
    enum introspection outcome;
    char *body; /* what `answer` is of */
    size_t body_len;
    struct json_text answer;
};

struct introspector {
    const struct worker *worker;
    const struct mcpp_verifier *verifier;
    const struct verifier_secrets *secrets;
    struct waker *waker;
    struct question *questions;
    uint32_t count;
    struct token_cache *inactive;
    struct event *sweep; /* the answered ones go */
    uint64_t rest_until_ms;
    bool has_failed; /* the last time: logged once */
};

/* ---- the answer ---- */

bool introspector_read(struct slice body, struct json_text *out, bool *is_active)
{
    if (!json_text_scan(out, body.at, body.len, bounds))
        return false;
    uint32_t active = json_text_member(out, 0, "active"); /* a string "true" is no yes */
    *is_active = active && json_text_has_kind(out, active, JSON_TRUE);
    return true;
}

static const char *fault_of(const struct upstream_response *response)
{
    if (response->outcome != UPSTREAM_ANSWERED)
        return response->detail ? response->detail : "no answer";
    if (response->status == 401 || response->status == 403)
        return "it does not know this client";
    return response->status == 200 ? NULL : "the answer's status is not 200";
}

/* A no is remembered like a token that is known: by itself, for as long as the policy says. */
static void remember_no(struct introspector *introspector, struct slice token, int64_t now_ms)
{
    struct known_token no = {
        .expires_ms = now_ms + (int64_t)introspector->verifier->introspection.cache_s * 1000};
    if (no.expires_ms > now_ms)
        token_cache_add(introspector->inactive, token, &no);
}

static void fail(struct introspector *introspector, const char *cause)
{
    log_line(introspector->has_failed ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING,
             "verifier %s cannot ask %s: %s; no token of it can be checked",
             introspector->verifier->name, introspector->verifier->introspection.endpoint, cause);
    introspector->has_failed = true;
    introspector->rest_until_ms = clock_coarse_ms() + INTROSPECTION_REST_MS;
}

static enum introspection take(struct question *question, const struct upstream_response *response)
{
    struct introspector *introspector = question->introspector;
    bool is_active = false;
    const char *fault = fault_of(response);
    if (!fault) {
        question->body = malloc(response->body.len + 1);
        question->body_len = response->body.len;
        if (question->body)
            memcpy(question->body, response->body.at, response->body.len + 1);
        struct slice body = {question->body, question->body_len};
        if (!question->body)
            fault = "out of memory";
        else if (!introspector_read(body, &question->answer, &is_active))
            fault = "the answer is no JSON object";
    }
    if (fault) {
        fail(introspector, fault);
        return INTROSPECTION_FAILED;
    }
    if (introspector->has_failed)
        log_info("verifier %s can ask again", introspector->verifier->name);
    introspector->has_failed = false;
    return is_active ? INTROSPECTION_ACTIVE : INTROSPECTION_INACTIVE;
}

static void on_answer(void *context, const struct upstream_response *response)
{
    struct question *question = context;
    question->call = NULL;
    question->outcome = take(question, response);
    if (question->outcome == INTROSPECTION_INACTIVE) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        remember_no(question->introspector, (struct slice){question->token, question->token_len},
                    (int64_t)now.tv_sec * 1000);
    }
    wait_list_wake(&question->waiting); /* they come before the sweep */
    event_active(question->introspector->sweep, EV_TIMEOUT, 0);
}

/* ---- questions come and go ---- */

static void question_free(struct question *question)
{
    if (question->call)
        upstream_cancel(question->call);
    wait_list_wake(&question->waiting); /* so that nobody waits at what is gone */
    secret_text_close(&question->form);
    secret_text_close(&question->header);
    secret_free(question->token, question->token_len);
    secret_free(question->body, question->body_len);
    json_text_close(&question->answer);
    free(question);
}

static void sweep(evutil_socket_t socket, short events, void *context)
{
    struct introspector *introspector = context;
    struct question **link = &introspector->questions;
    (void)socket;
    (void)events;
    while (*link) {
        struct question *question = *link;
        if (question->call) {
            link = &question->next;
            continue;
        }
        *link = question->next;
        introspector->count--;
        question_free(question);
    }
}

/* RFC 7662, section 2.1; the token is in the form and nowhere else. */
static bool write_form(struct question *question, struct slice token)
{
    const struct introspector *introspector = question->introspector;
    const struct mcpp_introspection *introspection = &introspector->verifier->introspection;
    const struct verifier_secrets *secrets = introspector->secrets;
    struct slice client = locked_slice(&secrets->client_id);
    struct assertion assertion = {.issuer = client,
                                  .subject = client,
                                  .audience = slice_of(introspection->endpoint),
                                  .key_id = introspection->key_id};
    struct secret_text jwt = {0};
    pairs_add(&question->form, "token", token);
    pairs_add(&question->form, "token_type_hint", SLICE("access_token"));
    bool done = true;
    switch (introspection->client) {
    case MCPP_CLIENT_BASIC:
        pairs_add_basic(&question->header, client, locked_slice(&secrets->client_secret));
        break;
    case MCPP_CLIENT_POST:
        pairs_add(&question->form, "client_id", client);
        pairs_add(&question->form, "client_secret", locked_slice(&secrets->client_secret));
        break;
    case MCPP_CLIENT_JWT: /* RFC 7523, section 2.2 */
        done = assertion_sign(secrets->key, &assertion, &jwt);
        pairs_add(&question->form, "client_id", client);
        pairs_add(&question->form, "client_assertion_type",
                  SLICE("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
        pairs_add(&question->form, "client_assertion", secret_text_slice(&jwt));
        secret_text_close(&jwt);
        break;
    case MCPP_CLIENT_NONE:
    case MCPP_CLIENT_CERTIFICATE:
        pairs_add(&question->form, "client_id", client);
        break;
    }
    return done && !question->form.failed && !question->header.failed;
}

static bool send_question(struct question *question, struct slice token)
{
    const struct introspector *introspector = question->introspector;
    const struct limits *limits = &introspector->worker->server->options.limits;
    if (!write_form(question, token))
        return false;
    question->headers[0] = "Content-Type: application/x-www-form-urlencoded";
    question->headers[1] = "Accept: application/json";
    question->headers[2] = question->header.len ? question->header.at : NULL;
    question->request = (struct upstream_request){
        .method = "POST",
        .url = introspector->verifier->introspection.endpoint,
        .headers = question->headers,
        .body = secret_text_slice(&question->form),
        .has_body = true,
        .timeout_ms = limits->jwks_ms,
        .response_max = INTROSPECTION_BYTES,
        .is_secret = true,
        .peers = introspector->verifier->allows_private ? UPSTREAM_ANY_PEER : UPSTREAM_PUBLIC_PEER,
    };
    question->call =
        upstream_start(introspector->worker->upstream, &question->request, on_answer, question);
    return question->call != NULL;
}

static struct question *question_open(struct introspector *introspector, struct slice token)
{
    struct question *question = calloc(1, sizeof *question);
    if (!question)
        return NULL;
    question->introspector = introspector;
    question->waiting.waker = introspector->waker;
    question->outcome = INTROSPECTION_PENDING;
    question->token = secret_copy(token);
    question->token_len = token.len;
    if (!question->token || !send_question(question, token)) {
        question_free(question);
        return NULL;
    }
    question->next = introspector->questions;
    introspector->questions = question;
    introspector->count++;
    return question;
}

static struct question *question_find(const struct introspector *introspector, struct slice token)
{
    struct question *question = introspector->questions;
    while (question &&
           !(question->token_len == token.len && memcmp(question->token, token.at, token.len) == 0))
        question = question->next;
    return question;
}

/* ---- the interface ---- */

struct introspector *introspector_open(const struct worker *worker,
                                       const struct mcpp_verifier *verifier,
                                       const struct verifier_secrets *secrets, struct waker *waker)
{
    const char *endpoint = verifier->introspection.endpoint;
    const char *fault = metadata_url_fault(endpoint);
    if (fault) {
        log_error("the introspection endpoint '%s' %s", endpoint, fault);
        return NULL;
    }
    struct introspector *introspector = calloc(1, sizeof *introspector);
    if (introspector) {
        introspector->inactive =
            token_cache_open(worker->server->policy, NO_BYTES, &worker->server->token_key);
        introspector->sweep = event_new(worker->loop, -1, 0, sweep, introspector);
        introspector->worker = worker;
        introspector->verifier = verifier;
        introspector->secrets = secrets;
        introspector->waker = waker;
        if (introspector->inactive && introspector->sweep)
            return introspector;
    }
    log_error("out of memory at start");
    introspector_close(introspector);
    return NULL;
}

void introspector_close(struct introspector *introspector)
{
    if (!introspector)
        return;
    while (introspector->questions) {
        struct question *question = introspector->questions;
        introspector->questions = question->next;
        question_free(question);
    }
    token_cache_close(introspector->inactive);
    if (introspector->sweep)
        event_free(introspector->sweep);
    free(introspector);
}

enum introspection introspector_ask(struct introspector *introspector, struct slice token,
                                    int64_t now_ms, const struct json_text **answer,
                                    struct wait_list **waiting)
{
    if (token_cache_find(introspector->inactive, token, now_ms))
        return INTROSPECTION_INACTIVE;
    struct question *question = question_find(introspector, token);
    if (!question) {
        if (introspector->count >= INTROSPECTIONS_MAX ||
            clock_coarse_ms() < introspector->rest_until_ms)
            return INTROSPECTION_FAILED;
        question = question_open(introspector, token);
    }
    if (!question)
        return INTROSPECTION_FAILED;
    *answer = &question->answer;
    *waiting = &question->waiting;
    return question->outcome;
}

void introspector_refuse(struct introspector *introspector, struct slice token, int64_t now_ms)
{
    remember_no(introspector, token, now_ms);
}

bool introspector_is_asking(const struct introspector *introspector)
{
    return introspector->questions != NULL;
}

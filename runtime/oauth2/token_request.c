/*
 * Requests to token endpoints.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/token_request.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/oauth2/assertion.h"
#include "runtime/oauth2/discovery.h"
#include "runtime/oauth2/pairs.h"

enum { TOKEN_REQUEST_MS = 15000, HEADERS_MAX = 4 };

struct token_request {
    struct oauth2_worker *own;
    const struct oauth2_client *client;
    uint32_t credential;
    enum grant_kind kind;
    token_request_done *done;
    void *context;
    struct secret_text text, verifier, redirect; /* copies of the grant's */
    struct secret_text form, authorization;
    const char *headers[HEADERS_MAX];
    struct upstream_request upstream;
    struct upstream_call *call;
    struct discovery_wait wait;
    struct event *soon; /* says what went wrong before anything went out */
    const char *fault;
};

/* ---- life ---- */

static void free_request(struct token_request *request)
{
    secret_text_close(&request->text);
    secret_text_close(&request->verifier);
    secret_text_close(&request->redirect);
    secret_text_close(&request->form);
    secret_text_close(&request->authorization);
    if (request->soon)
        event_free(request->soon);
    free(request);
}

void token_request_cancel(struct token_request *request)
{
    discovery_cancel(&request->wait);
    if (request->call)
        upstream_cancel(request->call);
    free_request(request);
}

/* `answer` is closed after it. */
static void finish(struct token_request *request, struct token_answer *answer,
                   const struct upstream_response *response)
{
    request->done(request->context, answer, response);
    token_answer_close(answer);
    free_request(request);
}

static void fail(struct token_request *request, const char *fault)
{
    struct token_answer answer = {.verdict = TOKEN_UNUSABLE};
    snprintf(answer.problem, sizeof answer.problem, "%s", fault);
    finish(request, &answer, NULL);
}

static void on_soon(evutil_socket_t socket, short events, void *context)
{
    struct token_request *request = context;
    (void)socket;
    (void)events;
    fail(request, request->fault);
}

/* ---- the form ---- */

void token_request_add_wishes(const struct mcpp_oauth2 *policy, struct secret_text *out)
{
    pairs_add(out, "scope", slice_of(policy->scopes));
    pairs_add(out, "audience", slice_of(policy->audience));
    pairs_add(out, "resource", slice_of(policy->resource));
}

/* Who a signed JWT is for: the server, by its issuer where that is known. */
static struct slice assertion_audience(const struct oauth2_urls *urls)
{
    return slice_of(urls->issuer[0] ? urls->issuer : urls->token_url);
}

static void add_jwt_grant(const struct token_request *request, const struct oauth2_urls *urls,
                          struct secret_text *out)
{
    const struct oauth2_client *client = request->client;
    struct slice id = locked_slice(&client->id), subject = slice_of(client->policy->subject);
    struct assertion assertion = {.issuer = id,
                                  .subject = subject.len ? subject : id,
                                  .audience = assertion_audience(urls),
                                  .key_id = client->policy->key_id};
    struct secret_text jwt = {0};
    pairs_add(out, "grant_type", SLICE("urn:ietf:params:oauth:grant-type:jwt-bearer"));
    if (client->policy->algorithm[0])
        assertion.algorithm = client->policy->algorithm;
    if (!client->key || !assertion_sign(client->key, &assertion, &jwt))
        out->failed = true;
    pairs_add(out, "assertion", secret_text_slice(&jwt));
    secret_text_close(&jwt);
}

static void add_exchange(const struct token_request *request, struct secret_text *out)
{
    pairs_add(out, "grant_type", SLICE("urn:ietf:params:oauth:grant-type:token-exchange"));
    pairs_add(out, "subject_token", secret_text_slice(&request->text));
    pairs_add(out, "subject_token_type", SLICE("urn:ietf:params:oauth:token-type:access_token"));
    pairs_add(out, "requested_token_type", SLICE("urn:ietf:params:oauth:token-type:access_token"));
}

static void add_code(const struct token_request *request, struct secret_text *out)
{
    pairs_add(out, "grant_type", SLICE("authorization_code"));
    pairs_add(out, "code", secret_text_slice(&request->text));
    pairs_add(out, "redirect_uri", secret_text_slice(&request->redirect));
    pairs_add(out, "code_verifier", secret_text_slice(&request->verifier));
}

static void add_password(const struct oauth2_client *client, struct secret_text *out)
{
    pairs_add(out, "grant_type", SLICE("password"));
    pairs_add(out, "username", locked_slice(&client->user));
    pairs_add(out, "password", locked_slice(&client->password));
}

static void add_grant(const struct token_request *request, const struct oauth2_urls *urls,
                      struct secret_text *out)
{
    switch (request->kind) {
    case GRANT_CLIENT:
        pairs_add(out, "grant_type", SLICE("client_credentials"));
        break;
    case GRANT_PASSWORD:
        add_password(request->client, out);
        break;
    case GRANT_CODE:
        add_code(request, out);
        return; /* what it is for was said when the code was asked for */
    case GRANT_REFRESH:
        pairs_add(out, "grant_type", SLICE("refresh_token"));
        pairs_add(out, "refresh_token", secret_text_slice(&request->text));
        return; /* as before (RFC 6749, section 6) */
    case GRANT_EXCHANGE:
        add_exchange(request, out);
        break;
    case GRANT_JWT:
        add_jwt_grant(request, urls, out);
        break;
    case GRANT_DEVICE_START:
        break;
    case GRANT_DEVICE:
        pairs_add(out, "grant_type", SLICE("urn:ietf:params:oauth:grant-type:device_code"));
        pairs_add(out, "device_code", secret_text_slice(&request->text));
        return;
    }
    token_request_add_wishes(request->client->policy, out);
}

/* ---- what the server might quote back ---- */

/* The value of a pair of the form as it was sent, encoded. */
static struct slice sent_value(const struct token_request *request, const char *name)
{
    struct slice form = secret_text_slice(&request->form);
    size_t size = strlen(name);
    for (size_t at = 0; at < form.len;) {
        const char *end = memchr(form.at + at, '&', form.len - at);
        size_t len = end ? (size_t)(end - form.at) - at : form.len - at;
        if (len > size && memcmp(form.at + at, name, size) == 0 && form.at[at + size] == '=')
            return (struct slice){form.at + at + size + 1, len - size - 1};
        at += len + 1;
    }
    return (struct slice){NULL, 0};
}

static struct slice sent_basic(const struct token_request *request)
{
    struct slice line = secret_text_slice(&request->authorization);
    const char *value = line.len ? memrchr(line.at, ' ', line.len) : NULL;
    return value ? (struct slice){value + 1, line.len - (size_t)(value + 1 - line.at)} : line;
}

/* ---- sending ---- */

static void on_answer(void *context, const struct upstream_response *response)
{
    struct token_request *request = context;
    const struct oauth2_client *client = request->client;
    const struct slice list[] = {locked_slice(&client->secret),
                                 locked_slice(&client->password),
                                 secret_text_slice(&request->text),
                                 secret_text_slice(&request->verifier),
                                 sent_basic(request),
                                 sent_value(request, "client_secret"),
                                 sent_value(request, "client_assertion"),
                                 sent_value(request, "assertion"),
                                 sent_value(request, "password"),
                                 sent_value(request, "code"),
                                 sent_value(request, "refresh_token"),
                                 sent_value(request, "device_code")};
    const struct token_secrets secrets = {list, sizeof list / sizeof list[0]};
    struct token_answer answer;
    request->call = NULL;
    token_answer_read(response, &secrets, &answer);
    finish(request, &answer, response);
}

static const char *send_form(struct token_request *request)
{
    const struct oauth2_client *client = request->client;
    struct oauth2_urls urls;
    oauth2_urls_of(request->own->oauth2, request->credential, &urls);
    const char *url = request->kind == GRANT_DEVICE_START ? urls.device_url : urls.token_url;
    if (!url[0])
        return "it has no URL for this";
    add_grant(request, &urls, &request->form);
    const struct client_judge judge = {assertion_audience(&urls), urls.algorithms};
    const char *fault =
        client_authenticate(client, &judge, &request->form, &request->authorization);
    if (fault)
        return fault;
    size_t count = 0;
    request->headers[count++] = "Accept: application/json";
    request->headers[count++] = "Content-Type: application/x-www-form-urlencoded";
    if (request->authorization.len)
        request->headers[count++] = request->authorization.at;
    request->upstream = (struct upstream_request){
        .method = "POST",
        .url = url,
        .headers = request->headers,
        .body = secret_text_slice(&request->form),
        .has_body = true,
        .timeout_ms = TOKEN_REQUEST_MS,
        .response_max = TOKEN_ANSWER_MAX,
        .is_secret = true,
        .certificate = locked_slice(&client->certificate),
        .certificate_key = locked_slice(&client->cert_key),
    };
    request->call =
        upstream_start(request->own->worker->upstream, &request->upstream, on_answer, request);
    return request->call ? NULL : "out of memory";
}

static void on_discovered(void *context, const char *fault)
{
    struct token_request *request = context;
    if (!fault)
        fault = send_form(request);
    if (fault)
        fail(request, fault);
}

static bool fail_soon(struct token_request *request, const char *fault)
{
    static const struct timeval now = {0, 0};
    request->fault = fault;
    request->soon = event_new(request->own->worker->loop, -1, 0, on_soon, request);
    return request->soon && event_add(request->soon, &now) == 0;
}

static bool start(struct token_request *request)
{
    struct oauth2_urls urls;
    request->wait = (struct discovery_wait){.done = on_discovered, .context = request};
    if (!oauth2_urls_of(request->own->oauth2, request->credential, &urls))
        return discovery_wait(request->own, request->credential, &request->wait);
    const char *fault = send_form(request);
    return !fault || fail_soon(request, fault);
}

static void copy(struct secret_text *out, struct slice text)
{
    if (text.len)
        secret_text_add(out, text);
}

struct token_request *token_request_start(struct oauth2_worker *own, uint32_t credential,
                                          const struct grant *grant, token_request_done *done,
                                          void *context)
{
    struct token_request *request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    *request = (struct token_request){.own = own,
                                      .client = oauth2_client_of(own->oauth2, credential),
                                      .credential = credential,
                                      .kind = grant->kind,
                                      .done = done,
                                      .context = context};
    copy(&request->text, grant->text);
    copy(&request->verifier, grant->verifier);
    copy(&request->redirect, grant->redirect);
    bool has_memory =
        !request->text.failed && !request->verifier.failed && !request->redirect.failed;
    if (has_memory && start(request))
        return request;
    free_request(request);
    return NULL;
}

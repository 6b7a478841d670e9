/*
 * Logging in. One thing after the other: the loop runs only while a request is under way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/login.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "runtime/identity/json_text.h"
#include "runtime/oauth2/authorization.h"
#include "runtime/oauth2/discovery.h"
#include "runtime/oauth2/loopback.h"
#include "runtime/oauth2/token_request.h"
#include "runtime/oauth2/token_store.h"
#include "runtime/oauth2/tokens.h"

enum { LOGIN_S = 600, POLL_S = 5, POLL_S_MAX = 60 };

static const struct json_bounds bounds = {.depth = 8, .nodes = 256};

struct login {
    struct oauth2_worker *own;
    const struct oauth2_client *client;
    uint32_t credential;
    bool is_waiting; /* the loop runs until this is false */
    const char *fault;
    struct token_answer answer; /* tokens moved out of the request's */
    /* the device flow */
    struct secret_text device_code;
    char user_code[64], address[256];
    uint32_t poll_s, left_s;
};

static int fail(const struct login *login, const char *reason)
{
    fprintf(stderr, "login %s: %s\n", login->client ? login->client->label : "", reason);
    return 1;
}

static void run_loop(struct login *login)
{
    while (login->is_waiting && event_base_loop(login->own->worker->loop, EVLOOP_ONCE) == 0)
        ;
}

/* ---- requests ---- */

static void on_found(void *context, const char *fault)
{
    struct login *login = context;
    login->fault = fault;
    login->is_waiting = false;
}

static const char *find_urls(struct login *login, struct oauth2_urls *out)
{
    struct discovery_wait wait = {.done = on_found, .context = login};
    if (oauth2_urls_of(login->own->oauth2, login->credential, out))
        return NULL;
    login->is_waiting = true;
    if (!discovery_wait(login->own, login->credential, &wait))
        return "out of memory";
    run_loop(login);
    if (!login->fault)
        oauth2_urls_of(login->own->oauth2, login->credential, out);
    return login->fault;
}

static void copy_text(const struct json_text *json, const char *name, char *out, size_t size)
{
    uint32_t node = json_text_member_of(json, 0, name, JSON_STRING);
    struct slice raw = node ? json_text_raw(json, node) : (struct slice){NULL, 0};
    token_quote(raw, &(struct token_secrets){NULL, 0}, out, size);
}

static uint32_t read_seconds(const struct json_text *json, const char *name, uint32_t usual)
{
    uint32_t node = json_text_member_of(json, 0, name, JSON_NUMBER);
    unsigned long found =
        node ? strtoul(json->text + json->tape.nodes[node].start, NULL, 10) : usual;
    return found > LOGIN_S ? LOGIN_S : (uint32_t)found;
}

/* RFC 8628, section 3.2. */
static void read_device(struct login *login, const struct upstream_response *response)
{
    struct json_text json = {0};
    bool is_good = response && response->outcome == UPSTREAM_ANSWERED && response->status == 200 &&
                   json_text_scan(&json, response->body.at, response->body.len, bounds);
    uint32_t code = is_good ? json_text_member_of(&json, 0, "device_code", JSON_STRING) : 0;
    char *room =
        code ? secret_text_reserve(&login->device_code, json_text_raw(&json, code).len) : NULL;
    if (room) {
        secret_text_grew(&login->device_code,
                         json_unescape(json.text, &json.tape.nodes[code], room));
        copy_text(&json, "user_code", login->user_code, sizeof login->user_code);
        copy_text(&json, "verification_uri", login->address, sizeof login->address);
        login->poll_s = read_seconds(&json, "interval", POLL_S);
        login->left_s = read_seconds(&json, "expires_in", LOGIN_S);
    }
    json_text_close(&json);
}

static void on_answer(void *context, struct token_answer *answer,
                      const struct upstream_response *response)
{
    struct login *login = context;
    login->answer = *answer;
    *answer = (struct token_answer){0}; /* the tokens are ours now */
    if (login->device_code.len == 0)
        read_device(login, response);
    login->is_waiting = false;
}

static bool ask(struct login *login, const struct grant *grant)
{
    token_answer_close(&login->answer);
    login->is_waiting = true;
    if (!token_request_start(login->own, login->credential, grant, on_answer, login))
        return false;
    run_loop(login);
    return true;
}

/* ---- the end ---- */

static int keep(struct login *login)
{
    struct token_key key = {.credential = login->credential};
    if (login->answer.verdict != TOKEN_GIVEN)
        return fail(login, login->answer.problem);
    if (!tokens_keep(login->own->oauth2, &key, &login->answer))
        return fail(login, "the token cannot be kept");
    fprintf(stderr, "login %s: done; the token is kept in %s\n", login->client->label,
            token_store_path(oauth2_store(login->own->oauth2)));
    return 0;
}

/* ---- by a browser ---- */

/* The desktop's way to open a URL, where there is a desktop; its output is nobody's business. */
static void open_browser(const char *url)
{
    extern char **environ;
    char program[] = "xdg-open";
    char *const arguments[] = {program, (char *)(uintptr_t)url, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    if (!getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY"))
        return;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    (void)posix_spawnp(&child, program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
}

/* The tokens of the implicit flow are in the answer itself: read as a token endpoint's would be. */
static const char *take_fragment(struct login *login, struct slice query)
{
    struct secret_text type = {0}, life = {0};
    struct token_answer *answer = &login->answer;
    bool is_read = authorization_parameter(query, "access_token", &answer->access_token) &&
                   authorization_parameter(query, "token_type", &type) &&
                   authorization_parameter(query, "expires_in", &life);
    bool is_bearer = type.len == 6 && strncasecmp(type.at, "bearer", 6) == 0;
    unsigned long life_s = life.len ? strtoul(life.at, NULL, 10) : 0;
    answer->has_life = life_s > 0;
    answer->life_s = life_s > TOKEN_LIFE_MAX ? TOKEN_LIFE_MAX : (uint32_t)life_s;
    secret_text_close(&type);
    secret_text_close(&life);
    if (!is_read || !token_is_sendable(secret_text_slice(&answer->access_token)))
        return "the answer has no token that can be used";
    answer->verdict = TOKEN_GIVEN;
    return is_bearer ? NULL : "the token is no bearer token";
}

static const char *take_code(struct login *login, const struct authorization *asked,
                             struct slice query)
{
    struct secret_text code = {0};
    const char *fault = NULL;
    if (!authorization_parameter(query, "code", &code) || !code.len)
        fault = "the answer has no code";
    struct grant grant = {GRANT_CODE, secret_text_slice(&code), secret_text_slice(&asked->verifier),
                          secret_text_slice(&asked->redirect)};
    if (!fault && !ask(login, &grant))
        fault = "out of memory";
    if (!fault && !authorization_fits(asked, secret_text_slice(&login->answer.id_token)))
        fault = "its ID token is not of this login: the nonce is another";
    secret_text_close(&code);
    return fault;
}

static const char *browse(struct login *login, const struct oauth2_urls *urls,
                          struct loopback *loopback, struct authorization *asked)
{
    bool is_implicit = login->client->policy->flow == MCPP_FLOW_IMPLICIT;
    struct secret_text query = {0};
    static char quoted[TOKEN_PROBLEM_MAX];
    char redirect[64];
    snprintf(redirect, sizeof redirect, "http://127.0.0.1:%u/callback", (unsigned)loopback->port);
    if (!urls->authorization_url[0])
        return "the authorization server has no URL for this";
    if (!authorization_begin(login->client, urls, slice_of(redirect), asked))
        return "out of memory";
    fprintf(stderr, "Open this in a browser on this machine, and agree:\n\n%s\n\n", asked->url.at);
    open_browser(asked->url.at);
    const char *fault = "nobody answered within 10 minutes";
    if (loopback_wait(loopback, is_implicit, LOGIN_S, &query))
        fault = authorization_judge(asked, urls, secret_text_slice(&query), quoted);
    if (!fault)
        fault = is_implicit ? take_fragment(login, secret_text_slice(&query))
                            : take_code(login, asked, secret_text_slice(&query));
    secret_text_close(&query);
    return fault;
}

static int by_browser(struct login *login, const struct oauth2_urls *urls)
{
    struct loopback loopback;
    struct authorization asked = {.credential = login->credential};
    if (!loopback_open(login->client->policy->redirect_port, &loopback))
        return fail(login, strerror(errno));
    const char *fault = browse(login, urls, &loopback, &asked);
    loopback_close(&loopback);
    authorization_close(&asked);
    return fault ? fail(login, fault) : keep(login);
}

/* ---- by a code ---- */

static int by_code(struct login *login)
{
    if (!ask(login, &(struct grant){.kind = GRANT_DEVICE_START}))
        return fail(login, "out of memory");
    if (login->device_code.len == 0 || !login->user_code[0] || !login->address[0])
        return fail(login, login->answer.problem[0] ? login->answer.problem
                                                    : "the authorization server gives no code");
    fprintf(stderr, "Open %s and enter the code %s\n", login->address, login->user_code);
    struct grant grant = {.kind = GRANT_DEVICE, .text = secret_text_slice(&login->device_code)};
    for (uint32_t waited = 0; waited <= login->left_s; waited += login->poll_s + 1) {
        struct timespec wait = {(time_t)login->poll_s, 0};
        nanosleep(&wait, NULL);
        if (!ask(login, &grant))
            return fail(login, "out of memory");
        if (login->answer.verdict == TOKEN_SLOWER && login->poll_s < POLL_S_MAX)
            login->poll_s += POLL_S; /* RFC 8628, section 3.5 */
        else if (login->answer.verdict != TOKEN_PENDING)
            return keep(login);
    }
    return fail(login, "nobody answered in time");
}

int login_run(struct oauth2_worker *own, const char *label)
{
    struct login login = {.own = own, .credential = oauth2_named(own->oauth2, label)};
    struct oauth2_urls urls;
    if (login.credential == OAUTH2_NONE) {
        fprintf(stderr, "login: no credential of the policy that needs one is called '%s'\n",
                label);
        return 2;
    }
    login.client = oauth2_client_of(own->oauth2, login.credential);
    if (!client_asks_a_person(login.client))
        return fail(&login, "this flow asks nobody: there is nothing to log in to");
    if (!login.client->is_present)
        return fail(&login, "its secrets are not set; --credentials lists them");
    const char *fault = find_urls(&login, &urls);
    int status = fault                                            ? fail(&login, fault)
                 : login.client->policy->flow == MCPP_FLOW_DEVICE ? by_code(&login)
                                                                  : by_browser(&login, &urls);
    secret_text_close(&login.device_code);
    token_answer_close(&login.answer);
    return status;
}

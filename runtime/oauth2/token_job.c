/*
 * Getting tokens. The order: a token that another process stored, a refresh token, the flow's own
 * grant. A refresh token that is refused may have been used by another process just now: then the
 * store has what came of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/token_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/oauth2/token_request.h"
#include "runtime/observe/log.h"

struct token_job {
    struct token_job *next, **link;
    struct oauth2_worker *own;
    const struct oauth2_client *client;
    struct token_entry *entry; /* held */
    uint32_t credential;
    struct secret_text issuer, subject, caller_token; /* copies of the key's */
    struct secret_text refresh_token;                 /* that is tried */
    uint64_t stamp;                                   /* of the store when it was read */
    struct token_request *request;
};

static struct token_table *table_of(const struct token_job *job)
{
    return oauth2_table(job->own->oauth2);
}

static struct token_store *store_of(const struct token_job *job)
{
    return oauth2_store(job->own->oauth2);
}

/* ---- life ---- */

static void free_job(struct token_job *job)
{
    *job->link = job->next;
    if (job->next)
        job->next->link = job->link;
    token_table_let_go(table_of(job), job->entry);
    secret_text_close(&job->issuer);
    secret_text_close(&job->subject);
    secret_text_close(&job->caller_token);
    secret_text_close(&job->refresh_token);
    free(job);
}

void token_jobs_close(struct oauth2_worker *own)
{
    struct token_job *next;
    for (struct token_job *job = own->jobs; job; job = next) {
        next = job->next;
        if (job->request)
            token_request_cancel(job->request);
        token_table_give_up(table_of(job), job->entry);
        free_job(job);
    }
}

/* ---- the store ---- */

struct stored_key token_stored_key(const struct oauth2 *oauth2, const struct token_key *key)
{
    const struct oauth2_client *client = oauth2_client_of(oauth2, key->credential);
    return (struct stored_key){slice_of(client->label), locked_slice(&client->id), key->issuer,
                               key->subject};
}

static struct stored_key stored_key(const struct token_job *job)
{
    struct token_key key = {job->credential,
                            secret_text_slice(&job->issuer),
                            secret_text_slice(&job->subject),
                            {NULL, 0}};
    return token_stored_key(job->own->oauth2, &key);
}

uint64_t token_ends_at(const struct token_answer *answer)
{
    return answer->has_life ? (uint64_t)time(NULL) + answer->life_s : 0;
}

/* Takes the stored access token when it is one that the entry has not had yet. */
static bool use_stored(struct token_job *job, const struct stored_token *stored)
{
    uint64_t now = (uint64_t)time(NULL);
    struct slice text = secret_text_slice(&stored->access_token);
    bool is_over = stored->ends_at && stored->ends_at <= now;
    if (is_over || !token_is_sendable(text) || token_table_knows(table_of(job), job->entry, text))
        return false;
    uint64_t left = stored->ends_at ? stored->ends_at - now : 0;
    struct token_given given = {text, secret_text_slice(&stored->refresh_token),
                                stored->ends_at != 0,
                                left < TOKEN_LIFE_MAX ? (uint32_t)left : TOKEN_LIFE_MAX};
    return token_table_put(table_of(job), job->entry, &given);
}

/* Reads the store: true when a token was there. Else a refresh token may be. */
static bool look_in_store(struct token_job *job)
{
    struct stored_key key = stored_key(job);
    struct stored_token stored;
    job->stamp = token_store_stamp(store_of(job));
    bool is_there = token_store_find(store_of(job), &key, &stored);
    bool is_used = is_there && use_stored(job, &stored);
    if (!is_used && stored.refresh_token.len) {
        secret_text_clear(&job->refresh_token);
        secret_text_add(&job->refresh_token, secret_text_slice(&stored.refresh_token));
    }
    stored_token_close(&stored);
    return is_used;
}

static void keep_in_store(struct token_job *job, struct token_answer *answer)
{
    struct stored_key key = stored_key(job);
    struct secret_text *refresh =
        answer->refresh_token.len ? &answer->refresh_token : &job->refresh_token;
    struct stored_token stored = {answer->access_token, *refresh, token_ends_at(answer)};
    token_store_keep(store_of(job), &key, &stored);
}

/* ---- the end ---- */

static void finish(struct token_job *job, struct token_answer *answer, bool is_refresh_over)
{
    char problem[TOKEN_PROBLEM_MAX];
    if (answer->verdict == TOKEN_GIVEN) {
        if (client_asks_a_person(job->client))
            keep_in_store(job, answer);
        log_debug("a token for %s has come", job->client->label);
    } else {
        snprintf(problem, sizeof problem, "no token for %s from its authorization server: %.240s",
                 job->client->label, answer->problem);
        memcpy(answer->problem, problem, sizeof problem);
        log_warning("%s", problem);
    }
    token_table_finish(table_of(job), job->entry, answer, is_refresh_over);
    free_job(job);
}

static void fail(struct token_job *job, const char *text)
{
    struct token_answer answer = {.verdict = TOKEN_UNUSABLE};
    snprintf(answer.problem, sizeof answer.problem, "%s", text);
    finish(job, &answer, false);
}

/* Nothing is left to get a token with: a person has to agree again. */
static void miss(struct token_job *job)
{
    token_table_set_missing(table_of(job), job->entry, job->stamp);
    free_job(job);
}

/* ---- asking ---- */

static bool ask(struct token_job *job, enum grant_kind kind, struct slice text);

static enum grant_kind grant_of(enum mcpp_flow flow)
{
    switch (flow) {
    case MCPP_FLOW_PASSWORD:
        return GRANT_PASSWORD;
    case MCPP_FLOW_EXCHANGE:
        return GRANT_EXCHANGE;
    case MCPP_FLOW_JWT_BEARER:
        return GRANT_JWT;
    case MCPP_FLOW_CLIENT_CREDENTIALS:
    case MCPP_FLOW_AUTHORIZATION_CODE: /* these three ask a person */
    case MCPP_FLOW_IMPLICIT:
    case MCPP_FLOW_DEVICE:
        break;
    }
    return GRANT_CLIENT;
}

/* Without a refresh token, or with one that is refused. */
static void ask_by_flow(struct token_job *job)
{
    if (client_asks_a_person(job->client))
        miss(job);
    else if (!ask(job, grant_of(job->client->policy->flow), secret_text_slice(&job->caller_token)))
        fail(job, "out of memory");
}

static bool is_same(const struct secret_text *a, const struct secret_text *b)
{
    return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

/* RFC 6749, section 5.2. glewlwyd says it with a 400 and nothing else; and where nobody has to be
 * asked, the flow's own grant is worth an attempt after any refusal. */
static bool is_refresh_refused(const struct token_job *job, const struct token_answer *answer,
                               unsigned status)
{
    return answer->verdict == TOKEN_REFUSED &&
           (strcmp(answer->error, "invalid_grant") == 0 || (status == 400 && !answer->error[0]) ||
            !client_asks_a_person(job->client));
}

/* The refresh token is of no use: has another process a newer one? It is forgotten only when
 * `is_certain`: a 400 without a reason may have another one, and a login replaces it anyway. */
static void refresh_refused(struct token_job *job, bool is_certain)
{
    struct secret_text used = job->refresh_token;
    job->refresh_token = (struct secret_text){0};
    if (!client_asks_a_person(job->client)) {
        ask_by_flow(job);
    } else if (look_in_store(job)) {
        free_job(job);
    } else if (job->refresh_token.len && !is_same(&used, &job->refresh_token)) {
        if (!ask(job, GRANT_REFRESH, secret_text_slice(&job->refresh_token)))
            fail(job, "out of memory");
    } else {
        struct stored_key key = stored_key(job);
        log_warning("the refresh token of %s is refused: a person has to agree again",
                    job->client->label);
        if (is_certain)
            token_store_keep(store_of(job), &key, NULL);
        job->stamp = token_store_stamp(store_of(job));
        miss(job);
    }
    secret_text_close(&used);
}

static void on_answer(void *context, struct token_answer *answer,
                      const struct upstream_response *response)
{
    struct token_job *job = context;
    bool is_refresh = job->refresh_token.len > 0;
    job->request = NULL;
    if (is_refresh && is_refresh_refused(job, answer, response ? response->status : 0))
        refresh_refused(job, strcmp(answer->error, "invalid_grant") == 0);
    else
        finish(job, answer, answer->verdict == TOKEN_GIVEN && !is_refresh);
}

static bool ask(struct token_job *job, enum grant_kind kind, struct slice text)
{
    struct grant grant = {.kind = kind, .text = text};
    job->request = token_request_start(job->own, job->credential, &grant, on_answer, job);
    return job->request != NULL;
}

static void begin(struct token_job *job)
{
    if (client_asks_a_person(job->client) && look_in_store(job)) {
        free_job(job);
        return;
    }
    bool has_refresh = job->refresh_token.len ||
                       token_table_refresh_token(table_of(job), job->entry, &job->refresh_token);
    if (!has_refresh)
        ask_by_flow(job);
    else if (!ask(job, GRANT_REFRESH, secret_text_slice(&job->refresh_token)))
        fail(job, "out of memory");
}

static void copy(struct secret_text *out, struct slice text)
{
    if (text.len)
        secret_text_add(out, text);
}

void token_job_start(struct oauth2_worker *own, const struct token_key *key,
                     struct token_entry *entry)
{
    struct token_job *job = calloc(1, sizeof *job);
    if (!job) {
        struct token_answer answer = {.verdict = TOKEN_UNUSABLE, .problem = "out of memory"};
        token_table_finish(oauth2_table(own->oauth2), entry, &answer, false);
        return;
    }
    *job = (struct token_job){.own = own,
                              .client = oauth2_client_of(own->oauth2, key->credential),
                              .entry = entry,
                              .credential = key->credential,
                              .next = own->jobs,
                              .link = &own->jobs};
    if (job->next)
        job->next->link = &job->next;
    own->jobs = job;
    token_table_hold(oauth2_table(own->oauth2), entry);
    copy(&job->issuer, key->issuer);
    copy(&job->subject, key->subject);
    copy(&job->caller_token, key->caller_token);
    if (job->issuer.failed || job->subject.failed || job->caller_token.failed)
        fail(job, "out of memory");
    else
        begin(job);
}

/*
 * Askers and attempts. An attempt may be another worker's: its end rings this worker's bell,
 * and every asker that waits looks again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/tokens.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/bell.h"
#include "runtime/oauth2/discovery.h"
#include "runtime/oauth2/token_job.h"
#include "runtime/observe/log.h"

/* ---- waiting ---- */

/* Some attempt has ended: everybody looks again. Those whose attempt it was not wait on. */
static void on_end(void *context)
{
    struct oauth2_worker *own = context;
    wait_list_call(&own->waits);
}

/* From any worker. */
static void ring(void *context)
{
    const struct oauth2_worker *own = context;
    bell_ring(own->bell);
}

/* ---- life ---- */

struct oauth2_worker *oauth2_worker_open(const struct worker *worker)
{
    struct oauth2_worker *own = calloc(1, sizeof *own);
    if (!own) {
        log_error("out of memory at start");
        return NULL;
    }
    own->worker = worker;
    own->oauth2 = worker->server->oauth2;
    own->bell = bell_open(worker->loop, on_end, own);
    if (own->bell && discovery_open_all(own)) {
        token_table_on_change(oauth2_table(own->oauth2), ring, own);
        return own;
    }
    log_error("no memory or descriptors at start");
    oauth2_worker_close(own);
    return NULL;
}

void oauth2_worker_close(struct oauth2_worker *own)
{
    if (!own)
        return;
    token_table_off_change(oauth2_table(own->oauth2), own);
    token_jobs_close(own);
    discovery_close_all(own);
    bell_close(own->bell);
    free(own);
}

/* ---- taking ---- */

static void look(struct oauth2_worker *own, struct token_wait *wait, struct token_look *out)
{
    struct token_table *table = oauth2_table(own->oauth2);
    if (wait->entry)
        token_table_look_again(table, wait->entry, out);
    else
        token_table_look(table, &wait->key, out);
    wait->entry = out->entry;
}

enum token_state tokens_take(struct oauth2_worker *own, struct token_wait *wait)
{
    struct token_look found;
    look(own, wait, &found);
    bool is_missing = found.state == TOKEN_MISSING;
    if (is_missing && found.missing_stamp != token_store_stamp(oauth2_store(own->oauth2)) &&
        token_table_retry_missing(oauth2_table(own->oauth2), wait->entry))
        found.state = TOKEN_DUE; /* a login since then, perhaps */
    if (found.state == TOKEN_DUE) {
        token_job_start(own, &wait->key, wait->entry);
        found.state = TOKEN_COMING;
    } else if (found.is_stale) {
        token_job_start(own, &wait->key, wait->entry);
    }
    if (found.state == TOKEN_COMING)
        wait_list_add(&own->waits, &wait->place);
    wait->token = found.token;
    wait->retry_after_s = found.retry_after_s;
    if (found.state == TOKEN_FAILED)
        snprintf(wait->problem, sizeof wait->problem, "%s", found.problem);
    return found.state;
}

void tokens_let_go(struct oauth2_worker *own, struct token_wait *wait)
{
    identity_wait_cancel(&wait->place);
    token_release(wait->token);
    wait->token = NULL;
    if (wait->entry)
        token_table_let_go(oauth2_table(own->oauth2), wait->entry);
    wait->entry = NULL;
}

bool tokens_reject(struct oauth2_worker *own, struct token_wait *wait)
{
    bool may_help =
        wait->token && token_table_reject(oauth2_table(own->oauth2), wait->entry, wait->token);
    token_release(wait->token);
    wait->token = NULL;
    return may_help;
}

bool tokens_keep(struct oauth2 *oauth2, const struct token_key *key,
                 const struct token_answer *answer)
{
    struct token_look found;
    struct stored_key stored = token_stored_key(oauth2, key);
    struct stored_token token = {answer->access_token, answer->refresh_token,
                                 token_ends_at(answer)};
    struct token_given given = {secret_text_slice(&answer->access_token),
                                secret_text_slice(&answer->refresh_token), answer->has_life,
                                answer->life_s};
    bool done = token_store_keep(oauth2_store(oauth2), &stored, &token);
    token_table_look(oauth2_table(oauth2), key, &found);
    if (!found.entry)
        return done;
    token_release(found.token);
    token_table_put(oauth2_table(oauth2), found.entry, &given);
    if (found.state == TOKEN_DUE || found.is_stale)
        token_table_give_up(oauth2_table(oauth2), found.entry);
    token_table_let_go(oauth2_table(oauth2), found.entry);
    return done;
}

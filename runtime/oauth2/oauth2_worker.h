/*
 * What one worker has of OAuth2: fetches under way and those who wait for tokens, on its loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_OAUTH2_WORKER_H
#define OAUTH2_OAUTH2_WORKER_H

#include "runtime/identity/wait.h"
#include "runtime/oauth2/oauth2.h"
#include "runtime/worker.h"

struct bell;
struct discovery;
struct token_job;

struct oauth2_worker {
    const struct worker *worker;
    struct oauth2 *oauth2;
    struct discovery *discoveries; /* one for each credential */
    struct wait_list waits;        /* for a token that somebody gets */
    struct token_job *jobs;        /* tokens that this worker gets */
    struct bell *bell;             /* an attempt ended somewhere */
};

/* NULL: out of memory or of descriptors, which is logged. */
struct oauth2_worker *oauth2_worker_open(const struct worker *worker);
/* Those who wait must have gone. NULL is fine. */
void oauth2_worker_close(struct oauth2_worker *own);

#endif

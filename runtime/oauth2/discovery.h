/*
 * Finding the URLs of an authorization server by its metadata, when the policy does not give them.
 * One fetch at a time for a credential, and those who want the URLs wait for it together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_DISCOVERY_H
#define OAUTH2_DISCOVERY_H

#include "runtime/oauth2/oauth2_worker.h"
#include "runtime/upstream/upstream.h"

/* `fault` NULL: the URLs are known now. Called once, from the loop, never from discovery_wait. */
typedef void discovery_done(void *context, const char *fault);

struct discovery_wait {
    struct discovery_wait *next, **link; /* link NULL: not waiting */
    discovery_done *done;
    void *context;
};

struct discovery {
    struct oauth2_worker *own;
    uint32_t credential;
    struct discovery_wait *waits;
    struct upstream_call *call;
    struct upstream_request request;
    unsigned place; /* that is asked */
    char *url;
};

/* Waits for the URLs; starts the fetch unless one is under way. False: out of memory. */
bool discovery_wait(struct oauth2_worker *own, uint32_t credential, struct discovery_wait *wait);
void discovery_cancel(struct discovery_wait *wait);

bool discovery_open_all(struct oauth2_worker *own); /* false: out of memory */
void discovery_close_all(struct oauth2_worker *own);

#endif

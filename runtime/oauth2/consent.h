/*
 * Callers who have to agree, on HTTP: what is asked for whom, until the browser comes back. An
 * asking is good for ten minutes and for one answer, for the browser that began it, and for the
 * caller whose call began it. Safe from any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_CONSENT_H
#define OAUTH2_CONSENT_H

#include "runtime/oauth2/authorization.h"

enum { CONSENT_ID_SIZE = 44, CONSENT_S = 600, CONSENTS_MAX = 1024 };

struct consents;

/* A copy of an asking, for one step; closed by consent_close. Starts as {0}. */
struct consent {
    uint32_t credential;
    struct secret_text issuer, subject; /* of the caller */
    struct secret_text cookie;          /* of the browser; empty before it has begun */
    struct authorization asked;
};

struct consents *consents_open(void); /* NULL: out of memory */
void consents_close(struct consents *consents);

/* An id for what this caller is asked, the same one while it is good. False: too many, or out of
 * memory. */
bool consents_begin(struct consents *consents, uint32_t credential, struct slice issuer,
                    struct slice subject, char id[static CONSENT_ID_SIZE]);

/* Who and what; false when it is not known or too old. */
bool consents_find(struct consents *consents, struct slice id, struct consent *out);

/* The browser begins: keeps a cookie for it, and what the authorization server is asked; both are
 * taken. False when it is not known any more. */
bool consents_ask(struct consents *consents, struct slice id, struct consent *begun);

/* The browser is back: takes the asking whose state and cookie these are, so that no second answer
 * is. */
bool consents_take(struct consents *consents, struct slice state, struct slice cookie,
                   struct consent *out);

void consent_close(struct consent *consent);

#endif

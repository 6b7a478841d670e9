/*
 * Asking an authorization server about tokens (RFC 7662): one question per token at a time, a no is
 * remembered for a while, and a server that cannot be asked is never a yes. What it says of a good
 * token is for the caller to judge. One per worker and verifier.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_INTROSPECTOR_H
#define IDENTITY_INTROSPECTOR_H

#include "runtime/identity/json_text.h"
#include "runtime/identity/trust.h"
#include "runtime/identity/wait.h"
#include "runtime/worker.h"

struct introspector;

enum {
    INTROSPECTIONS_MAX = 256,     /* questions under way; more is INTROSPECTION_FAILED */
    INTROSPECTION_BYTES = 65536,  /* of an answer */
    INTROSPECTION_REST_MS = 1000, /* after a failure nobody asks again for so long */
};

enum introspection {
    INTROSPECTION_ACTIVE,   /* *answer has the claims */
    INTROSPECTION_INACTIVE, /* 401 */
    INTROSPECTION_PENDING,  /* wait at *waiting, then ask again */
    INTROSPECTION_FAILED,   /* 503 */
};

/* `secrets` is borrowed. NULL: the cause is logged. */
struct introspector *introspector_open(const struct worker *worker,
                                       const struct mcpp_verifier *verifier,
                                       const struct verifier_secrets *secrets, struct waker *waker);
void introspector_close(struct introspector *introspector); /* NULL is fine */

/* *answer is valid until the loop goes on. `now_ms` is since 1970. */
enum introspection introspector_ask(struct introspector *introspector, struct slice token,
                                    int64_t now_ms, const struct json_text **answer,
                                    struct wait_list **waiting);

/* The token is active and not for us: as if it were not. */
void introspector_refuse(struct introspector *introspector, struct slice token, int64_t now_ms);

bool introspector_is_asking(const struct introspector *introspector);

/* What an answer's body says; the claims are scanned into `out`. False: it is no answer that this
 * server could have sent (section 2.2). */
bool introspector_read(struct slice body, struct json_text *out, bool *is_active);

#endif

/*
 * One request to a token endpoint: a grant goes out, an answer comes in. Finds the endpoint first
 * when that has to be discovered. Keeps nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_TOKEN_REQUEST_H
#define OAUTH2_TOKEN_REQUEST_H

#include "runtime/oauth2/oauth2_worker.h"
#include "runtime/oauth2/token_answer.h"

enum grant_kind {
    GRANT_CLIENT,       /* RFC 6749, section 4.4 */
    GRANT_PASSWORD,     /* section 4.3 */
    GRANT_CODE,         /* section 4.1.3, with RFC 7636 */
    GRANT_REFRESH,      /* section 6 */
    GRANT_EXCHANGE,     /* RFC 8693 */
    GRANT_JWT,          /* RFC 7523 */
    GRANT_DEVICE_START, /* RFC 8628, section 3.1: at another URL */
    GRANT_DEVICE,       /* section 3.4 */
};

/* What is asked with; copied. */
struct grant {
    enum grant_kind kind;
    struct slice text;     /* the code, refresh token, caller's token or device code */
    struct slice verifier; /* GRANT_CODE */
    struct slice redirect; /* GRANT_CODE: the redirect URI, as it was */
};

struct token_request;

/* Called once, from the loop, never from inside token_request_start. The response is NULL when no
 * request went out; `answer` is gone after it. */
typedef void token_request_done(void *context, struct token_answer *answer,
                                const struct upstream_response *response);

/* NULL: out of memory, `done` is not called. */
struct token_request *token_request_start(struct oauth2_worker *own, uint32_t credential,
                                          const struct grant *grant, token_request_done *done,
                                          void *context);
void token_request_cancel(struct token_request *request);

/* Adds what every request for a token says: scope, audience, resource. */
void token_request_add_wishes(const struct mcpp_oauth2 *policy, struct secret_text *out);

#endif

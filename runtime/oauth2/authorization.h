/*
 * Asking a person in a browser (RFC 6749, sections 4.1 and 4.2): the request, with state and PKCE
 * (RFC 7636) of its own, and judging the answer (RFC 9207). Pure but for randomness.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_AUTHORIZATION_H
#define OAUTH2_AUTHORIZATION_H

#include "runtime/oauth2/oauth2.h"
#include "runtime/oauth2/token_answer.h"

/* Starts as {0}; closed by authorization_close. */
struct authorization {
    uint32_t credential;
    struct secret_text state, verifier, redirect;
    struct secret_text nonce; /* empty: none was sent */
    struct secret_text url;   /* to open */
};

/* Draws the secrets and writes the URL. False: out of memory or of randomness. */
bool authorization_begin(const struct oauth2_client *client, const struct oauth2_urls *urls,
                         struct slice redirect, struct authorization *out);
void authorization_close(struct authorization *authorization);

/* The value of a pair of a query or form, decoded; empty when it is not there. `fault` is set when
 * a name occurs twice or is not encoded well. Adds to `out`. */
bool authorization_parameter(struct slice query, const char *name, struct secret_text *out);

/* Judges what came back: the query of the redirect, or the fragment of the implicit flow. NULL when
 * it is good, else a text for people; what another server said is quoted without secrets. */
const char *authorization_judge(const struct authorization *asked, const struct oauth2_urls *urls,
                                struct slice query, char quoted[static TOKEN_PROBLEM_MAX]);

/* Whether an ID token that came with the tokens carries the nonce of this asking, where one was
 * sent (OpenID Connect Core 1.0, section 3.1.3.7, item 11). True when none came. */
bool authorization_fits(const struct authorization *asked, struct slice id_token);

#endif

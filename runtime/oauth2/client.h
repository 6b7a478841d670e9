/*
 * This process as the client of an authorization server: one `send oauth2` of the policy with its
 * secrets, and how it authenticates at the token endpoint. Constant once the workers run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_CLIENT_H
#define OAUTH2_CLIENT_H

#include <openssl/evp.h>

#include "runtime/memory/locked.h"
#include "runtime/memory/secret_text.h"

struct oauth2_client {
    const struct mcpp_credential *credential;
    const struct mcpp_oauth2 *policy;
    const char *label; /* what people call it: the credential's label, or "oauth2" */
    struct locked id, secret, user, password, certificate, cert_key;
    EVP_PKEY *key;
    bool is_present; /* all secrets that it cannot do without are there */
};

/* Reads the secrets. False, with the reason logged, when one is there but cannot be used. */
bool client_open(const struct mcpp_credential *credential, struct oauth2_client *out);
void client_close(struct oauth2_client *client);

/* Calls `each` with every secret that the policy names, and whether the flow can do without. */
void client_each_secret(const struct mcpp_oauth2 *policy,
                        void (*each)(void *context, const struct mcpp_secret *secret,
                                     const char *role, bool is_optional),
                        void *context);

/* Who a signed JWT is for, and the algorithms that it understands (NULL: not known). */
struct client_judge {
    struct slice audience;
    const char *algorithms;
};

/* Adds what proves who the client is to the form, or a header line to `header` (empty: none). NULL,
 * or what stands in the way, in words. */
const char *client_authenticate(const struct oauth2_client *client,
                                const struct client_judge *judge, struct secret_text *form,
                                struct secret_text *header);

/* Whether a token of this credential belongs to a person who must say yes in a browser or on
 * another device, and is kept. */
bool client_asks_a_person(const struct oauth2_client *client);

#endif

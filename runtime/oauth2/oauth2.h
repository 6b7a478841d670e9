/*
 * The authorization servers of a policy: this process as their client, their URLs, and the tokens
 * it has. One for all workers; what changes is behind one lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_OAUTH2_H
#define OAUTH2_OAUTH2_H

#include "runtime/oauth2/client.h"
#include "runtime/options.h"

struct oauth2;
struct token_table;
struct token_store;
struct consents;
struct server_metadata;

/* Reads the secrets of all clients. NULL, with the reason logged, when one cannot be used. */
struct oauth2 *oauth2_open(const struct mcpp_policy *policy, const struct options *options);
void oauth2_close(struct oauth2 *oauth2); /* NULL is fine */

/* The client that a credential of the policy is; NULL when the credential is of another kind. */
const struct oauth2_client *oauth2_client_of(const struct oauth2 *oauth2, uint32_t credential);

/* A credential by what people call it; OAUTH2_NONE: none, or none of OAuth2. */
enum { OAUTH2_NONE = UINT16_MAX };
uint32_t oauth2_named(const struct oauth2 *oauth2, const char *label);

struct token_table *oauth2_table(const struct oauth2 *oauth2);
struct token_store *oauth2_store(const struct oauth2 *oauth2);
struct consents *oauth2_consents(const struct oauth2 *oauth2);

/* URLs of a credential's authorization server, as the policy or the metadata says. */
struct oauth2_urls {
    const char *issuer;                                     /* "": not known */
    const char *authorization_url, *token_url, *device_url; /* "": there is none */
    const char *algorithms; /* that clients may sign with; NULL: not known */
    bool sends_issuer;
};

/* False while metadata has to be read first. The texts stay. */
bool oauth2_urls_of(struct oauth2 *oauth2, uint32_t credential, struct oauth2_urls *out);

/* Keeps the metadata, which is taken; what is known already stays. */
void oauth2_keep_metadata(struct oauth2 *oauth2, uint32_t credential,
                          struct server_metadata *metadata);

#endif

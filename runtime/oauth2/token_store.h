/*
 * Tokens that people agreed to, kept over restarts: a JSON file of mode 0600 in the state
 * directory, replaced as a whole under a lock, so that a login and several servers can share it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_TOKEN_STORE_H
#define OAUTH2_TOKEN_STORE_H

#include <stdint.h>

#include "runtime/memory/secret_text.h"

struct token_store;

struct stored_key {
    struct slice credential, client; /* label and client id */
    struct slice issuer, subject; /* of the caller; both empty: of everybody who uses the server */
};

/* Starts as {0}; closed by stored_token_close. */
struct stored_token {
    struct secret_text access_token, refresh_token;
    uint64_t ends_at; /* seconds since the epoch; 0: not known */
};

/* `directory` NULL: $XDG_STATE_HOME/mcpp/NAME or ~/.local/state/mcpp/NAME. NULL: out of memory.
 * Nothing is read or made yet. */
struct token_store *token_store_open(const char *name, const char *directory);
void token_store_close(struct token_store *store); /* NULL is fine */

/* Where the file is; "" when there is no place for it. */
const char *token_store_path(const struct token_store *store);

/* A number that differs when the file has changed; 0: there is none. */
uint64_t token_store_stamp(const struct token_store *store);

/* False when there is none, or the file cannot be used, which is logged. */
bool token_store_find(struct token_store *store, const struct stored_key *key,
                      struct stored_token *out);

/* Keeps the token, or forgets the key's when `token` is NULL. False, with the reason logged. */
bool token_store_keep(struct token_store *store, const struct stored_key *key,
                      const struct stored_token *token);

void stored_token_close(struct stored_token *token);

#endif

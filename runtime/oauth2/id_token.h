/*
 * The claims of an ID token that came from the token endpoint itself, over TLS: its signature need
 * not be looked at (OpenID Connect Core 1.0, section 3.1.3.7, item 6).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_ID_TOKEN_H
#define OAUTH2_ID_TOKEN_H

#include "runtime/identity/json_text.h"
#include "runtime/memory/secret_text.h"

struct id_token {
    struct secret_text claims;
    struct json_text json;
};

/* False: it is none, or memory runs out. To be closed in any case. */
bool id_token_read(struct slice text, struct id_token *out);
void id_token_close(struct id_token *token);

bool id_token_says(const struct id_token *token, const char *claim, struct slice wanted);

#endif

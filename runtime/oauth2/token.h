/*
 * One access token, shared by all calls that send it: as the header line that it becomes. Wiped
 * when the last one lets go.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_TOKEN_H
#define OAUTH2_TOKEN_H

#include "runtime/memory/slice.h"

struct token;

/* NULL: out of memory. The text has passed token_is_sendable. One hold on it is the caller's. */
struct token *token_make(struct slice text);
struct token *token_hold(struct token *token);
void token_release(struct token *token); /* NULL is fine */

const char *token_header(const struct token *token); /* "Authorization: Bearer …" */
struct slice token_text(const struct token *token);  /* the token alone */

#endif

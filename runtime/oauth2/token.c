/*
 * Tokens with a count of those who hold them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/token.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "runtime/memory/secret.h"

static const char prefix[] = "Authorization: Bearer ";

struct token {
    atomic_uint holds;
    size_t len;
    char line[]; /* NUL-terminated */
};

struct token *token_make(struct slice text)
{
    size_t len = sizeof prefix - 1 + text.len;
    struct token *token = malloc(sizeof *token + len + 1);
    if (!token)
        return NULL;
    atomic_init(&token->holds, 1);
    token->len = len;
    memcpy(token->line, prefix, sizeof prefix - 1);
    memcpy(token->line + sizeof prefix - 1, text.at, text.len);
    token->line[len] = '\0';
    return token;
}

struct token *token_hold(struct token *token)
{
    atomic_fetch_add_explicit(&token->holds, 1, memory_order_relaxed);
    return token;
}

void token_release(struct token *token)
{
    if (!token || atomic_fetch_sub_explicit(&token->holds, 1, memory_order_acq_rel) != 1)
        return;
    secret_wipe(token->line, token->len);
    free(token);
}

const char *token_header(const struct token *token)
{
    return token->line;
}

struct slice token_text(const struct token *token)
{
    return (struct slice){token->line + sizeof prefix - 1, token->len - (sizeof prefix - 1)};
}

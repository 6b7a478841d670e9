/*
 * Reading ID tokens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/id_token.h"

#include "runtime/identity/base64url.h"

static const struct json_bounds bounds = {.depth = 16, .nodes = 4096};

bool id_token_read(struct slice text, struct id_token *out)
{
    *out = (struct id_token){0};
    const char *first = text.len ? memchr(text.at, '.', text.len) : NULL;
    const char *last =
        first ? memchr(first + 1, '.', (size_t)(text.at + text.len - first) - 1) : NULL;
    if (!last)
        return false;
    struct slice part = {first + 1, (size_t)(last - first) - 1};
    char *room = secret_text_reserve(&out->claims, BASE64URL_ROOM(part.len) + 1);
    size_t size = 0;
    if (!room || !base64url_decode(part, (unsigned char *)room, &size))
        return false;
    secret_text_grew(&out->claims, size);
    return json_text_scan(&out->json, out->claims.at, out->claims.len, bounds);
}

void id_token_close(struct id_token *token)
{
    json_text_close(&token->json);
    secret_text_close(&token->claims);
}

bool id_token_says(const struct id_token *token, const char *claim, struct slice wanted)
{
    uint32_t node = json_text_member(&token->json, 0, claim);
    return node && json_text_is(&token->json, node, wanted);
}

/*
 * Form encoding. A space is written %20, which every reader of forms takes too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/pairs.h"

#include <openssl/evp.h>

#include "runtime/upstream/encode.h"

static void add_encoded(struct secret_text *out, struct slice value)
{
    char *room = value.len ? secret_text_reserve(out, 3 * value.len) : NULL;
    if (room)
        secret_text_grew(out, encode_uri_into(room, value));
}

void pairs_add(struct secret_text *out, const char *name, struct slice value)
{
    if (value.len == 0)
        return;
    if (out->len && out->at[out->len - 1] != '?' && out->at[out->len - 1] != '&')
        secret_text_add_byte(out, '&');
    add_encoded(out, slice_of(name));
    secret_text_add_byte(out, '=');
    add_encoded(out, value);
}

void pairs_add_basic(struct secret_text *out, struct slice client, struct slice secret)
{
    struct secret_text pair = {0};
    add_encoded(&pair, client);
    secret_text_add_byte(&pair, ':');
    add_encoded(&pair, secret);
    secret_text_add_literal(out, "Authorization: Basic ");
    char *room = pair.failed ? NULL : secret_text_reserve(out, (pair.len + 2) / 3 * 4 + 1);
    if (room)
        secret_text_grew(out,
                         (size_t)EVP_EncodeBlock((unsigned char *)room,
                                                 (const unsigned char *)pair.at, (int)pair.len));
    out->failed = out->failed || pair.failed;
    secret_text_close(&pair);
}

void pairs_add_base64url(struct secret_text *out, const void *bytes, size_t size)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i += 3) {
        uint32_t left = (uint32_t)(size - i < 3 ? size - i : 3);
        uint32_t bits = (uint32_t)at[i] << 16 | (left > 1 ? (uint32_t)at[i + 1] << 8 : 0) |
                        (left > 2 ? at[i + 2] : 0);
        for (uint32_t k = 0; k <= left; k++)
            secret_text_add_byte(out, alphabet[bits >> (18 - 6 * k) & 63]);
    }
}

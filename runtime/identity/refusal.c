/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/refusal.h"

enum { SHOWN_MAX = 128 }; /* bytes of a value */

/* Not in the middle of a character. */
static struct slice cut(struct slice value)
{
    if (value.len <= SHOWN_MAX)
        return value;
    value.len = SHOWN_MAX;
    while (value.len && ((unsigned char)value.at[value.len] & 0xC0) == 0x80)
        value.len--;
    return value;
}

static void add_value(struct text *out, const char *name, struct slice value)
{
    text_add_format(out, " %s=", name);
    text_add_json(out, cut(value));
}

/* As it is written in the token; a string without its quotes. */
static void add_member(struct text *out, const char *name, const struct json_text *json,
                       const char *member)
{
    uint32_t node = json_text_member(json, 0, member);
    if (!node)
        return;
    const struct json_node *found = &json->tape.nodes[node];
    add_value(out, name,
              found->kind == JSON_STRING
                  ? json_text_raw(json, node)
                  : (struct slice){json->text + found->start, found->end - found->start});
}

struct slice refusal_describe(const struct jwt *jwt, const char *verifier,
                              const struct claim_rules *rules, struct pool *pool)
{
    struct text out = {.pool = pool};
    add_member(&out, "token.alg", jwt->header, "alg");
    add_member(&out, "token.kid", jwt->header, "kid");
    add_member(&out, "token.iss", jwt->claims, "iss");
    add_member(&out, "token.aud", jwt->claims, "aud");
    add_member(&out, "token.exp", jwt->claims, "exp");
    add_member(&out, "token.nbf", jwt->claims, "nbf");
    if (verifier) {
        text_add_format(&out, " verifier=%s", verifier);
        add_value(&out, "wants.issuer", rules->issuer);
        for (uint32_t i = 0; i < rules->audience_count; i++)
            add_value(&out, "wants.audience", slice_of(rules->audiences[i]));
    }
    return out.failed ? (struct slice){"", 0} : text_slice(&out);
}

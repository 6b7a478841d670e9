/*
 * Reading tokens (RFC 7515, section 7.1: three parts with dots between them).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/scene/token_claims.h"

#include <string.h>

#include "compiler/logic/compare.h"

static int digit_value(char digit)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *at = digit ? strchr(digits, digit) : NULL;
    return at ? (int)(at - digits) : -1;
}

static bool decode(struct str base64url, struct str_builder *out)
{
    unsigned group = 0;
    for (size_t i = 0; i < base64url.len; i++) {
        int value = digit_value(base64url.at[i]);
        if (value < 0)
            return false;
        group = (group << 6 | (unsigned)value) & 0xffffff;
        if (i % 4 > 0)
            str_add_byte(out, (char)(group >> (6 - 2 * (i % 4)) & 0xff));
    }
    return base64url.len % 4 != 1;
}

bool token_claims_read(struct str text, struct arena *arena, struct str *claims, const char **error)
{
    struct str_builder out = {.arena = arena};
    struct evaluate_json json;
    text = str_trimmed(text, " \t\r\n");
    size_t first = str_find(text, '.');
    *claims = text;
    if (!str_starts(text, "{")) {
        struct str rest = str_from(text, first < text.len ? first + 1 : first);
        struct str payload = str_part(rest, 0, str_find(rest, '.'));
        *error = "it is no JWT and no JSON object";
        if (payload.len == rest.len || !decode(payload, &out))
            return false;
        *claims = str_built(&out);
    }
    *error = "its claims are no JSON object";
    return scene_scan(*claims, arena, &json);
}

/* ---- names in a claim ---- */

static struct str string_of(const struct evaluate_json *value, struct arena *arena)
{
    const struct json_node *node = &value->tape->nodes[value->node];
    char *text = arena_alloc(arena, node->end - node->start + 1);
    return (struct str){text, json_unescape(value->text, node, text)};
}

static bool is_string(const struct evaluate_json *value)
{
    return value->tape->nodes[value->node].kind == JSON_STRING;
}

struct names {
    LIST(struct str) list;
};

static void add_words(struct str text, struct arena *arena, struct names *out)
{
    while (text.len) {
        struct str word = str_part(text, 0, str_find(text, ' '));
        text = str_from(text, word.len + (word.len < text.len));
        if (word.len)
            *list_add(arena, &out->list) = word;
    }
}

/* A string of words, or an array of strings. */
static struct names names_at(const struct evaluate_json *claims, struct str path,
                             struct arena *arena)
{
    struct names names = {0};
    struct evaluate_json value;
    bool is_blocked;
    struct word word = {.text = path, .is_string = true};
    if (!path.len || !compare_find(claims, policy_claim_path(word, arena), &value, &is_blocked))
        return names;
    const struct json_node *nodes = value.tape->nodes;
    if (is_string(&value))
        add_words(string_of(&value, arena), arena, &names);
    if (nodes[value.node].kind != JSON_ARRAY)
        return names;
    for (uint32_t item = value.node + 1; item < nodes[value.node].next; item = nodes[item].next) {
        struct evaluate_json one = {value.text, value.tape, item};
        if (is_string(&one))
            *list_add(arena, &names.list) = string_of(&one, arena);
    }
    return names;
}

static const struct verifier *verifier_of(const struct policy *policy,
                                          const struct evaluate_json *claims, struct arena *arena)
{
    struct names issuers = names_at(claims, STR("iss"), arena);
    for (uint32_t i = 0; issuers.list.count && i < policy->verifier_count; i++)
        if (str_equal(policy->verifiers[i].issuer, issuers.list.at[0]))
            return &policy->verifiers[i];
    bool is_only = policy->verifier_count == 1 && !issuers.list.count;
    return is_only ? &policy->verifiers[0] : NULL;
}

bool token_claims_caller(const struct policy *policy, struct str claims, struct str transport,
                         struct arena *arena, struct scene_caller *out)
{
    struct evaluate_json json;
    *out = (struct scene_caller){.has_token = true, .transport = transport, .claims = claims};
    if (!scene_scan(claims, arena, &json))
        return false;
    const struct verifier *verifier = verifier_of(policy, &json, arena);
    if (!verifier)
        return false;
    struct names scopes = names_at(&json, verifier->scope_claim, arena);
    struct names roles = names_at(&json, verifier->roles_claim, arena);
    out->verifier = verifier->name;
    out->scopes = scopes.list.at;
    out->scope_count = (uint32_t)scopes.list.count;
    out->roles = roles.list.at;
    out->role_count = (uint32_t)roles.list.count;
    return true;
}

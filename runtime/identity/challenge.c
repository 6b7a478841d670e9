/*
 * Writing challenges.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/challenge.h"

#include "runtime/identity/jws_algorithm.h"

static const struct {
    const char *error, *description;
} texts[] = {
    [CHALLENGE_NO_TOKEN] = {NULL, NULL},
    [CHALLENGE_BAD_TOKEN] = {"invalid_token", "The access token is not valid"},
    [CHALLENGE_SCOPE] = {"insufficient_scope", "The access token has not the scopes needed"},
    [CHALLENGE_BAD_REQUEST] = {"invalid_request", "One access token in one Authorization header"},
    [CHALLENGE_PROOF] = {"invalid_dpop_proof", "The DPoP proof is not valid"},
    [CHALLENGE_NONCE] = {"use_dpop_nonce", "The DPoP proof needs the nonce of this server"},
};

/* RFC 6750, section 3: what may stand between the quotes, without quotes and backslashes. Space
 * only where several words may. */
static bool is_plain(struct slice text, bool has_spaces)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];
        if (byte < (has_spaces ? ' ' : '!') || byte > '~' || byte == '"' || byte == '\\')
            return false;
    }
    return text.len > 0;
}

static void add_parameter(struct text *out, bool *is_first, const char *name, struct slice value)
{
    if (!is_plain(value, true))
        return;
    text_add_literal(out, *is_first ? " " : ", ");
    text_add_literal(out, name);
    text_add_literal(out, "=\"");
    text_add(out, value);
    text_add_byte(out, '"');
    *is_first = false;
}

static bool holds(const uint64_t *set, uint32_t fact)
{
    return set[fact / 64] >> fact % 64 & 1;
}

/* The scopes among the facts. One that no header can carry makes the list useless: it would lead to
 * a token that does not do. */
static bool add_scopes(struct text *out, const struct mcpp_policy *policy, const uint64_t *wanted)
{
    for (uint32_t i = 0; i < policy->fact_count; i++) {
        const struct mcpp_fact *fact = &policy->facts[i];
        if (fact->kind != MCPP_FACT_SCOPE || !holds(wanted, i))
            continue;
        if (!is_plain(slice_of(fact->name), false))
            return false;
        if (out->len)
            text_add_byte(out, ' ');
        text_add_literal(out, fact->name);
    }
    return !out->failed;
}

/* What proofs may be signed with. */
static void add_algorithms(struct text *out, bool *is_first)
{
    struct text names = {.pool = out->pool};
    for (size_t i = 0; i < JWS_ALGORITHM_COUNT; i++) {
        if (jws_algorithms[i].scheme == JWS_HMAC)
            continue;
        text_add_literal(&names, names.len ? " " : "");
        text_add_literal(&names, jws_algorithms[i].name);
    }
    add_parameter(out, is_first, "algs", text_slice(&names));
    out->failed |= names.failed;
}

void challenge_add(struct text *out, const struct challenge *challenge)
{
    const char *error = texts[challenge->kind].error;
    struct text scopes = {.pool = out->pool};
    bool is_first = true;
    text_add_literal(out,
                     challenge->is_dpop ? "WWW-Authenticate: DPoP" : "WWW-Authenticate: Bearer");
    if (error) {
        add_parameter(out, &is_first, "error", slice_of(error));
        add_parameter(out, &is_first, "error_description",
                      slice_of(texts[challenge->kind].description));
    }
    add_parameter(out, &is_first, "resource_metadata", challenge->resource_metadata);
    if (challenge->wanted && add_scopes(&scopes, challenge->policy, challenge->wanted))
        add_parameter(out, &is_first, "scope", text_slice(&scopes));
    if (challenge->is_dpop)
        add_algorithms(out, &is_first);
    text_add_literal(out, "\r\n");
}

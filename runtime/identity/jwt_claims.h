/*
 * What a token claims (RFC 7519, section 4.1; RFC 9068), judged for one verifier. The signature has
 * been checked before any of this is believed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_JWT_CLAIMS_H
#define IDENTITY_JWT_CLAIMS_H

#include "runtime/identity/json_text.h"
#include "runtime/identity/known_token.h"

struct claim_rules {
    struct slice issuer;
    const char *const *audiences; /* one of them must be meant */
    uint32_t audience_count;
    uint32_t leeway_s;
    bool is_profile_rfc9068; /* sub, client_id, iat and jti must be there (section 2.2) */
};

/* `iss` alone: which verifier to ask. */
bool claims_have_issuer(const struct json_text *claims, struct slice issuer);

/* iss, aud, exp, nbf, iat, sub, client_id. NULL when all is well, else a fixed text. `now_ms`
 * is milliseconds since 1970. */
const char *claims_check(const struct json_text *claims, const struct claim_rules *rules,
                         int64_t now_ms);

/* The same for what an authorization server says of a token (RFC 7662, section 2.2): it need not
 * repeat what it has checked, but what it says must fit. An audience is needed where the rules have
 * one. */
const char *claims_check_answer(const struct json_text *claims, const struct claim_rules *rules,
                                int64_t now_ms);

/* What the token is bound to (RFC 7800). NULL when it is bound to nothing, or to what can be
 * proved; else a fixed text. */
const char *claims_binding(const struct json_text *claims, struct binding *out);

/* When the token ends to be good, in milliseconds since 1970, the leeway included; INT64_MAX when
 * nothing is said. Only of claims that were checked. */
int64_t claims_end(const struct json_text *claims, const struct claim_rules *rules);

/* A string claim; empty when it is not there. False: out of memory. */
bool claims_text(const struct json_text *claims, const char *name, struct pool *pool,
                 struct slice *out);

/* A NumericDate (RFC 7519, section 2) in milliseconds, cut. False: no number, negative, or after
 * the year 9999. */
bool claims_date(const struct json_text *claims, uint32_t node, int64_t *ms);

#endif

/*
 * The WWW-Authenticate header of a refusal (RFC 6750, section 3; RFC 9449, section 7.1; RFC
 * 9728, section 5.1). One text
 * for every bad token: the cause is for the log. Knows no request.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_CHALLENGE_H
#define IDENTITY_CHALLENGE_H

#include <mcpp/policy.h>

#include "runtime/memory/pool.h"

enum challenge_kind {
    CHALLENGE_NO_TOKEN,    /* 401, and no error code: the caller did nothing wrong */
    CHALLENGE_BAD_TOKEN,   /* 401 invalid_token */
    CHALLENGE_SCOPE,       /* 403 insufficient_scope */
    CHALLENGE_BAD_REQUEST, /* 400 invalid_request */
    CHALLENGE_PROOF,       /* 401 invalid_dpop_proof (RFC 9449, section 7.1) */
    CHALLENGE_NONCE,       /* 401 use_dpop_nonce (section 9) */
};

struct challenge {
    enum challenge_kind kind;
    struct slice resource_metadata; /* absolute URL; empty: not named */
    const struct mcpp_policy *policy;
    const uint64_t *wanted; /* facts to ask for; NULL: none are named */
    bool is_dpop;           /* for the scheme DPoP instead of Bearer */
};

/* Adds the header line with its CR LF. */
void challenge_add(struct text *out, const struct challenge *challenge);

#endif

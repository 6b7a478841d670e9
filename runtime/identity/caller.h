/*
 * Who is calling: a verified identity, anonymous, or the local operator (forwarding mode).
 * decide/facts.h makes callers, except for what a verifier says of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_CALLER_H
#define IDENTITY_CALLER_H

#include <mcpp/policy.h>

#include "grammar/json.h"
#include "runtime/memory/slice.h"

enum caller_kind {
    CALLER_ANONYMOUS, /* zero: who says nothing is nobody */
    CALLER_VERIFIED,
    CALLER_OPERATOR, /* holds everything; its facts are those of the process alone */
    CALLER_NARROWED, /* the operator with what the policy or the options leave of that */
};

/* A claim that the policy looks at, as this caller has it. */
struct caller_claim {
    enum json_kind kind; /* JSON_NULL: the caller has not got it */
    struct slice text;   /* a string's characters; otherwise JSON text */
};

struct caller {
    enum caller_kind kind;
    const uint64_t *facts;                /* fact_words words; NULL: none */
    const struct caller_claim *claims;    /* one for each of the policy's; NULL: none */
    struct slice subject, client, issuer; /* of a verified caller; may be empty */
    const struct mcpp_verifier *verifier;
    int64_t expires_ms; /* since 1970: the end of its token; 0: it has none */
};

/* Whether the caller holds all facts of the set; the operator does. */
bool caller_holds(const struct caller *caller, const uint64_t *set, uint32_t fact_words);

/* The caller's value of a claim, or NULL. */
const struct caller_claim *caller_claim(const struct caller *caller, uint32_t claim);

#endif

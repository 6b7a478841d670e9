/*
 * Who is calling: a verified identity, anonymous, or the local operator (forwarding mode).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_CALLER_H
#define IDENTITY_CALLER_H

#include <mcpp/policy.h>

#include "runtime/memory/slice.h"

enum caller_kind {
    CALLER_ANONYMOUS, /* zero: who says nothing is nobody */
    CALLER_VERIFIED,
    CALLER_OPERATOR, /* holds every fact */
};

struct caller {
    enum caller_kind kind;
    const uint64_t *facts; /* fact_words words; NULL for anonymous (none) and operator (all) */
    struct slice subject, client, issuer; /* of a verified caller; may be empty */
    const struct mcpp_verifier *verifier;
};

/* Whether the caller holds all facts of the set. */
bool caller_holds(const struct caller *caller, const uint64_t *set, uint32_t fact_words);

#endif

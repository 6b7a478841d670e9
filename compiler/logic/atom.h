/*
 * The atoms of a policy: the indivisible conditions that its rules, roles and needs are made of,
 * each once and numbered. What is known of a caller comes first (its facts), then tests of
 * arguments. The number of an atom is its variable in diagrams.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOGIC_ATOM_H
#define LOGIC_ATOM_H

#include "compiler/policy/check.h"

enum atom_kind {
    ATOM_TOKEN, /* number 0 */
    ATOM_SCOPE, /* number 1 and on, in the policy's order; then the roles */
    ATOM_ROLE,
    ATOM_VERIFIER,  /* those that a condition names */
    ATOM_TRANSPORT, /* likewise */
    ATOM_CLAIM,     /* a test of a claim against literals */
    ATOM_ARGUMENT,  /* a test of an argument against literals or a claim */
};

enum { ATOM_OF_TOKEN = 0, ATOM_FIRST_SCOPE = 1 };

struct atom {
    enum atom_kind kind;
    uint32_t index; /* of the scope, role or verifier */
    const struct condition
        *test; /* where the policy first asks it; NULL for scopes, roles, token */
};

struct atoms {
    const struct atom *at;
    uint32_t count, fact_count; /* facts are below fact_count */
    uint32_t role_first;
    const struct policy *policy;
    struct map tests; /* what a test says -> struct atom */
};

void atoms_collect(const struct policy *policy, struct arena *arena, struct atoms *out);

/* The atom of a condition that is one. A `!=` has the atom of its `==`. */
uint32_t atoms_find(const struct atoms *atoms, const struct condition *condition);

static inline uint32_t atoms_of_scope(uint32_t scope)
{
    return ATOM_FIRST_SCOPE + scope;
}

static inline uint32_t atoms_of_role(const struct atoms *atoms, uint32_t role)
{
    return atoms->role_first + role;
}

/* As the policy writes it: `claim "tenant" == "a"`. */
struct str atom_text(const struct atoms *atoms, uint32_t atom, struct arena *arena);

#endif

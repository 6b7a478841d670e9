/*
 * Signature algorithms by their names in tokens (RFC 7518, RFC 8037, RFC 9864).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_ALGORITHM_H
#define POLICY_ALGORITHM_H

#include <stdint.h>

#include "compiler/base/str.h"

/* Bits, in the order of enum mcpp_algorithm. */
enum verifier_algorithm {
    ALGORITHM_RS256 = 1 << 0,
    ALGORITHM_ES256 = 1 << 1,
    ALGORITHM_COUNT = 15,
    ALGORITHMS_SECRET = 7 << 12, /* HS256, HS384, HS512: with a secret, not with public keys */
    ALGORITHM_HS256 = 1 << 12,
};

/* ALGORITHM_COUNT names; the i-th belongs to the bit 1 << i. */
extern const struct str algorithm_names[];

/* The bit of this name, 0: none. */
uint32_t algorithm_named(struct str name);

/* All of the set with `joint` between them. */
void algorithm_add_names(uint32_t algorithms, const char *joint, struct str_builder *out);

#endif

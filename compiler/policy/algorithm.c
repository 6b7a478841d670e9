/*
 * Names of algorithms.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/algorithm.h"

const struct str algorithm_names[ALGORITHM_COUNT] = {
    STR_INIT("RS256"),   STR_INIT("ES256"), STR_INIT("RS384"), STR_INIT("RS512"), STR_INIT("PS256"),
    STR_INIT("PS384"),   STR_INIT("PS512"), STR_INIT("ES384"), STR_INIT("ES512"), STR_INIT("EdDSA"),
    STR_INIT("Ed25519"), STR_INIT("Ed448"), STR_INIT("HS256"), STR_INIT("HS384"), STR_INIT("HS512"),
};

uint32_t algorithm_named(struct str name)
{
    for (uint32_t i = 0; i < ALGORITHM_COUNT; i++)
        if (str_equal(name, algorithm_names[i]))
            return UINT32_C(1) << i;
    return 0;
}

void algorithm_add_names(uint32_t algorithms, const char *joint, struct str_builder *out)
{
    bool is_first = true;
    for (uint32_t i = 0; i < ALGORITHM_COUNT; i++) {
        if (!(algorithms >> i & 1))
            continue;
        str_add_text(out, is_first ? "" : joint);
        str_add(out, algorithm_names[i]);
        is_first = false;
    }
}

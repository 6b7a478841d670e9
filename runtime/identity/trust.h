/*
 * The secrets of verifiers: what they check HMAC signatures with, and who they are to an
 * introspection endpoint. Read once at start, the same for all workers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_TRUST_H
#define IDENTITY_TRUST_H

#include <openssl/evp.h>

#include "runtime/memory/locked.h"

struct verifier_secrets {
    struct locked hmac, client_id, client_secret;
    EVP_PKEY *key; /* signs for MCPP_CLIENT_JWT */
};

struct trust {
    uint32_t count;
    struct verifier_secrets of[]; /* of the policy's verifiers, in their order */
};

/* NULL: the reason is logged, with the policy's line. An environment variable is wiped. */
struct trust *trust_open(const struct mcpp_policy *policy);
void trust_close(struct trust *trust); /* NULL is fine */

#endif

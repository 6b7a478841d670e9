/*
 * What is known of a token that was verified: who its caller is, until when, and what proves that
 * the caller may use it. Nothing here depends on a tool: the policy is asked again for each call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_KNOWN_TOKEN_H
#define IDENTITY_KNOWN_TOKEN_H

#include "runtime/identity/caller.h"
#include "runtime/memory/pool.h"

enum { THUMBPRINT = 32 }; /* bytes of SHA-256 */

/* What a token is bound to (RFC 7800 `cnf`). */
struct binding {
    uint32_t kinds;                /* of MCPP_BOUND_*; 0: a bearer token */
    unsigned char key[THUMBPRINT]; /* MCPP_BOUND_DPOP: of the caller's JWK (RFC 9449, 6.1) */
    unsigned char certificate[THUMBPRINT]; /* MCPP_BOUND_MTLS (RFC 8705, section 3.1) */
};

struct known_token {
    struct caller caller;
    struct binding binding;
    int64_t expires_ms;  /* since 1970; from then on it is not good any more */
    uint32_t verifier;   /* of those that identity has */
    uint64_t generation; /* of the keys that it was verified with */
};

/* A caller in one piece of memory, so that it can be copied and moved with it. */
size_t known_caller_size(const struct mcpp_policy *policy, const struct caller *caller);
/* Writes that many bytes to `memory`, aligned for any type, and gives the caller there. */
struct caller known_caller_write(const struct mcpp_policy *policy, const struct caller *caller,
                                 char *memory);
/* The same for one that was written: a single copy. `at` and `size` are where and how much. */
struct caller known_caller_move(const struct mcpp_policy *policy, const struct caller *caller,
                                const char *at, size_t size, char *memory);

#endif

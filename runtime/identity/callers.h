/*
 * The callers that no token makes: nobody, and the local operator. The same for the whole life of
 * the server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_CALLERS_H
#define IDENTITY_CALLERS_H

#include "runtime/identity/caller.h"
#include "runtime/options.h"

struct callers {
    struct caller nobody, operator_caller;
    struct pool *pool; /* of their facts and claims */
};

/* NULL: out of memory. The options say the transport, and what the operator is narrowed to. */
struct callers *callers_open(const struct mcpp_policy *policy, const struct options *options);
void callers_close(struct callers *callers); /* NULL is fine */

/* Who sends messages that no token has spoken for yet. */
const struct caller *callers_default(const struct callers *callers, const struct options *options);

#endif

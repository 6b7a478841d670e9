/*
 * Callers without tokens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/callers.h"

#include <stdlib.h>

#include "runtime/decide/facts.h"

struct callers *callers_open(const struct mcpp_policy *policy, const struct options *options)
{
    const char *transport = options->transport == TRANSPORT_HTTP ? "http" : "stdio";
    struct callers *callers = calloc(1, sizeof *callers);
    struct fact_index index = {0};
    bool done = false;
    if (callers)
        callers->pool = pool_open(SIZE_MAX / 2);
    if (callers && callers->pool && fact_index_open(&index, policy, transport))
        done = facts_of_nobody(&index, callers->pool, &callers->nobody) &&
               facts_of_operator(&index, options->narrowed ? options->narrowed : policy->narrowed,
                                 callers->pool, &callers->operator_caller);
    fact_index_close(&index);
    if (done)
        return callers;
    callers_close(callers);
    return NULL;
}

void callers_close(struct callers *callers)
{
    if (!callers)
        return;
    if (callers->pool)
        pool_close(callers->pool);
    free(callers);
}

const struct caller *callers_default(const struct callers *callers, const struct options *options)
{
    return options->validate_tokens ? &callers->nobody : &callers->operator_caller;
}

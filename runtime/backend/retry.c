/*
 * Retries and their budget, counted in tenths of a retry.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/retry.h"

#include <stdlib.h>
#include <sys/random.h>

enum { TENTHS = 10 };

struct retry_budget {
    uint32_t tenths;
};

struct retry_budget *retry_budget_open(void)
{
    struct retry_budget *budget = calloc(1, sizeof *budget);
    if (budget)
        budget->tenths = RETRY_BUDGET_BURST * TENTHS;
    return budget;
}

void retry_budget_close(struct retry_budget *budget)
{
    free(budget);
}

void retry_budget_add(struct retry_budget *budget)
{
    if (budget->tenths < RETRY_BUDGET_BURST * TENTHS)
        budget->tenths++;
}

uint32_t retry_delay(struct retry_budget *budget, const struct upstream_request *request,
                     const struct upstream_response *response, uint32_t retry)
{
    uint32_t chance = 0;
    if (!response->is_transient || !upstream_is_idempotent(request->method) ||
        retry > RETRIES_MAX || budget->tenths < TENTHS)
        return 0;
    budget->tenths -= TENTHS;
    uint32_t delay = (uint32_t)RETRY_MS << (retry - 1);
    (void)!getrandom(&chance, sizeof chance, GRND_NONBLOCK);
    return delay / 2 + chance % delay + 1;
}

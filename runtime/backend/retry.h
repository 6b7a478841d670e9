/*
 * Whether and when a request that found no connection is sent again: only what may be done twice,
 * a few times, later each time and by chance, and never so often that it adds to the trouble.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_RETRY_H
#define BACKEND_RETRY_H

#include "runtime/upstream/upstream.h"

enum {
    RETRIES_MAX = 2,        /* of one call */
    RETRY_MS = 100,         /* before the first, about; doubled for each further one */
    RETRY_BUDGET_BURST = 10 /* retries of a worker at once; a tenth of all calls in the long run */
};

struct retry_budget;

struct retry_budget *retry_budget_open(void); /* NULL: out of memory */
void retry_budget_close(struct retry_budget *budget);
void retry_budget_add(struct retry_budget *budget); /* a call begins */

/* The milliseconds to wait before attempt number `retry` (from 1); 0: none is made. */
uint32_t retry_delay(struct retry_budget *budget, const struct upstream_request *request,
                     const struct upstream_response *response, uint32_t retry);

#endif

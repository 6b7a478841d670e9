/*
 * What the workers of a server count together. The only things that more than one of them writes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_SHARED_H
#define RUNTIME_SHARED_H

#include <stdatomic.h>
#include <stdint.h>

#include "runtime/memory/budget.h"

struct shared {
    struct budget memory;    /* of requests: limit-memory-bytes */
    atomic_uint connections; /* open ones */
    atomic_bool is_stopping; /* told to stop: not ready for new callers */
};

#endif

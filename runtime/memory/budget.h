/*
 * A number of bytes that many may take from together, from any thread. What is taken is accounted
 * for, not allocated.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MEMORY_BUDGET_H
#define MEMORY_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct budget {
    atomic_size_t used;
    size_t limit; /* 0: there is none */
};

/* False: it would be more than the limit, and nothing is taken. NULL is a budget without limit. */
static inline bool budget_take(struct budget *budget, size_t size)
{
    if (!budget)
        return true;
    size_t used = atomic_fetch_add_explicit(&budget->used, size, memory_order_relaxed);
    if (!budget->limit || (used <= budget->limit && size <= budget->limit - used))
        return true;
    atomic_fetch_sub_explicit(&budget->used, size, memory_order_relaxed);
    return false;
}

static inline void budget_give(struct budget *budget, size_t size)
{
    if (budget)
        atomic_fetch_sub_explicit(&budget->used, size, memory_order_relaxed);
}

static inline size_t budget_used(const struct budget *budget)
{
    return atomic_load_explicit(&budget->used, memory_order_relaxed);
}

#endif

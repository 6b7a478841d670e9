/*
 * Milliseconds of the clock that only goes forward: for lifetimes, deadlines and pauses. The
 * calendar, which can be set, is for what tokens claim.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_CLOCK_H
#define RUNTIME_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_read_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static inline uint64_t clock_ms(void)
{
    return clock_read_ms(CLOCK_MONOTONIC);
}

/* As exact as the kernel's tick, and cheap: for what is looked at for each request. */
static inline uint64_t clock_coarse_ms(void)
{
    return clock_read_ms(CLOCK_MONOTONIC_COARSE);
}

#endif

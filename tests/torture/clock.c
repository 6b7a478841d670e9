/*
 * A library to be preloaded: clocks go wrong by as many seconds as a file in memory says
 * (TORTURE_CLOCK), the calendar's by its first number, the one that only goes forward by its
 * second.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_long *offsets_s;

__attribute__((constructor)) static void open_clock(void)
{
    const char *name = getenv("TORTURE_CLOCK");
    int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
    void *found =
        fd < 0 ? MAP_FAILED : mmap(NULL, 2 * sizeof *offsets_s, PROT_READ, MAP_SHARED, fd, 0);
    offsets_s = found == MAP_FAILED ? NULL : found;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int status = (int)syscall(SYS_clock_gettime, clock, out);
    if (status != 0 || !offsets_s)
        return status;
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
        out->tv_sec += atomic_load(&offsets_s[0]);
    else if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE)
        out->tv_sec += atomic_load(&offsets_s[1]);
    return status;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

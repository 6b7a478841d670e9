/*
 * Lines of the audit log.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/observe/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "runtime/observe/log.h"

static atomic_int audit_level_shown = AUDIT_OFF;
static atomic_int audit_file = STDERR_FILENO;
static const char *audit_name; /* set before the workers start; NULL: standard error */

/* The descriptor stays the same, so that a line under way goes to the one file or the other. */
static bool open_file(const char *name)
{
    int fd = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    int current = atomic_load(&audit_file);
    if (fd < 0) {
        log_error("audit-file %s: %s", name, strerror(errno));
        return false;
    }
    if (current == STDERR_FILENO) {
        atomic_store(&audit_file, fd);
        return true;
    }
    bool done = dup3(fd, current, O_CLOEXEC) >= 0;
    close(fd);
    return done;
}

bool audit_open(enum audit_level level, const char *file)
{
    atomic_store(&audit_level_shown, (int)level);
    audit_name = level == AUDIT_OFF ? NULL : file;
    return !audit_name || open_file(audit_name);
}

void audit_reopen(void)
{
    if (audit_name)
        open_file(audit_name);
}

bool audit_wants(bool is_denial)
{
    int level = atomic_load_explicit(&audit_level_shown, memory_order_relaxed);
    return level == AUDIT_ALL || (is_denial && level == AUDIT_DENIALS);
}

void audit_write(struct slice members)
{
    char head[64];
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t size = strftime(head, sizeof head, "{\"time\":\"%Y-%m-%dT%H:%M:%S", &parts);
    size += (size_t)snprintf(head + size, sizeof head - size, ".%03dZ\",",
                             (int)(now.tv_nsec / 1000000 % 1000));
    struct iovec pieces[] = {
        {head, size}, {(void *)(uintptr_t)members.at, members.len}, {(void *)(uintptr_t)"}\n", 2}};
    /* a log that cannot be written has nowhere to be told */
    ssize_t written = writev(atomic_load(&audit_file), pieces, 3);
    (void)written;
}

/*
 * Atomic output files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/base/source.h"

struct str file_folder(struct str path)
{
    while (path.len && path.at[path.len - 1] != '/')
        path.len--;
    return path;
}

static bool write_all(int fd, struct str text)
{
    while (text.len) {
        ssize_t wrote = write(fd, text.at, text.len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        text = str_from(text, (size_t)wrote);
    }
    return true;
}

static bool holds_already(struct arena *arena, const char *name, struct str text)
{
    const char *error;
    struct stat status;
    if (stat(name, &status) != 0 || !S_ISREG(status.st_mode) || (size_t)status.st_size != text.len)
        return false;
    struct source *old = source_read(arena, name, &error);
    return old && str_equal(old->text, text);
}

bool file_write(struct arena *arena, const char *name, struct str text, unsigned mode,
                const char **error)
{
    struct stat status;
    *error = NULL;
    if (strcmp(name, "-") == 0) {
        if (!write_all(STDOUT_FILENO, text))
            *error = strerror(errno);
        return !*error;
    }
    if (holds_already(arena, name, text))
        return true;
    if (stat(name, &status) == 0 && !S_ISREG(status.st_mode)) {
        /* a device or a pipe: there is nothing to rename over */
        int fd = open(name, O_WRONLY | O_CLOEXEC);
        if (fd < 0 || !write_all(fd, text))
            *error = strerror(errno);
        if (fd >= 0)
            close(fd);
        return !*error;
    }
    struct str temporary = str_format(arena, "%s.XXXXXX", name);
    char *path = (char *)(uintptr_t)temporary.at;
    int fd = mkstemp(path);
    if (fd < 0) {
        *error = strerror(errno);
        return false;
    }
    mode_t mask = umask(0);
    umask(mask);
    bool done = write_all(fd, text) && fchmod(fd, (mode_t)mode & ~mask) == 0;
    if (close(fd) != 0 || !done || rename(path, name) != 0) {
        *error = strerror(errno);
        unlink(path);
    }
    return !*error;
}

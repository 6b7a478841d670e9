/*
 * Locked memory, and secrets from the environment and from files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/memory/locked.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Locking can be refused by a small RLIMIT_MEMLOCK: better unlocked than not running. */
bool locked_open(struct locked *out, size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return false;
    (void)mlock(at, size);
    (void)madvise(at, size, MADV_DONTDUMP);
    *out = (struct locked){at, size, 0};
    return true;
}

void locked_close(struct locked *locked)
{
    if (locked->at) {
        explicit_bzero(locked->at, locked->size);
        munmap(locked->at, locked->size);
    }
    *locked = (struct locked){0};
}

void locked_add(struct locked *out, struct slice bytes)
{
    if (bytes.len)
        memcpy(out->at + out->len, bytes.at, bytes.len);
    out->len += bytes.len;
}

struct slice locked_slice(const struct locked *locked)
{
    return (struct slice){locked->at, locked->len};
}

static enum secret_reading read_file(const char *path, struct locked *out, const char **reason)
{
    ssize_t got = 1;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    *reason = NULL;
    if (file < 0) {
        *reason = strerror(errno);
    } else {
        while (out->len < SECRET_BYTES_MAX && got > 0) {
            got = read(file, out->at + out->len, SECRET_BYTES_MAX - out->len);
            out->len += got > 0 ? (size_t)got : 0;
        }
        if (got < 0)
            *reason = strerror(errno);
        else if (got > 0)
            *reason = "too large for a secret";
        close(file);
    }
    return *reason ? SECRET_FAILED : SECRET_READ;
}

static enum secret_reading read_environment(const char *name, struct locked *out,
                                            const char **reason)
{
    const char *value = getenv(name);
    if (!value || !*value)
        return SECRET_ABSENT;
    if (strlen(value) > SECRET_BYTES_MAX) {
        *reason = "too large for a secret";
        return SECRET_FAILED;
    }
    locked_add(out, slice_of(value));
    return SECRET_READ;
}

/* Files end in a line end that is not meant. */
static void trim_line_end(struct locked *secret)
{
    while (secret->len && strchr("\r\n", secret->at[secret->len - 1]))
        secret->len--;
}

enum secret_reading secret_read(const struct mcpp_secret *secret, struct locked *out,
                                const char **reason)
{
    struct locked found;
    enum secret_reading reading;
    if (!locked_open(&found, SECRET_BYTES_MAX + 1)) {
        *reason = "out of memory";
        return SECRET_FAILED;
    }
    if (secret->kind == MCPP_SECRET_FILE)
        reading = read_file(secret->name, &found, reason);
    else
        reading = read_environment(secret->name, &found, reason);
    trim_line_end(&found);
    if (reading == SECRET_READ && !locked_open(out, found.len + 1)) {
        *reason = "out of memory";
        reading = SECRET_FAILED;
    }
    if (reading == SECRET_READ)
        locked_add(out, locked_slice(&found));
    locked_close(&found);
    return reading;
}

void secret_forget(const struct mcpp_secret *secret)
{
    char *value =
        secret_is_named(secret) && secret->kind == MCPP_SECRET_ENV ? getenv(secret->name) : NULL;
    if (!value)
        return;
    explicit_bzero(value, strlen(value));
    unsetenv(secret->name);
}

bool secret_is_named(const struct mcpp_secret *secret)
{
    return secret->name && secret->name[0];
}

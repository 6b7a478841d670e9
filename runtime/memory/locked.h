/*
 * Memory for secrets that live as long as the server: locked, out of core dumps, wiped when closed;
 * and reading secrets into it from where a policy says they are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MEMORY_LOCKED_H
#define MEMORY_LOCKED_H

#include <mcpp/policy.h>

#include "runtime/memory/slice.h"

enum { SECRET_BYTES_MAX = 65536 };

/* Starts as {0}. */
struct locked {
    char *at;
    size_t size; /* of the mapping */
    size_t len;
};

bool locked_open(struct locked *out, size_t size); /* false: out of memory */
void locked_close(struct locked *locked);          /* wipes; {0} again */
void locked_add(struct locked *out, struct slice bytes);
struct slice locked_slice(const struct locked *locked);

enum secret_reading { SECRET_READ, SECRET_ABSENT, SECRET_FAILED };

/* Reads a secret, without the line end that files have. SECRET_ABSENT: an environment variable that
 * is not set or empty. SECRET_FAILED with the reason, a text that stays, when it cannot be used:
 * the file cannot be read, is too large, or memory runs out. */
enum secret_reading secret_read(const struct mcpp_secret *secret, struct locked *out,
                                const char **reason);

/* Wipes the environment variable, so that neither a child process nor /proc shows it. */
void secret_forget(const struct mcpp_secret *secret);

/* Whether the policy names one. */
bool secret_is_named(const struct mcpp_secret *secret);

#endif

/*
 * The password of the Redis that counts: from the environment variable MCPP_REDIS_PASSWORD, or from
 * the file that MCPP_REDIS_PASSWORD_FILE names. Never from the options: every process could read
 * it there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef QUOTA_REDIS_PASSWORD_H
#define QUOTA_REDIS_PASSWORD_H

#include <stdbool.h>

#include "runtime/memory/locked.h"

/* Stays {0} when there is none; else a NUL follows it. False and a logged reason. The environment
 * no longer has it afterwards. */
bool redis_password_take(struct locked *out);

#endif

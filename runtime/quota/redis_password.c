/*
 * Reading the password.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/quota/redis_password.h"

#include <stdlib.h>

#include "runtime/observe/log.h"

#define VARIABLE "MCPP_REDIS_PASSWORD"

bool redis_password_take(struct locked *out)
{
    const struct mcpp_secret variable = {MCPP_SECRET_ENV, VARIABLE};
    const struct mcpp_secret file = {MCPP_SECRET_FILE, getenv(VARIABLE "_FILE")};
    const char *reason = NULL;
    enum secret_reading found = secret_read(&variable, out, &reason);
    secret_forget(&variable);
    bool is_in_file = found == SECRET_ABSENT && secret_is_named(&file);
    if (is_in_file)
        found = secret_read(&file, out, &reason);
    if (found == SECRET_READ && out->len == 0)
        reason = "it is empty";
    if (reason)
        log_error("%s%s: %s", is_in_file ? VARIABLE "_FILE " : VARIABLE,
                  is_in_file ? file.name : "", reason);
    return !reason;
}

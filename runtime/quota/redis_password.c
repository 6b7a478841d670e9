/*
 * Reading the password.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/quota/redis_password.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/memory/secret.h"
#include "runtime/observe/log.h"

#define VARIABLE "MCPP_REDIS_PASSWORD"

enum { PASSWORD_MAX = 1024 };

/* Its first line. */
static bool read_file(const char *name, char **out)
{
    char text[PASSWORD_MAX];
    FILE *file = fopen(name, "re");
    if (!file) {
        log_error(VARIABLE "_FILE %s: %s", name, strerror(errno));
        return false;
    }
    setvbuf(file, NULL, _IONBF, 0); /* no copy that would stay */
    size_t size = fread(text, 1, sizeof text, file), length = 0;
    fclose(file);
    while (length < size && text[length] && text[length] != '\n' && text[length] != '\r')
        length++;
    bool is_fine = length > 0 && length < sizeof text;
    if (is_fine)
        *out = secret_copy((struct slice){text, length});
    secret_wipe(text, sizeof text);
    if (!is_fine)
        log_error(VARIABLE "_FILE %s: %s", name,
                  length ? "the password is too long" : "it is empty");
    else if (!*out)
        log_error("out of memory at start");
    return *out != NULL;
}

bool redis_password_take(char **out)
{
    char *found = getenv(VARIABLE);
    const char *file = getenv(VARIABLE "_FILE");
    *out = NULL;
    if (!found)
        return !file || read_file(file, out);
    *out = secret_copy(slice_of(found));
    secret_wipe(found, strlen(found));
    unsetenv(VARIABLE);
    if (!*out)
        log_error("out of memory at start");
    return *out != NULL;
}

/*
 * Wiping and comparing secrets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/memory/secret.h"

#include <openssl/crypto.h>
#include <stdlib.h>

void secret_wipe(void *bytes, size_t size)
{
    if (size)
        OPENSSL_cleanse(bytes, size);
}

char *secret_copy(struct slice secret)
{
    char *copy = malloc(secret.len + 1);
    if (!copy)
        return NULL;
    if (secret.len)
        memcpy(copy, secret.at, secret.len);
    copy[secret.len] = '\0';
    return copy;
}

void secret_free(char *secret, size_t size)
{
    if (!secret)
        return;
    secret_wipe(secret, size + 1);
    free(secret);
}

bool secret_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.at, b.at, a.len) == 0);
}

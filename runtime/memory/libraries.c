/*
 * OpenSSL's functions have two parameters more, the place of the caller.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/memory/libraries.h"

#include <event2/event.h>
#include <openssl/crypto.h>

#include "runtime/memory/reserve.h"

static void *crypto_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return reserve_malloc(size);
}

static void *crypto_realloc(void *old, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return reserve_realloc(old, size);
}

static void crypto_free(void *piece, const char *file, int line)
{
    (void)file;
    (void)line;
    reserve_free(piece);
}

void libraries_share_reserve(void)
{
    event_set_mem_functions(reserve_malloc, reserve_realloc, reserve_free);
    (void)CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
}

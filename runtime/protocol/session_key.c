/*
 * Reading the secret.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/session_key.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "runtime/memory/secret.h"
#include "runtime/observe/log.h"

enum { SECRET_MAX = 4096 };

static size_t read_variable(const char *name, char secret[static SECRET_MAX])
{
    char *value = getenv(name);
    size_t size = value ? strnlen(value, SECRET_MAX + 1) : 0;
    if (!size || size > SECRET_MAX) {
        log_error("session-key: environment variable %s is %s", name,
                  size ? "too long" : "not set");
        return 0;
    }
    memcpy(secret, value, size);
    secret_wipe(value, size);
    return size;
}

static size_t read_file(const char *name, char secret[static SECRET_MAX])
{
    FILE *file = fopen(name, "re");
    if (!file) {
        log_error("session-key: file %s: %s", name, strerror(errno));
        return 0;
    }
    setvbuf(file, NULL, _IONBF, 0); /* no copy that would stay */
    size_t size = fread(secret, 1, SECRET_MAX, file);
    fclose(file);
    while (size && (secret[size - 1] == '\n' || secret[size - 1] == '\r'))
        size--;
    return size;
}

/* What the secret is used for is in the digest, so that nothing else made from it is the same. */
static bool derive(const char *secret, size_t size, uint8_t *out)
{
    static const char purpose[] = "mcpp session key 1";
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool done = digest && EVP_DigestInit_ex(digest, EVP_sha512(), NULL) &&
                EVP_DigestUpdate(digest, purpose, sizeof purpose) &&
                EVP_DigestUpdate(digest, secret, size) && EVP_DigestFinal_ex(digest, out, NULL);
    EVP_MD_CTX_free(digest);
    return done;
}

bool session_key_make(const char *source, uint8_t out[static SEAL_KEY])
{
    char secret[SECRET_MAX];
    if (!source) {
        if (getrandom(out, SEAL_KEY, 0) == SEAL_KEY)
            return true;
        log_error("no random bytes: %s", strerror(errno));
        return false;
    }
    bool is_variable = strncmp(source, "env:", 4) == 0;
    size_t size = is_variable ? read_variable(source + 4, secret) : read_file(source, secret);
    bool done = size >= SESSION_KEY_LEAST && derive(secret, size, out);
    secret_wipe(secret, sizeof secret);
    if (!done && size)
        log_error("session-key: the secret has fewer than %d bytes", SESSION_KEY_LEAST);
    else if (!done && !is_variable)
        log_error("session-key: file %s is empty", source);
    return done;
}

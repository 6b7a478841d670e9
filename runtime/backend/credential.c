/*
 * Reads the secrets once, at start. An environment variable is wiped afterwards, so that neither a
 * child process nor /proc shows it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/backend/call.h"
#include "runtime/observe/log.h"
#include "runtime/upstream/encode.h"

enum { SECRET_BYTES_MAX = 65536 };

struct locked {
    char *at;
    size_t size; /* of the mapping */
    size_t len;
};

struct credentials {
    uint32_t count;
    struct locked texts[]; /* one for each of the policy's credentials; at NULL: absent */
};

/* ---- memory for secrets ---- */

/* Locking can be refused by a small RLIMIT_MEMLOCK: better unlocked than not running. */
static bool locked_open(struct locked *out, size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return false;
    (void)mlock(at, size);
    (void)madvise(at, size, MADV_DONTDUMP);
    *out = (struct locked){at, size, 0};
    return true;
}

static void locked_close(struct locked *locked)
{
    if (!locked->at)
        return;
    explicit_bzero(locked->at, locked->size);
    munmap(locked->at, locked->size);
    locked->at = NULL;
}

static void locked_add(struct locked *out, struct slice bytes)
{
    memcpy(out->at + out->len, bytes.at, bytes.len);
    out->len += bytes.len;
}

/* ---- reading ---- */

enum reading { READING_DONE, READING_ABSENT, READING_FAILED };

static enum reading read_file(const struct mcpp_credential *credential, struct locked *out)
{
    const char *path = credential->secret.name;
    const char *reason = NULL;
    ssize_t got = 1;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) {
        reason = strerror(errno);
    } else {
        while (out->len < SECRET_BYTES_MAX && got > 0) {
            got = read(file, out->at + out->len, SECRET_BYTES_MAX - out->len);
            out->len += got > 0 ? (size_t)got : 0;
        }
        if (got < 0)
            reason = strerror(errno);
        else if (got > 0)
            reason = "too large for a secret";
        close(file);
    }
    if (!reason)
        return READING_DONE;
    log_error("%s:%u: secret file %s: %s", credential->origin.file, credential->origin.line, path,
              reason);
    return READING_FAILED;
}

static enum reading read_environment(const struct mcpp_credential *credential, struct locked *out)
{
    const char *value = getenv(credential->secret.name);
    if (!value || !*value)
        return READING_ABSENT;
    if (strlen(value) > SECRET_BYTES_MAX) {
        log_error("%s:%u: environment variable %s is too large for a secret",
                  credential->origin.file, credential->origin.line, credential->secret.name);
        return READING_FAILED;
    }
    locked_add(out, slice_of(value));
    return READING_DONE;
}

/* Files end in a line end that is not meant. */
static void trim_line_end(struct locked *secret)
{
    while (secret->len && strchr("\r\n", secret->at[secret->len - 1]))
        secret->len--;
}

/* What stands in the way of sending this secret, in words; NULL: nothing. */
static const char *fault_of(const struct mcpp_credential *credential, struct slice secret)
{
    bool has_name = credential->kind == MCPP_SEND_HEADER || credential->kind == MCPP_SEND_COOKIE;
    if (has_name && !encode_is_token(slice_of(credential->name)))
        return "the name is no header or cookie name";
    if (secret.len == 0)
        return "it is empty";
    if (!encode_is_header_value(secret) || memchr(secret.at, '\t', secret.len))
        return "it has a control character or a line end inside";
    if (credential->kind == MCPP_SEND_COOKIE && memchr(secret.at, ';', secret.len))
        return "it has a ';', which ends a cookie";
    if (credential->kind == MCPP_SEND_BASIC && !memchr(secret.at, ':', secret.len))
        return "it is not of the form user:password";
    return NULL;
}

/* ---- rendering ---- */

static void render(const struct mcpp_credential *credential, struct slice secret,
                   struct locked *out)
{
    struct slice name = slice_of(credential->name);
    switch (credential->kind) {
    case MCPP_SEND_BEARER:
        locked_add(out, SLICE("Authorization: Bearer "));
        locked_add(out, secret);
        break;
    case MCPP_SEND_BASIC:
        locked_add(out, SLICE("Authorization: Basic "));
        out->len += (size_t)EVP_EncodeBlock((unsigned char *)out->at + out->len,
                                            (const unsigned char *)secret.at, (int)secret.len);
        break;
    case MCPP_SEND_HEADER:
        locked_add(out, name);
        locked_add(out, SLICE(": "));
        locked_add(out, secret);
        break;
    case MCPP_SEND_QUERY:
        out->len += encode_uri_into(out->at + out->len, name);
        locked_add(out, SLICE("="));
        out->len += encode_uri_into(out->at + out->len, secret);
        break;
    case MCPP_SEND_COOKIE:
        locked_add(out, name);
        locked_add(out, SLICE("="));
        locked_add(out, secret);
        break;
    }
    out->at[out->len] = '\0';
}

static bool render_secret(const struct mcpp_credential *credential, struct slice secret,
                          struct locked *out)
{
    const char *fault = fault_of(credential, secret);
    if (fault) {
        log_error("%s:%u: secret %s cannot be sent: %s", credential->origin.file,
                  credential->origin.line, credential->secret.name, fault);
        return false;
    }
    size_t size = 3 * (secret.len + strlen(credential->name)) + 64;
    if (!locked_open(out, size)) {
        log_error("out of memory for secrets");
        return false;
    }
    render(credential, secret, out);
    return true;
}

/* ---- all of them ---- */

static bool is_first_with_name(const struct mcpp_policy *policy, uint32_t index)
{
    const struct mcpp_secret *wanted = &policy->credentials[index].secret;
    for (uint32_t i = 0; i < index; i++) {
        const struct mcpp_secret *secret = &policy->credentials[i].secret;
        if (secret->kind == wanted->kind && strcmp(secret->name, wanted->name) == 0)
            return false;
    }
    return true;
}

static bool open_one(const struct mcpp_policy *policy, uint32_t index, struct locked *scratch,
                     struct locked *out)
{
    const struct mcpp_credential *credential = &policy->credentials[index];
    scratch->len = 0;
    enum reading reading = credential->secret.kind == MCPP_SECRET_FILE
                               ? read_file(credential, scratch)
                               : read_environment(credential, scratch);
    if (reading == READING_ABSENT && is_first_with_name(policy, index))
        log_warning("environment variable %s is not set: requests to the backend go without it",
                    credential->secret.name);
    if (reading != READING_DONE)
        return reading == READING_ABSENT;
    trim_line_end(scratch);
    return render_secret(credential, (struct slice){scratch->at, scratch->len}, out);
}

static void wipe_environment(const struct mcpp_policy *policy)
{
    for (uint32_t i = 0; i < policy->credential_count; i++) {
        const struct mcpp_secret *secret = &policy->credentials[i].secret;
        char *value = secret->kind == MCPP_SECRET_ENV ? getenv(secret->name) : NULL;
        if (!value)
            continue;
        explicit_bzero(value, strlen(value));
        unsetenv(secret->name);
    }
}

struct credentials *credentials_open(const struct mcpp_policy *policy)
{
    struct locked scratch;
    struct credentials *credentials =
        calloc(1, sizeof *credentials + policy->credential_count * sizeof credentials->texts[0]);
    if (!credentials || !locked_open(&scratch, SECRET_BYTES_MAX + 1)) {
        log_error("out of memory for secrets");
        free(credentials);
        return NULL;
    }
    bool is_good = true;
    for (uint32_t i = 0; i < policy->credential_count; i++)
        is_good = open_one(policy, i, &scratch, &credentials->texts[i]) && is_good;
    credentials->count = policy->credential_count;
    locked_close(&scratch);
    wipe_environment(policy);
    if (is_good)
        return credentials;
    credentials_close(credentials);
    return NULL;
}

void credentials_close(struct credentials *credentials)
{
    if (!credentials)
        return;
    for (uint32_t i = 0; i < credentials->count; i++)
        locked_close(&credentials->texts[i]);
    free(credentials);
}

const char *credential_text(const struct credentials *credentials, uint32_t index)
{
    return credentials && index < credentials->count ? credentials->texts[index].at : NULL;
}

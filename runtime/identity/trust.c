/*
 * Reading the secrets of verifiers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/trust.h"

#include <stdlib.h>

#include "runtime/oauth2/assertion.h"
#include "runtime/observe/log.h"

static bool complain(const struct mcpp_verifier *verifier, const struct mcpp_secret *secret,
                     const char *reason)
{
    log_error("%s:%u: %s %s of verifier %s: %s", verifier->origin.file,
              (unsigned)verifier->origin.line,
              secret->kind == MCPP_SECRET_ENV ? "environment variable" : "file", secret->name,
              verifier->name, reason);
    return false;
}

static bool read_one(const struct mcpp_verifier *verifier, const struct mcpp_secret *secret,
                     struct locked *out)
{
    const char *reason = "";
    if (!secret_is_named(secret))
        return true;
    switch (secret_read(secret, out, &reason)) {
    case SECRET_READ:
        return out->len > 0 || complain(verifier, secret, "it is empty");
    case SECRET_ABSENT:
        return complain(verifier, secret, "it is not set");
    case SECRET_FAILED:
        break;
    }
    return complain(verifier, secret, reason);
}

static bool read_key(const struct mcpp_verifier *verifier, EVP_PKEY **out)
{
    const struct mcpp_secret *secret = &verifier->introspection.key;
    struct locked text = {0};
    const char *reason = NULL;
    bool done = read_one(verifier, secret, &text);
    if (done && text.len) {
        *out = assertion_key(locked_slice(&text), &reason);
        done = *out || complain(verifier, secret, reason);
    }
    locked_close(&text);
    return done;
}

static bool read_all(const struct mcpp_verifier *verifier, struct verifier_secrets *out)
{
    const struct mcpp_introspection *introspection = &verifier->introspection;
    return read_one(verifier, &verifier->hmac_secret, &out->hmac) &&
           read_one(verifier, &introspection->client_id, &out->client_id) &&
           read_one(verifier, &introspection->client_secret, &out->client_secret) &&
           read_key(verifier, &out->key);
}

/* Only when all are read: two verifiers may name one variable. */
static void forget(const struct mcpp_policy *policy)
{
    for (uint32_t i = 0; i < policy->verifier_count; i++) {
        const struct mcpp_verifier *verifier = &policy->verifiers[i];
        secret_forget(&verifier->hmac_secret);
        secret_forget(&verifier->introspection.client_id);
        secret_forget(&verifier->introspection.client_secret);
        secret_forget(&verifier->introspection.key);
    }
}

struct trust *trust_open(const struct mcpp_policy *policy)
{
    uint32_t count = policy->verifier_count;
    struct trust *trust = calloc(1, sizeof *trust + count * sizeof trust->of[0]);
    if (!trust) {
        log_error("out of memory at start");
        return NULL;
    }
    trust->count = count;
    for (uint32_t i = 0; i < count; i++) {
        if (read_all(&policy->verifiers[i], &trust->of[i]))
            continue;
        trust_close(trust);
        return NULL;
    }
    forget(policy);
    return trust;
}

void trust_close(struct trust *trust)
{
    if (!trust)
        return;
    for (uint32_t i = 0; i < trust->count; i++) {
        locked_close(&trust->of[i].hmac);
        locked_close(&trust->of[i].client_id);
        locked_close(&trust->of[i].client_secret);
        EVP_PKEY_free(trust->of[i].key);
    }
    free(trust);
}

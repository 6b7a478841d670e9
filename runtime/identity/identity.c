/*
 * Recognising callers. A token's own `iss` chooses among the verifiers before anything is
 * believed; each then judges it as if it were alone: algorithm, key, signature, claims.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/identity.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/decide/facts.h"
#include "runtime/identity/jwt.h"
#include "runtime/identity/jwt_claims.h"
#include "runtime/identity/key_cache.h"
#include "runtime/observe/log.h"

/* A verifier of the policy with what the options change. */
struct accepted {
    const struct mcpp_verifier *verifier;
    struct claim_rules rules;
    struct key_cache *keys; /* one of identity's */
};

struct identity {
    const struct worker *worker;
    struct accepted *accepted;
    uint32_t accepted_count;
    struct key_cache **caches; /* each once, whoever shares it */
    uint32_t cache_count;
    struct jwt_reader reader;
    struct fact_index facts;
    struct identity_wait *waits;
    struct event *wake; /* so that waiters are never called from inside a fetch */
};

/* ---- waiting ---- */

static void push_wait(struct identity_wait **list, struct identity_wait *wait)
{
    wait->next = *list;
    wait->link = list;
    if (*list)
        (*list)->link = &wait->next;
    *list = wait;
}

void identity_wait_cancel(struct identity_wait *wait)
{
    if (!wait->link)
        return;
    *wait->link = wait->next;
    if (wait->next)
        wait->next->link = wait->link;
    wait->link = NULL;
}

static void wake_soon(void *context)
{
    struct identity *identity = context;
    event_active(identity->wake, EV_TIMEOUT, 0);
}

static void wake_all(evutil_socket_t socket, short events, void *context)
{
    struct identity *identity = context;
    struct identity_wait *batch = identity->waits; /* who comes meanwhile waits for the next */
    (void)socket;
    (void)events;
    identity->waits = NULL;
    if (batch)
        batch->link = &batch;
    while (batch) {
        struct identity_wait *wait = batch;
        identity_wait_cancel(wait);
        wait->done(wait->context);
    }
}

void identity_wait(struct identity *identity, struct identity_wait *wait)
{
    push_wait(&identity->waits, wait);
    for (uint32_t i = 0; i < identity->cache_count; i++)
        if (key_cache_is_fetching(identity->caches[i]))
            return;
    wake_soon(identity);
}

/* ---- opening ---- */

static struct key_cache *find_cache(struct identity *identity, const char *jwks, const char *issuer)
{
    for (uint32_t i = 0; i < identity->cache_count; i++)
        if (key_cache_is_of(identity->caches[i], jwks, issuer))
            return identity->caches[i];
    struct key_cache *cache = key_cache_open(identity->worker, jwks, issuer, wake_soon, identity);
    if (cache)
        identity->caches[identity->cache_count++] = cache;
    return cache;
}

/* What the verifier accepts, with what the options change. */
static struct claim_rules rules_of(const struct mcpp_verifier *verifier,
                                   const struct options *options)
{
    struct claim_rules rules = {
        .issuer = slice_of(options->issuer ? options->issuer : verifier->issuer),
        .audiences = verifier->audiences,
        .audience_count = verifier->audience_count,
        .leeway_s = verifier->leeway_s,
        .is_profile_rfc9068 = verifier->is_profile_rfc9068,
    };
    if (options->audience) {
        rules.audiences = &options->audience;
        rules.audience_count = 1;
    }
    return rules;
}

static bool open_verifier(struct identity *identity, const struct mcpp_verifier *verifier)
{
    const struct options *options = &identity->worker->server->options;
    struct claim_rules rules = rules_of(verifier, options);
    /* another issuer has keys of its own */
    bool is_same = slice_is(rules.issuer, verifier->issuer);
    const char *jwks = options->jwks ? options->jwks : is_same ? verifier->jwks : "";
    if (verifier->kind != MCPP_VERIFIER_JWT || verifier->hmac_secret.name || verifier->bound) {
        log_error("verifier %s: its kind of token is not supported yet", verifier->name);
        return false;
    }
    if (!rules.issuer.len || !rules.audience_count || !verifier->algorithms) {
        log_error("verifier %s has no %s", verifier->name,
                  !rules.issuer.len       ? "issuer"
                  : !rules.audience_count ? "audience"
                                          : "algorithms");
        return false;
    }
    struct accepted *accepted = &identity->accepted[identity->accepted_count];
    *accepted = (struct accepted){
        .verifier = verifier,
        .rules = rules,
        .keys = find_cache(identity, jwks, rules.issuer.at),
    };
    identity->accepted_count += accepted->keys ? 1 : 0;
    return accepted->keys != NULL;
}

static bool open_parts(struct identity *identity)
{
    const struct mcpp_server *server = identity->worker->server;
    uint32_t count = server->policy->verifier_count;
    if (!count) {
        log_error("tokens cannot be validated: the policy has no verifier");
        return false;
    }
    identity->accepted = calloc(count, sizeof *identity->accepted);
    identity->caches = calloc(count, sizeof(struct key_cache *));
    identity->wake = event_new(identity->worker->loop, -1, 0, wake_all, identity);
    if (!identity->accepted || !identity->caches || !identity->wake ||
        !jwt_reader_open(&identity->reader, server->options.limits.token_bytes) ||
        !fact_index_open(&identity->facts, server->policy, "http")) {
        log_error("out of memory at start");
        return false;
    }
    for (uint32_t i = 0; i < count; i++)
        if (!open_verifier(identity, &server->policy->verifiers[i]))
            return false;
    return true;
}

struct identity *identity_open(const struct worker *worker)
{
    struct identity *identity = calloc(1, sizeof *identity);
    if (!identity) {
        log_error("out of memory at start");
        return NULL;
    }
    identity->worker = worker;
    if (open_parts(identity))
        return identity;
    identity_close(identity);
    return NULL;
}

void identity_close(struct identity *identity)
{
    if (!identity)
        return;
    for (uint32_t i = 0; i < identity->cache_count; i++)
        key_cache_close(identity->caches[i]);
    while (identity->waits)
        identity_wait_cancel(identity->waits);
    if (identity->wake)
        event_free(identity->wake);
    fact_index_close(&identity->facts);
    jwt_reader_close(&identity->reader);
    free(identity->caches);
    free(identity->accepted);
    free(identity);
}

bool identity_is_ready(const struct identity *identity)
{
    for (uint32_t i = 0; i < identity->cache_count; i++)
        if (key_cache_keys(identity->caches[i]))
            return true;
    return identity->cache_count == 0;
}

/* ---- judging ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now); /* claims are about the calendar */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum identity_outcome refuse(const char **cause, const char *text)
{
    *cause = text;
    return IDENTITY_INVALID;
}

/* IDENTITY_VALID: *key is the one to check the signature with. */
static enum identity_outcome choose_key(const struct accepted *accepted, const struct jwt *jwt,
                                        struct jws_key **key, const char **cause)
{
    const struct jwks *jwks = key_cache_keys(accepted->keys);
    if (!jwks)
        return key_cache_is_fetching(accepted->keys) ? IDENTITY_PENDING : IDENTITY_UNAVAILABLE;
    switch (jwks_choose(jwks, jwt->algorithm, jwt->header, jwt->kid, key)) {
    case JWKS_FOUND:
        return IDENTITY_VALID;
    case JWKS_UNKNOWN:
        if (key_cache_refresh(accepted->keys))
            return IDENTITY_PENDING;
        return refuse(cause, "no such key");
    case JWKS_AMBIGUOUS:
        break;
    }
    return refuse(cause, "no kid, and several keys would do");
}

static enum identity_outcome judge(const struct accepted *accepted, const struct jwt *jwt,
                                   const char **cause)
{
    struct jws_key *key = NULL;
    if (!(jwt->algorithm & accepted->verifier->algorithms))
        return refuse(cause, "algorithm is not accepted");
    if (accepted->rules.is_profile_rfc9068 && !jwt->is_at_jwt)
        return refuse(cause, "typ is not at+jwt");
    enum identity_outcome outcome = choose_key(accepted, jwt, &key, cause);
    if (outcome != IDENTITY_VALID)
        return outcome;
    if (!jws_verify(key, jwt->algorithm, jwt->signed_text, jwt->signature))
        return refuse(cause, "signature is wrong");
    const char *fault = claims_check(jwt->claims, &accepted->rules, now_ms());
    return fault ? refuse(cause, fault) : IDENTITY_VALID;
}

static bool describe(const struct identity *identity, const struct accepted *accepted,
                     const struct json_text *claims, struct pool *pool, struct caller *out)
{
    const struct json_place place = {claims->text, claims->tape.nodes, 0};
    *out = (struct caller){.verifier = accepted->verifier};
    return claims_text(claims, "iss", pool, &out->issuer) &&
           claims_text(claims, "sub", pool, &out->subject) &&
           claims_text(claims, "client_id", pool, &out->client) &&
           (out->client.len || claims_text(claims, "azp", pool, &out->client)) &&
           facts_of_token(&identity->facts, accepted->verifier, &place, pool, out);
}

enum identity_outcome identity_check(struct identity *identity, struct slice token,
                                     struct pool *pool, struct caller *out, const char **cause)
{
    struct jwt jwt;
    enum identity_outcome outcome = IDENTITY_INVALID;
    *out = (struct caller){0};
    if (!jwt_read(&identity->reader, token, &jwt, cause))
        return IDENTITY_INVALID;
    *cause = "another issuer";
    for (uint32_t i = 0; i < identity->accepted_count; i++) {
        const struct accepted *accepted = &identity->accepted[i];
        if (!claims_have_issuer(jwt.claims, accepted->rules.issuer))
            continue;
        enum identity_outcome found = judge(accepted, &jwt, cause);
        if (found == IDENTITY_VALID) {
            if (describe(identity, accepted, jwt.claims, pool, out))
                return IDENTITY_VALID;
            *out = (struct caller){0};
            return IDENTITY_UNAVAILABLE; /* out of memory */
        }
        /* one verifier's no is no answer while another one's keys are not here */
        if (outcome == IDENTITY_INVALID || found == IDENTITY_PENDING)
            outcome = found;
    }
    return outcome;
}

/*
 * Recognising callers. A token's own `iss` chooses among the verifiers before anything is
 * believed; each then judges it as if it were alone: algorithm, key, signature, claims.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/identity.h"

#include <stdlib.h>
#include <time.h>

#include "runtime/decide/facts.h"
#include "runtime/identity/dpop.h"
#include "runtime/identity/jwt.h"
#include "runtime/identity/jwt_claims.h"
#include "runtime/identity/key_cache.h"
#include "runtime/identity/token_cache.h"
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
    struct token_cache *tokens;
    struct jwt_reader reader;
    struct fact_index facts;
    struct waker *waker;
};

/* ---- opening ---- */

static struct key_cache *find_cache(struct identity *identity, const struct key_source *source)
{
    for (uint32_t i = 0; i < identity->cache_count; i++)
        if (key_cache_is_of(identity->caches[i], source))
            return identity->caches[i];
    struct key_cache *cache = key_cache_open(identity->worker, source, identity->waker);
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
    struct key_source source = {jwks, rules.issuer.at, verifier->allows_private};
    if (verifier->kind != MCPP_VERIFIER_JWT || verifier->hmac_secret.name) {
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
        .keys = find_cache(identity, &source),
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
    identity->waker = waker_open(identity->worker->loop);
    identity->tokens = token_cache_open(server->policy, server->options.limits.token_cache_bytes,
                                        &server->token_key);
    if (!identity->accepted || !identity->caches || !identity->waker || !identity->tokens ||
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
    waker_close(identity->waker);
    token_cache_close(identity->tokens);
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

bool identity_is_asking(const struct identity *identity)
{
    for (uint32_t i = 0; i < identity->cache_count; i++)
        if (key_cache_is_fetching(identity->caches[i]))
            return true;
    return false;
}

/* ---- judging ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    /* claims are about the calendar; it is looked at for each request */
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum identity_outcome refuse(struct verdict *verdict, const char *text)
{
    verdict->cause = text;
    return IDENTITY_INVALID;
}

static enum identity_outcome wait_at(struct verdict *verdict, struct wait_list *list)
{
    verdict->waiting = list;
    return IDENTITY_PENDING;
}

/* IDENTITY_VALID: *key is the one to check the signature with. */
static enum identity_outcome choose_key(const struct accepted *accepted, const struct jwt *jwt,
                                        struct jws_key **key, struct verdict *verdict)
{
    const struct jwks *jwks = key_cache_keys(accepted->keys);
    if (!jwks)
        return key_cache_is_fetching(accepted->keys)
                   ? wait_at(verdict, key_cache_waiting(accepted->keys))
                   : IDENTITY_UNAVAILABLE;
    switch (jwks_choose(jwks, jwt->algorithm, jwt->header, jwt->kid, key)) {
    case JWKS_FOUND:
        return IDENTITY_VALID;
    case JWKS_UNKNOWN:
        if (key_cache_refresh(accepted->keys))
            return wait_at(verdict, key_cache_waiting(accepted->keys));
        return refuse(verdict, "no such key");
    case JWKS_AMBIGUOUS:
        break;
    }
    return refuse(verdict, "no kid, and several keys would do");
}

static enum identity_outcome judge(const struct accepted *accepted, const struct jwt *jwt,
                                   struct verdict *verdict)
{
    struct jws_key *key = NULL;
    if (!(jwt->algorithm & accepted->verifier->algorithms))
        return refuse(verdict, "algorithm is not accepted");
    if (accepted->rules.is_profile_rfc9068 && !jwt->is_at_jwt)
        return refuse(verdict, "typ is not at+jwt");
    enum identity_outcome outcome = choose_key(accepted, jwt, &key, verdict);
    if (outcome != IDENTITY_VALID)
        return outcome;
    if (!jws_verify(key, jwt->algorithm, jwt->signed_text, jwt->signature))
        return refuse(verdict, "signature is wrong");
    const char *fault = claims_check(jwt->claims, &accepted->rules, now_ms());
    return fault ? refuse(verdict, fault) : IDENTITY_VALID;
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

/* What is known of a token that a verifier accepts. */
static enum identity_outcome learn(const struct identity *identity, uint32_t verifier,
                                   const struct json_text *claims, struct pool *pool,
                                   struct known_token *out, struct verdict *verdict)
{
    const struct accepted *accepted = &identity->accepted[verifier];
    *out = (struct known_token){
        .verifier = verifier,
        .expires_ms = claims_end(claims, &accepted->rules),
        .generation = key_cache_generation(accepted->keys),
    };
    const char *fault = claims_binding(claims, &out->binding);
    if (fault)
        return refuse(verdict, fault);
    return describe(identity, accepted, claims, pool, &out->caller) ? IDENTITY_VALID
                                                                    : IDENTITY_UNAVAILABLE;
}

static enum identity_outcome verify(struct identity *identity, struct slice token,
                                    struct pool *pool, struct known_token *out,
                                    struct verdict *verdict)
{
    struct jwt jwt;
    enum identity_outcome outcome = IDENTITY_INVALID;
    if (jwt_read(&identity->reader, token, &jwt, &verdict->cause) != JWT_READ)
        return IDENTITY_INVALID;
    verdict->cause = "another issuer";
    for (uint32_t i = 0; i < identity->accepted_count; i++) {
        const struct accepted *accepted = &identity->accepted[i];
        if (!claims_have_issuer(jwt.claims, accepted->rules.issuer))
            continue;
        enum identity_outcome found = judge(accepted, &jwt, verdict);
        if (found == IDENTITY_VALID)
            return learn(identity, i, jwt.claims, pool, out, verdict);
        /* one verifier's no is no answer while another one's keys are not here */
        if (outcome == IDENTITY_INVALID || found == IDENTITY_PENDING)
            outcome = found;
    }
    return outcome;
}

/* ---- proof of possession ---- */

static enum identity_outcome prove_key(struct identity *identity, const struct presented *presented,
                                       const struct binding *binding, bool needs_nonce,
                                       struct verdict *verdict)
{
    const struct mcpp_server *server = identity->worker->server;
    struct dpop_request request = {
        .proof = presented->proof,
        .method = presented->method,
        .url = presented->url,
        .token = presented->token,
        .key = binding->key,
        .needs_nonce = needs_nonce,
        .now_ms = now_ms(),
    };
    if (!presented->is_dpop) /* RFC 9449, section 7.1: it must not pass for a bearer token */
        return refuse(verdict, "bound to a key, and shown as a bearer token");
    verdict->cause = "no proof of possession";
    if (!presented->proof.len)
        return IDENTITY_BAD_PROOF;
    switch (dpop_check(&identity->reader, server->replay, server->seal_key, &request,
                       &verdict->cause)) {
    case DPOP_PROVED:
        return IDENTITY_VALID;
    case DPOP_WRONG:
        return IDENTITY_BAD_PROOF;
    case DPOP_NO_NONCE:
        return IDENTITY_NO_NONCE;
    case DPOP_FULL:
        break;
    }
    return IDENTITY_UNAVAILABLE;
}

/* The caller has what its token is bound to, and the token is bound to what the verifier wants. */
static enum identity_outcome prove(struct identity *identity, const struct presented *presented,
                                   const struct known_token *known, struct verdict *verdict)
{
    uint32_t wanted = identity->accepted[known->verifier].verifier->bound;
    const struct binding *binding = &known->binding;
    bool has_key = binding->kinds & MCPP_BOUND_DPOP;
    if (wanted && !(wanted & binding->kinds))
        return refuse(verdict, "not bound as the policy wants");
    if (presented->is_dpop && !has_key)
        return refuse(verdict, "shown with a proof, and not bound to a key");
    if (binding->kinds & MCPP_BOUND_MTLS &&
        (!presented->certificate_sha256 ||
         memcmp(presented->certificate_sha256, binding->certificate, THUMBPRINT) != 0))
        return refuse(verdict, "bound to another certificate");
    return has_key ? prove_key(identity, presented, binding, wanted & MCPP_BOUND_NONCE, verdict)
                   : IDENTITY_VALID;
}

/* ---- all of it ---- */

static const struct known_token *find_known(struct identity *identity, struct slice token)
{
    const struct known_token *found = token_cache_find(identity->tokens, token, now_ms());
    if (!found)
        return NULL;
    const struct accepted *accepted = &identity->accepted[found->verifier];
    if (found->generation == key_cache_generation(accepted->keys))
        return found;
    token_cache_drop(identity->tokens, found); /* verified with keys that are no more */
    return NULL;
}

enum identity_outcome identity_check(struct identity *identity, const struct presented *presented,
                                     struct pool *pool, struct caller *out, struct verdict *verdict)
{
    struct known_token learned;
    const struct known_token *known = find_known(identity, presented->token);
    enum identity_outcome outcome = IDENTITY_VALID;
    *out = (struct caller){0};
    *verdict = (struct verdict){.cause = ""};
    if (known) {
        outcome = prove(identity, presented, known, verdict);
        if (outcome == IDENTITY_VALID && !token_cache_copy(identity->tokens, known, pool, out))
            outcome = IDENTITY_UNAVAILABLE;
        return outcome;
    }
    outcome = verify(identity, presented->token, pool, &learned, verdict);
    if (outcome != IDENTITY_VALID)
        return outcome;
    token_cache_add(identity->tokens, presented->token, &learned);
    outcome = prove(identity, presented, &learned, verdict);
    if (outcome == IDENTITY_VALID)
        *out = learned.caller;
    return outcome;
}

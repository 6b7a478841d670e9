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
#include "runtime/identity/introspector.h"
#include "runtime/identity/jwt.h"
#include "runtime/identity/jwt_claims.h"
#include "runtime/identity/key_cache.h"
#include "runtime/identity/refusal.h"
#include "runtime/identity/token_cache.h"
#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"

/* A verifier of the policy with what the options change. */
struct accepted {
    const struct mcpp_verifier *verifier;
    struct claim_rules rules;
    /* one of these */
    struct key_cache *keys; /* one of identity's */
    struct jws_key *secret;
    struct introspector *introspector;
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

static bool complain(const struct mcpp_verifier *verifier, const char *what)
{
    log_error("verifier %s %s", verifier->name, what);
    return false;
}

static bool open_keys(struct identity *identity, struct accepted *accepted)
{
    const struct options *options = &identity->worker->server->options;
    const struct mcpp_verifier *verifier = accepted->verifier;
    const char *issuer = accepted->rules.issuer.at;
    /* another issuer has keys of its own */
    bool is_same = strcmp(issuer, verifier->issuer) == 0;
    const char *jwks = options->jwks ? options->jwks : is_same ? verifier->jwks : "";
    struct key_source source = {jwks, issuer, verifier->allows_private};
    accepted->keys = find_cache(identity, &source);
    return accepted->keys != NULL;
}

static bool open_secret(struct accepted *accepted, const struct verifier_secrets *secrets)
{
    const char *cause;
    accepted->secret =
        jws_key_open_secret(locked_slice(&secrets->hmac), accepted->verifier->algorithms, &cause);
    if (!accepted->secret)
        log_error("verifier %s: the secret %s", accepted->verifier->name, cause);
    return accepted->secret != NULL;
}

static bool open_verifier(struct identity *identity, uint32_t index)
{
    const struct mcpp_server *server = identity->worker->server;
    const struct mcpp_verifier *verifier = &server->policy->verifiers[index];
    const struct verifier_secrets *secrets = &server->trust->of[index];
    struct accepted *accepted = &identity->accepted[identity->accepted_count++];
    *accepted = (struct accepted){
        .verifier = verifier,
        .rules = rules_of(verifier, &server->options),
    };
    if (verifier->kind == MCPP_VERIFIER_INTROSPECTION) {
        accepted->introspector =
            introspector_open(identity->worker, verifier, secrets, identity->waker);
        return accepted->introspector != NULL;
    }
    if (!accepted->rules.issuer.len)
        return complain(verifier, "has no issuer");
    if (!accepted->rules.audience_count)
        return complain(verifier, "has no audience");
    if (!verifier->algorithms)
        return complain(verifier, "has no algorithms");
    return secret_is_named(&verifier->hmac_secret) ? open_secret(accepted, secrets)
                                                   : open_keys(identity, accepted);
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
        if (!open_verifier(identity, i))
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
    for (uint32_t i = 0; i < identity->accepted_count; i++) {
        introspector_close(identity->accepted[i].introspector);
        jws_key_close(identity->accepted[i].secret);
    }
    waker_close(identity->waker);
    token_cache_close(identity->tokens);
    fact_index_close(&identity->facts);
    jwt_reader_close(&identity->reader);
    free(identity->caches);
    free(identity->accepted);
    free(identity);
}

/* Whether there is nobody who could judge without keys. */
static bool needs_keys(const struct identity *identity)
{
    for (uint32_t i = 0; i < identity->accepted_count; i++)
        if (!identity->accepted[i].keys)
            return false;
    return true;
}

bool identity_is_ready(const struct identity *identity)
{
    for (uint32_t i = 0; i < identity->cache_count; i++)
        if (key_cache_keys(identity->caches[i]))
            return true;
    return !needs_keys(identity);
}

bool identity_is_asking(const struct identity *identity)
{
    for (uint32_t i = 0; i < identity->cache_count; i++)
        if (key_cache_is_fetching(identity->caches[i]))
            return true;
    for (uint32_t i = 0; i < identity->accepted_count; i++)
        if (identity->accepted[i].introspector &&
            introspector_is_asking(identity->accepted[i].introspector))
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
    *key = accepted->secret;
    if (*key)
        return IDENTITY_VALID;
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

/* Of what was verified with keys that may go. */
static uint64_t generation_of(const struct accepted *accepted)
{
    return accepted->keys ? key_cache_generation(accepted->keys) : 1;
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
        .generation = generation_of(accepted),
    };
    const char *fault = claims_binding(claims, &out->binding);
    if (fault)
        return refuse(verdict, fault);
    if (!describe(identity, accepted, claims, pool, &out->caller))
        return IDENTITY_UNAVAILABLE;
    if (!out->caller.issuer.len) /* an answer need not say whose it is */
        out->caller.issuer = accepted->rules.issuer;
    return IDENTITY_VALID;
}

/* ---- asking ---- */

static enum identity_outcome take_answer(const struct identity *identity, uint32_t verifier,
                                         const struct json_text *answer, struct slice token,
                                         struct pool *pool, struct known_token *out,
                                         struct verdict *verdict)
{
    const struct accepted *accepted = &identity->accepted[verifier];
    int64_t now = now_ms();
    int64_t end = now + (int64_t)accepted->verifier->introspection.cache_s * 1000;
    const char *fault = claims_check_answer(answer, &accepted->rules, now);
    enum identity_outcome outcome =
        fault ? refuse(verdict, fault) : learn(identity, verifier, answer, pool, out, verdict);
    if (outcome == IDENTITY_INVALID)
        introspector_refuse(accepted->introspector, token, now);
    else if (out->expires_ms > end)
        out->expires_ms = end;
    return outcome;
}

static enum identity_outcome ask(const struct identity *identity, uint32_t verifier,
                                 struct slice token, struct pool *pool, struct known_token *out,
                                 struct verdict *verdict)
{
    const struct json_text *answer;
    struct wait_list *waiting;
    switch (introspector_ask(identity->accepted[verifier].introspector, token, now_ms(), &answer,
                             &waiting)) {
    case INTROSPECTION_ACTIVE:
        return take_answer(identity, verifier, answer, token, pool, out, verdict);
    case INTROSPECTION_INACTIVE:
        return refuse(verdict, "not active");
    case INTROSPECTION_PENDING:
        return wait_at(verdict, waiting);
    case INTROSPECTION_FAILED:
        break;
    }
    return IDENTITY_UNAVAILABLE;
}

/* Asks those that may know the token, in the order of the policy, until one does. `issuer` is what
 * a JWT says, to choose by; empty: it is opaque. */
static enum identity_outcome ask_all(const struct identity *identity, struct slice token,
                                     const struct jwt *jwt, struct pool *pool,
                                     struct known_token *out, struct verdict *verdict)
{
    enum identity_outcome outcome = IDENTITY_INVALID;
    for (uint32_t i = 0; i < identity->accepted_count; i++) {
        const struct accepted *accepted = &identity->accepted[i];
        if (!accepted->introspector || (jwt && accepted->rules.issuer.len &&
                                        !claims_have_issuer(jwt->claims, accepted->rules.issuer)))
            continue;
        enum identity_outcome found = ask(identity, i, token, pool, out, verdict);
        if (found == IDENTITY_VALID || found == IDENTITY_PENDING)
            return found;
        if (found == IDENTITY_UNAVAILABLE)
            outcome = found;
    }
    return outcome;
}

/* ---- choosing ---- */

/* The verifiers with the token's issuer. *last: the last of them; NULL: there is none. */
static enum identity_outcome verify_jwt(const struct identity *identity, const struct jwt *jwt,
                                        struct pool *pool, struct known_token *out,
                                        struct verdict *verdict, const struct accepted **last)
{
    enum identity_outcome outcome = IDENTITY_INVALID;
    *last = NULL;
    verdict->cause = "another issuer";
    for (uint32_t i = 0; i < identity->accepted_count; i++) {
        const struct accepted *accepted = &identity->accepted[i];
        if (accepted->introspector || !claims_have_issuer(jwt->claims, accepted->rules.issuer))
            continue;
        *last = accepted;
        enum identity_outcome found = judge(accepted, jwt, verdict);
        if (found == IDENTITY_VALID)
            return learn(identity, i, jwt->claims, pool, out, verdict);
        /* one verifier's no is no answer while another one's keys are not here */
        if (outcome == IDENTITY_INVALID || found == IDENTITY_PENDING)
            outcome = found;
    }
    return outcome;
}

static enum identity_outcome verify(struct identity *identity, struct slice token,
                                    struct pool *pool, struct known_token *out,
                                    struct verdict *verdict)
{
    struct jwt jwt;
    const struct accepted *last;
    switch (jwt_read(&identity->reader, token, &jwt, &verdict->cause)) {
    case JWT_REFUSED:
        return IDENTITY_INVALID;
    case JWT_OPAQUE:
        return ask_all(identity, token, NULL, pool, out, verdict);
    case JWT_READ:
        break;
    }
    enum identity_outcome outcome = verify_jwt(identity, &jwt, pool, out, verdict, &last);
    if (!last) /* whoever signs with keys that we have is not asked about what these do not say */
        outcome = ask_all(identity, token, &jwt, pool, out, verdict);
    if (outcome == IDENTITY_INVALID)
        verdict->described = refusal_describe(&jwt, last ? last->verifier->name : NULL,
                                              last ? &last->rules : NULL, pool);
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
    if (found->generation == generation_of(accepted))
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
    metrics_count(identity->worker->metrics,
                  known ? METRIC_TOKEN_CACHE_HIT : METRIC_TOKEN_CACHE_MISS);
    if (known) {
        outcome = prove(identity, presented, known, verdict);
        if (outcome == IDENTITY_VALID && !token_cache_copy(identity->tokens, known, pool, out))
            outcome = IDENTITY_UNAVAILABLE;
        return outcome;
    }
    outcome = verify(identity, presented->token, pool, &learned, verdict);
    if (outcome != IDENTITY_VALID)
        return outcome;
    if (learned.expires_ms > now_ms())
        token_cache_add(identity->tokens, presented->token, &learned);
    outcome = prove(identity, presented, &learned, verdict);
    if (outcome != IDENTITY_VALID)
        return outcome; /* who cannot prove it is nobody */
    *out = learned.caller;
    out->expires_ms = learned.expires_ms;
    return outcome;
}

/*
 * The cost of recognising a caller, per algorithm: OpenSSL's own check on a kept context, ours, the
 * whole validation of a token, and a token that is known. Prints microseconds and ratios; each
 * figure and its reference are measured in turn, round by round.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/decide/facts.h"
#include "runtime/identity/jwks.h"
#include "runtime/identity/jws_key.h"
#include "runtime/identity/jwt.h"
#include "runtime/identity/jwt_claims.h"
#include "runtime/identity/token_cache.h"
#include "tests/unit/sign.h"

enum { ROUNDS = 9, CALLS = 300, HITS = 200000, POOL = 1 << 20 };

static struct arena arena;

static double now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, by_value);
    return values[ROUNDS / 2];
}

struct subject {
    enum jwk_type type;
    const char *algorithm;
    struct slice token;
    struct jwks *jwks;
    struct jwt_reader reader;
    struct fact_index facts;
    struct pool *pool;
    struct token_cache *cache;
    struct jwt jwt;
    struct jws_key *key;
};

static const uint64_t implied[] = {1, 2};
static const struct mcpp_fact policy_facts[] = {{MCPP_FACT_TOKEN, "token", "", &implied[0], 0},
                                                {MCPP_FACT_SCOPE, "read:pets", "", &implied[1], 0}};
static const struct mcpp_policy policy = {.facts = policy_facts, .fact_count = 2, .fact_words = 1};
static const struct mcpp_verifier verifier = {
    .name = "v", .scope_claim = "scope", .roles_claim = ""};
static const char *const audiences[] = {"backend-api"};

static void prepare(struct subject *subject)
{
    const char *cause;
    struct signer signer = signer_make(subject->type, "key-2026");
    struct str header = str_format(
        &arena, "{\"alg\":\"%s\",\"typ\":\"at+jwt\",\"kid\":\"key-2026\"}", subject->algorithm);
    struct str claims =
        STR("{\"iss\":\"https://id.example/realms/main\",\"aud\":\"backend-api\","
            "\"sub\":\"248289761001\",\"client_id\":\"desktop-agent\",\"iat\":1700000000,"
            "\"exp\":9999999999,\"jti\":\"0123456789abcdef\",\"scope\":\"openid read:pets "
            "write:pets\",\"name\":\"Jane Doe\",\"email\":\"jane@example.com\","
            "\"realm_access\":{\"roles\":[\"user\",\"offline_access\"]}}");
    struct str text =
        str_format(&arena, "%.*s.%.*s", STR_ARG(jwk_base64url(&arena, header.at, header.len)),
                   STR_ARG(jwk_base64url(&arena, claims.at, claims.len)));
    struct str signature = jwk_sign(&arena, signer.key, subject->algorithm, text);
    subject->token = slice_from(str_format(&arena, "%.*s.%.*s", STR_ARG(text), STR_ARG(signature)));
    const char *jwk = signer_jwk(&arena, &signer, "\"kid\":\"key-2026\"");
    struct str set = str_format(&arena, "{\"keys\":[%s]}", jwk);
    subject->jwks = jwks_open(slice_from(set), NULL, &cause);
    subject->pool = pool_open(POOL);
    static const struct siphash_key key = {{1, 2}};
    subject->cache = token_cache_open(&policy, 4 << 20, &key);
    if (!subject->jwks || !subject->pool || !subject->cache ||
        !jwt_reader_open(&subject->reader, 8192) ||
        !fact_index_open(&subject->facts, &policy, "http") ||
        jwt_read(&subject->reader, subject->token, &subject->jwt, &cause) != JWT_READ ||
        jwks_choose(subject->jwks, subject->jwt.algorithm, subject->jwt.header, subject->jwt.kid,
                    &subject->key) != JWKS_FOUND)
        abort();
    subject->key->uses = 0;
    EVP_PKEY_free(signer.key);
}

/* OpenSSL alone: a digest and EVP_PKEY_verify on a context that is kept. */
static bool verify_stock(struct subject *subject)
{
    struct jws_key *key = subject->key;
    struct p256_table *table = key->table;
    key->table = NULL; /* and none is begun */
    key->uses = P256_TABLE_AFTER + 1;
    bool is_good =
        jws_verify(key, subject->jwt.algorithm, subject->jwt.signed_text, subject->jwt.signature);
    key->table = table;
    return is_good;
}

static bool verify_ours(struct subject *subject)
{
    return jws_verify(subject->key, subject->jwt.algorithm, subject->jwt.signed_text,
                      subject->jwt.signature);
}

static bool validate(struct subject *subject, struct known_token *out)
{
    static const struct claim_rules rules = {
        {"https://id.example/realms/main", 30}, audiences, 1, 60, false};
    struct jwt jwt;
    struct jws_key *key;
    const char *cause;
    pool_reset(subject->pool);
    if (jwt_read(&subject->reader, subject->token, &jwt, &cause) != JWT_READ ||
        jwks_choose(subject->jwks, jwt.algorithm, jwt.header, jwt.kid, &key) != JWKS_FOUND ||
        !jws_verify(key, jwt.algorithm, jwt.signed_text, jwt.signature) ||
        claims_check(jwt.claims, &rules, INT64_C(1800000000000)) ||
        claims_binding(jwt.claims, &out->binding))
        return false;
    const struct json_place place = {jwt.claims->text, jwt.claims->tape.nodes, 0};
    out->expires_ms = claims_end(jwt.claims, &rules);
    return claims_text(jwt.claims, "iss", subject->pool, &out->caller.issuer) &&
           claims_text(jwt.claims, "sub", subject->pool, &out->caller.subject) &&
           claims_text(jwt.claims, "client_id", subject->pool, &out->caller.client) &&
           facts_of_token(&subject->facts, &verifier, &place, subject->pool, &out->caller);
}

static bool hit(struct subject *subject)
{
    struct timespec now;
    struct caller caller;
    pool_reset(subject->pool);
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    const struct known_token *found =
        token_cache_find(subject->cache, subject->token, (int64_t)now.tv_sec * 1000);
    return found && token_cache_copy(subject->cache, found, subject->pool, &caller);
}

static void measure(struct subject *subject)
{
    double stock[ROUNDS], ours[ROUNDS], whole[ROUNDS], known[ROUNDS];
    struct known_token learned = {0};
    if (subject->type == JWK_EC) { /* the table that is made once a key is used */
        subject->key->table = p256_table_open(subject->key->point);
        p256_table_make(subject->key->table);
    }
    if (!validate(subject, &learned))
        abort();
    token_cache_add(subject->cache, subject->token, &learned);
    for (int round = 0; round < ROUNDS; round++) {
        unsigned good = 0;
        double start = now_us();
        for (int i = 0; i < CALLS; i++)
            good += verify_stock(subject);
        stock[round] = (now_us() - start) / CALLS;
        start = now_us();
        for (int i = 0; i < CALLS; i++)
            good += verify_ours(subject);
        ours[round] = (now_us() - start) / CALLS;
        start = now_us();
        for (int i = 0; i < CALLS; i++)
            good += validate(subject, &learned);
        whole[round] = (now_us() - start) / CALLS;
        start = now_us();
        for (int i = 0; i < HITS; i++)
            good += hit(subject);
        known[round] = (now_us() - start) / HITS;
        if (good != 3 * CALLS + HITS)
            abort();
    }
    double reference = median(stock);
    printf("  %-6s OpenSSL %7.2f us   verify %7.2f us (%.2fx)   whole %7.2f us (%.2fx)   "
           "known %5.1f ns\n",
           subject->algorithm, reference, median(ours), median(ours) / reference, median(whole),
           median(whole) / reference, median(known) * 1000);
}

int main(void)
{
    static struct subject subjects[] = {
        {.type = JWK_RSA, .algorithm = "RS256"},     {.type = JWK_RSA, .algorithm = "PS256"},
        {.type = JWK_RSA, .algorithm = "RS512"},     {.type = JWK_EC, .algorithm = "ES256"},
        {.type = JWK_P384, .algorithm = "ES384"},    {.type = JWK_P521, .algorithm = "ES512"},
        {.type = JWK_ED25519, .algorithm = "EdDSA"},
    };
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        prepare(&subjects[i]);
        measure(&subjects[i]);
        jwks_close(subjects[i].jwks);
        jwt_reader_close(&subjects[i].reader);
        fact_index_close(&subjects[i].facts);
        token_cache_close(subjects[i].cache);
        pool_close(subjects[i].pool);
    }
    arena_free(&arena);
    return 0;
}

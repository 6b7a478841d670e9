/*
 * Tokens, their JSON, key sets and metadata from anybody. The first byte says what the others are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "compiler/commands/jwk.h"
#include "runtime/decide/facts.h"
#include "runtime/identity/dpop.h"
#include "runtime/identity/jwks.h"
#include "runtime/identity/jwt.h"
#include "runtime/identity/jwt_claims.h"
#include "runtime/identity/key_cache.h"
#include "runtime/identity/metadata.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { TOKEN_MAX = 8192, POOL_MAX = 100000 };

/* Facts of a policy that knows nothing: the values of claims are read all the same. */
static void collect(const struct json_text *json, struct pool *pool)
{
    static const struct mcpp_claim claims[] = {{"a"}, {"a.b"}, {"x:y"}};
    static const struct mcpp_policy policy = {.claims = claims, .claim_count = 3};
    static const struct mcpp_verifier verifier = {
        .name = "v", .scope_claim = "scope", .roles_claim = "r.s"};
    const struct json_place place = {json->text, json->tape.nodes, 0};
    struct fact_index index;
    struct caller caller = {0};
    if (fact_index_open(&index, &policy, "http"))
        facts_of_token(&index, &verifier, &place, pool, &caller);
    fact_index_close(&index);
}

static void judge(struct slice token)
{
    static const char *const audiences[] = {"a"};
    static const struct claim_rules rules = {{"i", 1}, audiences, 1, 30, true};
    struct binding binding;
    struct jwt_reader reader;
    struct jwt jwt;
    const char *cause;
    if (!jwt_reader_open(&reader, TOKEN_MAX))
        return;
    if (jwt_read(&reader, token, &jwt, &cause) == JWT_READ) {
        struct pool *pool = pool_open(POOL_MAX);
        struct slice subject;
        claims_check(jwt.claims, &rules, 1800000000000);
        claims_binding(jwt.claims, &binding);
        claims_end(jwt.claims, &rules);
        collect(jwt.claims, pool);
        claims_text(jwt.claims, "sub", pool, &subject);
        if (subject.len > token.len)
            abort(); /* decoding never makes more of it */
        pool_close(pool);
    }
    jwt_reader_close(&reader);
}

/* A proof that is read, of whatever key. */
static void prove(struct slice proof)
{
    static const unsigned char key[THUMBPRINT];
    static const uint8_t seal_key[SEAL_KEY];
    struct replay *replay = replay_open();
    struct jwt_reader reader;
    struct jwt jwt;
    const char *cause;
    if (!replay || !jwt_reader_open(&reader, TOKEN_MAX))
        abort();
    struct dpop_request request = {.proof = proof,
                                   .method = SLICE("POST"),
                                   .url = SLICE("https://a/b"),
                                   .token = SLICE("t"),
                                   .key = key,
                                   .now_ms = 1800000000000};
    if (dpop_check(&reader, replay, seal_key, &request, &cause) == DPOP_PROVED)
        abort(); /* of a key whose thumbprint is zero */
    if (jwt_read_proof(&reader, proof, &jwt, &cause)) {
        unsigned char thumbprint[THUMBPRINT];
        uint32_t jwk = json_text_member_of(jwt.header, 0, "jwk", JSON_OBJECT);
        if (jwk && dpop_thumbprint(jwt.header, jwk, thumbprint))
            jws_key_close(jwks_open_key(jwt.header, jwk, &cause));
    }
    jwt_reader_close(&reader);
    replay_close(replay);
}

/* Header and claims in clear, divided by a line end, so that mutations stay well-formed. */
static void in_clear(struct slice text, void (*then)(struct slice token))
{
    struct arena arena = {0};
    const char *line = memchr(text.at, '\n', text.len);
    size_t first = line ? (size_t)(line - text.at) : text.len;
    struct str header = jwk_base64url(&arena, text.at, first);
    struct str claims = line ? jwk_base64url(&arena, line + 1, text.len - first - 1) : header;
    struct str token = str_format(&arena, "%.*s.%.*s.AAAA", STR_ARG(header), STR_ARG(claims));
    then((struct slice){token.at, token.len});
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    const char *cause;
    if (!size)
        return 0;
    char *copy = malloc(size); /* its last byte is the NUL that scanners may read */
    if (!copy)
        return 0;
    memcpy(copy, data + 1, size - 1);
    copy[size - 1] = '\0';
    struct slice text = {copy, size - 1};
    switch ((data[0] - '0') & 7) {
    case 0:
        judge(text);
        break;
    case 1:
        in_clear(text, judge);
        break;
    case 2:
        jwks_close(jwks_open(text, NULL, &cause));
        break;
    case 3:
        free(metadata_jwks_url(text, "https://i", &cause));
        break;
    case 4:
        in_clear(text, prove);
        break;
    case 5: {
        size_t half = text.len / 2;
        dpop_is_same_url((struct slice){text.at, half},
                         (struct slice){text.at + half, text.len - half});
        break;
    }
    default:
        key_cache_life(text);
        if (!metadata_url_fault(copy))
            free(metadata_url(copy, size % METADATA_PLACES));
    }
    free(copy);
    return 0;
}

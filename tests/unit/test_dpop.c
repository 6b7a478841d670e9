/*
 * Proofs of possession: RFC 9449's own example, and every way in which a proof can be for something
 * else. Ids that must not come twice.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/dpop.h"

#include <openssl/sha.h>

#include "tests/unit/check.h"
#include "tests/unit/sign.h"

#define NOW_S INT64_C(1800000000)
#define URL "https://mcp.example/mcp"

static struct arena arena;
static struct jwt_reader reader;
static struct replay *replay;
static struct signer ec, rsa, ed, other;
static const char *cause;
static const uint8_t seal_key[SEAL_KEY] = {1, 2, 3};
static unsigned char thumbprint[THUMBPRINT];
static unsigned next_id;

static const char *ath_of(const char *token)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)token, strlen(token), digest);
    return jwk_base64url(&arena, digest, sizeof digest).at;
}

/* Claims of a good proof but for one, whose JSON is given: NULL leaves it out. */
static struct str claims_with(const char *name, const char *json)
{
    const char *const names[] = {"htm", "htu", "ath", "iat", "jti", "nonce"};
    const char *const values[] = {"\"POST\"",
                                  "\"" URL "\"",
                                  str_format(&arena, "\"%s\"", ath_of("token")).at,
                                  "1800000000",
                                  str_format(&arena, "\"id%u\"", next_id++).at,
                                  NULL};
    struct str_builder out = {.arena = &arena};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = name && strcmp(name, names[i]) == 0 ? json : values[i];
        if (value)
            str_add_format(&out, "%s\"%s\":%s", out.len ? "," : "{", names[i], value);
    }
    str_add_byte(&out, '}');
    return str_built(&out);
}

static struct slice proof_of(const struct signer *signer, const char *typ, const char *jwk,
                             struct str claims)
{
    struct str header = str_format(&arena, "{\"alg\":\"%s\",\"typ\":\"%s\",\"jwk\":%s}",
                                   jwk_algorithm(signer->type), typ, jwk);
    return sign_bytes(&arena, signer, header, claims);
}

static struct slice good_proof(const char *name, const char *json)
{
    return proof_of(&ec, "dpop+jwt", signer_jwk(&arena, &ec, ""), claims_with(name, json));
}

static void take_thumbprint(const struct signer *signer)
{
    struct json_text json = {0};
    const char *jwk = signer_jwk(&arena, signer, "\"kid\":\"x\",\"use\":\"sig\"");
    CHECK(json_text_scan(&json, jwk, strlen(jwk), (struct json_bounds){9, 99}));
    CHECK(dpop_thumbprint(&json, 0, thumbprint));
    struct str members = jwk_public(&arena, signer->key, signer->type);
    CHECK_STR(jwk_thumbprint(&arena, members), jwk_base64url(&arena, thumbprint, THUMBPRINT).at);
    json_text_close(&json);
}

static enum dpop_outcome check_at(struct slice proof, bool needs_nonce, int64_t now_s)
{
    struct dpop_request request = {.proof = proof,
                                   .method = SLICE("POST"),
                                   .url = SLICE(URL),
                                   .token = SLICE("token"),
                                   .key = thumbprint,
                                   .needs_nonce = needs_nonce,
                                   .now_ms = now_s * 1000};
    return dpop_check(&reader, replay, seal_key, &request, &cause);
}

static enum dpop_outcome check(struct slice proof)
{
    return check_at(proof, false, NOW_S);
}

static void test_good(void)
{
    struct signer *all[] = {&rsa, &ed, &ec};
    for (size_t i = 0; i < 3; i++) {
        take_thumbprint(all[i]);
        CHECK_INT(check(proof_of(all[i], "dpop+jwt", signer_jwk(&arena, all[i], ""),
                                 claims_with(NULL, NULL))),
                  DPOP_PROVED);
    }
}

static void expect_wrong(struct slice proof, const char *wanted)
{
    CHECK_INT(check(proof), DPOP_WRONG);
    CHECK_STR(slice_of(cause), wanted);
}

static void test_claims(void)
{
    static const struct {
        const char *name, *json, *cause;
    } cases[] = {
        {"htm", NULL, "proof is for another method"},
        {"htm", "\"GET\"", "proof is for another method"},
        {"htm", "\"post\"", "proof is for another method"},
        {"htu", NULL, "proof is for another URL"},
        {"htu", "7", "proof is for another URL"},
        {"htu", "\"https://mcp.example/\"", "proof is for another URL"},
        {"htu", "\"http://mcp.example/mcp\"", "proof is for another URL"},
        {"htu", "\"https://mcp.example.evil/mcp\"", "proof is for another URL"},
        {"htu", "\"https://mcp.example:8443/mcp\"", "proof is for another URL"},
        {"htu", "\"https://mcp.example/mcp/\"", "proof is for another URL"},
        {"htu", "\"/mcp\"", "proof is for another URL"},
        {"ath", NULL, "proof is for another token"},
        {"ath", "\"AAAA\"", "proof is for another token"},
        {"ath", "\"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\"", "proof is for another token"},
        {"jti", NULL, "proof has no proper jti"},
        {"jti", "\"\"", "proof has no proper jti"},
        {"jti", "7", "proof has no proper jti"},
        {"iat", NULL, "proof has no iat"},
        {"iat", "\"1800000000\"", "proof has no iat"},
        {"iat", "1799999940", "proof is too old"},
        {"iat", "1800000011", "proof is of the future"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_wrong(good_proof(cases[i].name, cases[i].json), cases[i].cause);
    static const char *const same[] = {
        "\"HTTPS://MCP.EXAMPLE/mcp\"", "\"https://mcp.example:443/mcp\"",
        "\"https://mcp.example/mcp?a=b#c\"", "\"https:\\/\\/mcp.example\\/mcp\""};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        CHECK_INT(check(good_proof("htu", same[i])), DPOP_PROVED);
    CHECK_INT(check(good_proof("iat", "1799999941")), DPOP_PROVED);
    CHECK_INT(check(good_proof("iat", "1800000010")), DPOP_PROVED);
}

static void test_keys(void)
{
    const char *jwk = signer_jwk(&arena, &ec, "");
    struct str claims = claims_with(NULL, NULL);
    struct str private = str_format(&arena, "{\"d\":\"AAAA\",%s", jwk + 1);
    struct str hmac = STR("{\"kty\":\"oct\",\"k\":\"AAAA\"}");
    expect_wrong(proof_of(&ec, "dpop+jwt", private.at, claims), "proof's jwk cannot be used");
    expect_wrong(proof_of(&ec, "dpop+jwt", hmac.at, claims), "proof has no proper jwk");
    expect_wrong(proof_of(&ec, "dpop+jwt", "7", claims), "proof has no jwk");
    expect_wrong(proof_of(&ec, "dpop+jwt", "{}", claims), "proof has no proper jwk");
    expect_wrong(proof_of(&other, "dpop+jwt", signer_jwk(&arena, &other, ""), claims),
                 "proof is of another key than the token's");
    expect_wrong(proof_of(&other, "dpop+jwt", jwk, claims), "proof's signature is wrong");
    expect_wrong(proof_of(&ec, "at+jwt", jwk, claims), "typ is not dpop+jwt");
    expect_wrong(proof_of(&ec, "JWT", jwk, claims), "typ is not dpop+jwt");
    expect_wrong(sign_text(&arena, &ec, "{\"alg\":\"none\",\"typ\":\"dpop+jwt\"}", claims.at),
                 "algorithm is not accepted");
    expect_wrong(sign_text(&arena, &ec, "{\"alg\":\"HS256\",\"typ\":\"dpop+jwt\"}", claims.at),
                 "proof is signed with a secret");
    expect_wrong(SLICE("not.a.proof"), "not base64url");
}

static void test_once(void)
{
    struct slice proof = good_proof(NULL, NULL);
    CHECK_INT(check(proof), DPOP_PROVED);
    expect_wrong(proof, "proof was used before");
    /* a proof that fails does not use up the id of a good one */
    struct str claims = claims_with(NULL, NULL);
    CHECK_INT(check(proof_of(&other, "dpop+jwt", signer_jwk(&arena, &ec, ""), claims)), DPOP_WRONG);
    CHECK_INT(check(proof_of(&ec, "dpop+jwt", signer_jwk(&arena, &ec, ""), claims)), DPOP_PROVED);
}

static void test_nonce(void)
{
    char nonce[SEAL_TEXT_MAX];
    CHECK_INT(check_at(good_proof(NULL, NULL), true, NOW_S), DPOP_NO_NONCE);
    CHECK_INT(check_at(good_proof("nonce", "\"AAAA\""), true, NOW_S), DPOP_NO_NONCE);
    CHECK(dpop_nonce(seal_key, (NOW_S - DPOP_NONCE_LIFE_S + 1) * 1000, nonce));
    const char *json = str_format(&arena, "\"%s\"", nonce).at;
    CHECK_INT(check_at(good_proof("nonce", json), true, NOW_S), DPOP_PROVED);
    CHECK_INT(check_at(good_proof("nonce", json), false, NOW_S), DPOP_PROVED);
    CHECK(dpop_nonce(seal_key, (NOW_S - DPOP_NONCE_LIFE_S) * 1000, nonce));
    CHECK_INT(check_at(good_proof("nonce", str_format(&arena, "\"%s\"", nonce).at), true, NOW_S),
              DPOP_NO_NONCE);
}

static void make_id(unsigned number, unsigned char out[static REPLAY_ID])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)&number, sizeof number, digest);
    memcpy(out, digest, REPLAY_ID);
}

static void test_replay(void)
{
    enum { MANY = 50000 };
    unsigned char id[REPLAY_ID];
    unsigned again = 0, first = 0;
    struct replay *table = replay_open();
    for (unsigned i = 0; i < MANY; i++) {
        make_id(i, id);
        first += replay_note(table, id, 100, 170) == REPLAY_FIRST;
    }
    for (unsigned i = 0; i < MANY; i++) {
        make_id(i, id);
        again += replay_note(table, id, 169, 300) == REPLAY_AGAIN;
    }
    CHECK_INT(first, MANY);
    CHECK_INT(again, MANY);
    make_id(7, id);
    CHECK_INT(replay_note(table, id, 170, 300), REPLAY_FIRST); /* its time is over */
    CHECK_INT(replay_note(table, id, 171, 300), REPLAY_AGAIN);
    replay_close(table);
}

int main(void)
{
    ec = signer_make(JWK_EC, "");
    rsa = signer_make(JWK_RSA, "");
    ed = signer_make(JWK_ED25519, "");
    other = signer_make(JWK_EC, "");
    replay = replay_open();
    CHECK(replay && jwt_reader_open(&reader, 8192));
    test_good();
    test_claims();
    test_keys();
    test_once();
    test_nonce();
    test_replay();
    replay_close(replay);
    jwt_reader_close(&reader);
    EVP_PKEY_free(ec.key);
    EVP_PKEY_free(rsa.key);
    EVP_PKEY_free(ed.key);
    EVP_PKEY_free(other.key);
    arena_free(&arena);
    return check_report();
}

/*
 * Checking DPoP proofs: RFC 9449, section 4.3, in its order as far as cost allows; the id is noted
 * last, so that a wrong proof cannot use up a good one's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/dpop.h"

#include <openssl/sha.h>
#include <strings.h>

#include "runtime/identity/base64url.h"
#include "runtime/identity/jwks.h"
#include "runtime/identity/jws_algorithm.h"
#include "runtime/identity/jwt_claims.h"

enum { ID_MAX = 256, JWK_MAX = 4096, URL_MAX = 2048, MS_PER_S = 1000 };

static const char purpose[] = "dpop-nonce";

/* ---- nonces ---- */

bool dpop_nonce(const uint8_t seal_key[static SEAL_KEY], int64_t now_ms,
                char out[static SEAL_TEXT_MAX])
{
    int64_t now_s = now_ms / MS_PER_S;
    return seal_text(seal_key, purpose, &now_s, sizeof now_s, out);
}

static bool is_fresh_nonce(const uint8_t *seal_key, const struct json_text *claims, int64_t now_ms)
{
    int64_t made_s, now_s = now_ms / MS_PER_S;
    uint32_t node = json_text_member_of(claims, 0, "nonce", JSON_STRING);
    return node &&
           seal_open(seal_key, purpose, json_text_raw(claims, node), &made_s, sizeof made_s) &&
           made_s <= now_s + DPOP_AHEAD_S && now_s < made_s + DPOP_NONCE_LIFE_S;
}

/* ---- the key ---- */

/* Appends `"name":"value"` of a member without escapes; false: there is none. */
static bool add_member(const struct json_text *json, uint32_t key, const char *name, char *out,
                       size_t *used)
{
    uint32_t node = json_text_member_of(json, key, name, JSON_STRING);
    if (!node || json->tape.nodes[node].has_escapes)
        return false;
    struct slice value = json_text_raw(json, node);
    size_t size = strlen(name);
    if (*used + size + value.len + 8 > JWK_MAX)
        return false;
    char *at = out + *used;
    *at++ = *used ? ',' : '{';
    *at++ = '"';
    memcpy(at, name, size);
    at += size;
    memcpy(at, "\":\"", 3);
    at += 3;
    memcpy(at, value.at, value.len);
    at += value.len;
    *at++ = '"';
    *used = (size_t)(at - out);
    return true;
}

bool dpop_thumbprint(const struct json_text *json, uint32_t key,
                     unsigned char out[static THUMBPRINT])
{
    static const struct {
        const char *type;
        const char *members[5]; /* in the order of the RFC, section 3.2 */
    } types[] = {
        {"RSA", {"e", "kty", "n"}},
        {"EC", {"crv", "kty", "x", "y"}},
        {"OKP", {"crv", "kty", "x"}}, /* RFC 8037, section 2 */
    };
    char text[JWK_MAX];
    uint32_t type = json_text_member_of(json, key, "kty", JSON_STRING);
    for (size_t i = 0; type && i < sizeof types / sizeof *types; i++) {
        if (!json_text_is(json, type, slice_of(types[i].type)))
            continue;
        size_t used = 0;
        for (const char *const *member = types[i].members; *member; member++)
            if (!add_member(json, key, *member, text, &used))
                return false;
        text[used++] = '}';
        SHA256((const unsigned char *)text, used, out);
        return true;
    }
    return false;
}

static const char *check_key(const struct jwt *proof, const unsigned char *wanted)
{
    unsigned char found[THUMBPRINT];
    const char *cause;
    uint32_t jwk = json_text_member_of(proof->header, 0, "jwk", JSON_OBJECT);
    if (!jwk)
        return "proof has no jwk";
    if (!dpop_thumbprint(proof->header, jwk, found))
        return "proof has no proper jwk";
    if (memcmp(found, wanted, THUMBPRINT) != 0)
        return "proof is of another key than the token's";
    struct jws_key *key = jwks_open_key(proof->header, jwk, &cause);
    if (!key)
        return "proof's jwk cannot be used";
    bool is_good = jws_verify(key, proof->algorithm, proof->signed_text, proof->signature);
    jws_key_close(key);
    return is_good ? NULL : "proof's signature is wrong";
}

/* ---- what it is for ---- */

struct url {
    struct slice scheme, host, port, path;
};

static bool split(struct slice text, struct url *out)
{
    const char *end = text.at + text.len;
    const char *colon = memmem(text.at, text.len, "://", 3);
    if (!colon)
        return false;
    const char *host = colon + 3, *stop = host;
    while (stop < end && *stop != '/' && *stop != '?' && *stop != '#')
        stop++;
    const char *port = stop;
    while (port > host && port[-1] >= '0' && port[-1] <= '9')
        port--;
    bool has_port = port > host && port[-1] == ':';
    const char *path_end = stop;
    while (path_end < end && *path_end != '?' && *path_end != '#')
        path_end++;
    out->scheme = (struct slice){text.at, (size_t)(colon - text.at)};
    out->host = (struct slice){host, (size_t)((has_port ? port - 1 : stop) - host)};
    out->port = has_port ? (struct slice){port, (size_t)(stop - port)} : (struct slice){"", 0};
    out->path = (struct slice){stop, (size_t)(path_end - stop)};
    return out->host.len > 0;
}

static bool is_same_word(struct slice one, struct slice other)
{
    return one.len == other.len && strncasecmp(one.at, other.at, one.len) == 0;
}

static struct slice port_of(const struct url *url)
{
    if (url->port.len)
        return url->port;
    return is_same_word(url->scheme, SLICE("https")) ? SLICE("443") : SLICE("80");
}

static struct slice path_of(const struct url *url)
{
    return url->path.len ? url->path : SLICE("/");
}

bool dpop_is_same_url(struct slice one, struct slice other)
{
    struct url a, b;
    return split(one, &a) && split(other, &b) && is_same_word(a.scheme, b.scheme) &&
           is_same_word(a.host, b.host) && slice_equal(port_of(&a), port_of(&b)) &&
           slice_equal(path_of(&a), path_of(&b));
}

static bool is_for_token(const struct json_text *claims, uint32_t ath, struct slice token)
{
    unsigned char digest[SHA256_DIGEST_LENGTH], bytes[BASE64URL_ROOM(43)];
    size_t size;
    struct slice text = json_text_raw(claims, ath);
    SHA256((const unsigned char *)token.at, token.len, digest);
    return text.len == 43 && base64url_decode(text, bytes, &size) && size == sizeof digest &&
           memcmp(bytes, digest, sizeof digest) == 0;
}

static const char *check_time(const struct json_text *claims, int64_t now_ms)
{
    int64_t at;
    uint32_t iat = json_text_member(claims, 0, "iat");
    if (!iat || !claims_date(claims, iat, &at))
        return "proof has no iat";
    if (now_ms < at - DPOP_AHEAD_S * MS_PER_S)
        return "proof is of the future";
    if (now_ms >= at + DPOP_LIFE_S * MS_PER_S)
        return "proof is too old";
    return NULL;
}

static bool is_for_url(const struct json_text *claims, struct slice url)
{
    char text[URL_MAX];
    uint32_t htu = json_text_member_of(claims, 0, "htu", JSON_STRING);
    if (!htu || json_text_raw(claims, htu).len > sizeof text)
        return false;
    size_t size = json_unescape(claims->text, &claims->tape.nodes[htu], text);
    return dpop_is_same_url((struct slice){text, size}, url);
}

static const char *check_claims(const struct json_text *claims, const struct dpop_request *request)
{
    uint32_t htm = json_text_member(claims, 0, "htm");
    uint32_t ath = json_text_member_of(claims, 0, "ath", JSON_STRING);
    uint32_t jti = json_text_member_of(claims, 0, "jti", JSON_STRING);
    if (!htm || !json_text_is(claims, htm, request->method))
        return "proof is for another method";
    if (!is_for_url(claims, request->url))
        return "proof is for another URL";
    if (!ath || !is_for_token(claims, ath, request->token))
        return "proof is for another token";
    if (!jti || !json_text_raw(claims, jti).len || json_text_raw(claims, jti).len > ID_MAX)
        return "proof has no proper jti";
    return check_time(claims, request->now_ms);
}

/* ---- once ---- */

static enum dpop_outcome note(struct replay *replay, const struct json_text *claims,
                              const struct dpop_request *request, const char **cause)
{
    unsigned char digest[SHA256_DIGEST_LENGTH], text[THUMBPRINT + ID_MAX];
    struct slice id = json_text_raw(claims, json_text_member_of(claims, 0, "jti", JSON_STRING));
    int64_t now_s = request->now_ms / MS_PER_S;
    memcpy(text, request->key, THUMBPRINT);
    memcpy(text + THUMBPRINT, id.at, id.len);
    SHA256(text, THUMBPRINT + id.len, digest);
    switch (replay_note(replay, digest, now_s, now_s + DPOP_LIFE_S + DPOP_AHEAD_S + 1)) {
    case REPLAY_FIRST:
        return DPOP_PROVED;
    case REPLAY_FULL:
        *cause = "too many proofs at once";
        return DPOP_FULL;
    case REPLAY_AGAIN:
        break;
    }
    *cause = "proof was used before";
    return DPOP_WRONG;
}

enum dpop_outcome dpop_check(struct jwt_reader *reader, struct replay *replay,
                             const uint8_t seal_key[static SEAL_KEY],
                             const struct dpop_request *request, const char **cause)
{
    struct jwt proof;
    if (!jwt_read_proof(reader, request->proof, &proof, cause))
        return DPOP_WRONG;
    *cause = "proof is signed with a secret";
    if (proof.algorithm & JWS_HMAC_ANY)
        return DPOP_WRONG;
    *cause = check_claims(proof.claims, request);
    if (!*cause)
        *cause = check_key(&proof, request->key);
    if (*cause)
        return DPOP_WRONG;
    *cause = "proof has no fresh nonce";
    if (request->needs_nonce && !is_fresh_nonce(seal_key, proof.claims, request->now_ms))
        return DPOP_NO_NONCE;
    return note(replay, proof.claims, request, cause);
}

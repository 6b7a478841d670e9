/*
 * Reading key sets and choosing from them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/jwks.h"

#include <stdlib.h>

#include "runtime/identity/base64url.h"
#include "runtime/identity/jws_algorithm.h"

static const struct json_bounds bounds = {.depth = 16, .nodes = 16384};

enum { NUMBER_MAX = 1100, KID_MAX = 1024 }; /* bytes of a key's number (RSA 8192), of a kid */

struct number {
    unsigned char bytes[BASE64URL_ROOM((NUMBER_MAX + 2) / 3 * 4)];
    size_t size;
};

static bool read_number(const struct json_text *json, uint32_t key, const char *name,
                        struct number *out)
{
    uint32_t node = json_text_member_of(json, key, name, JSON_STRING);
    if (!node)
        return false;
    struct slice text = json_text_raw(json, node);
    return BASE64URL_ROOM(text.len) <= sizeof out->bytes &&
           base64url_decode(text, out->bytes, &out->size);
}

static struct slice number_slice(const struct number *number)
{
    return (struct slice){(const char *)number->bytes, number->size};
}

/* ---- one key ---- */

static bool lists(const struct json_text *json, uint32_t array, struct slice wanted)
{
    const struct json_node *nodes = json->tape.nodes;
    if (nodes[array].kind != JSON_ARRAY)
        return false;
    for (uint32_t at = array + 1; at < nodes[array].next; at = nodes[at].next)
        if (json_text_is(json, at, wanted))
            return true;
    return false;
}

/* RFC 7517, sections 4.2 to 4.4; a private key that was published is everybody's. */
static const char *judge_use(const struct json_text *json, uint32_t key)
{
    uint32_t use = json_text_member(json, key, "use");
    uint32_t operations = json_text_member(json, key, "key_ops");
    if (use && !json_text_is(json, use, SLICE("sig")))
        return "is not for signatures (use)";
    if (operations && !lists(json, operations, SLICE("verify")))
        return "is not for verifying (key_ops)";
    if (json_text_member(json, key, "d") || json_text_member(json, key, "k"))
        return "is private or symmetric and should not be public";
    return NULL;
}

/* Those of `possible` that the key is published for: its `alg` alone (RFC 8725, section 3.1), all
 * of them without one. */
static uint32_t algorithms_of(const struct json_text *json, uint32_t key, uint32_t possible)
{
    uint32_t alg = json_text_member(json, key, "alg");
    return alg ? possible & (uint32_t)jws_algorithm_named(json, alg) : possible;
}

static struct jws_key *open_rsa(const struct json_text *json, uint32_t key, const char **cause)
{
    struct number modulus, exponent;
    uint32_t algorithms = algorithms_of(json, key, JWS_RSA_ANY);
    *cause = "is for another algorithm";
    if (!algorithms)
        return NULL;
    *cause = "has no proper n and e";
    if (!read_number(json, key, "n", &modulus) || !read_number(json, key, "e", &exponent))
        return NULL;
    return jws_key_open_rsa(number_slice(&modulus), number_slice(&exponent), algorithms, cause);
}

/* RFC 7518, section 3.4: each curve has one algorithm. */
static enum mcpp_algorithm curve_algorithm(const struct json_text *json, uint32_t curve)
{
    return json_text_is(json, curve, SLICE("P-256"))   ? MCPP_ES256
           : json_text_is(json, curve, SLICE("P-384")) ? MCPP_ES384
           : json_text_is(json, curve, SLICE("P-521")) ? MCPP_ES512
                                                       : 0;
}

static struct jws_key *open_ec(const struct json_text *json, uint32_t key, const char **cause)
{
    struct number x, y;
    uint32_t curve = json_text_member(json, key, "crv");
    enum mcpp_algorithm algorithm = curve ? curve_algorithm(json, curve) : 0;
    *cause = "is of another curve";
    if (!algorithm)
        return NULL;
    *cause = "is for another algorithm";
    if (!algorithms_of(json, key, algorithm))
        return NULL;
    *cause = "has no proper x and y";
    if (!read_number(json, key, "x", &x) || !read_number(json, key, "y", &y))
        return NULL;
    return jws_key_open_ec(algorithm, number_slice(&x), number_slice(&y), cause);
}

/* RFC 8037, section 2. */
static struct jws_key *open_edwards(const struct json_text *json, uint32_t key, const char **cause)
{
    struct number x;
    uint32_t curve = json_text_member(json, key, "crv");
    bool is_25519 = curve && json_text_is(json, curve, SLICE("Ed25519"));
    size_t size = is_25519 ? 32 : 57;
    *cause = "is of another curve";
    if (!is_25519 && !(curve && json_text_is(json, curve, SLICE("Ed448"))))
        return NULL;
    uint32_t algorithms =
        algorithms_of(json, key, MCPP_EDDSA | (is_25519 ? MCPP_ED25519 : MCPP_ED448));
    *cause = "is for another algorithm";
    if (!algorithms)
        return NULL;
    *cause = "has no proper x";
    if (!read_number(json, key, "x", &x) || x.size != size)
        return NULL;
    return jws_key_open_edwards(number_slice(&x), algorithms, cause);
}

static bool read_kid(const struct json_text *json, uint32_t key, struct jwks_key *out,
                     const char **cause)
{
    uint32_t kid = json_text_member(json, key, "kid");
    if (!kid)
        return true;
    *cause = "has a kid that is no string";
    if (!json_text_has_kind(json, kid, JSON_STRING))
        return false;
    *cause = "has a kid that is too long";
    size_t room = json_text_raw(json, kid).len + 1;
    if (room > KID_MAX)
        return false;
    *cause = "does not fit in memory";
    out->kid = malloc(room);
    if (out->kid)
        out->kid_len = json_unescape(json->text, &json->tape.nodes[kid], out->kid);
    return out->kid != NULL;
}

struct jws_key *jwks_open_key(const struct json_text *json, uint32_t key, const char **cause)
{
    *cause = "is no object";
    if (!json_text_has_kind(json, key, JSON_OBJECT))
        return NULL;
    *cause = judge_use(json, key);
    if (*cause)
        return NULL;
    *cause = "has no kty";
    uint32_t type = json_text_member(json, key, "kty");
    if (!type)
        return NULL;
    if (json_text_is(json, type, SLICE("RSA")))
        return open_rsa(json, key, cause);
    if (json_text_is(json, type, SLICE("EC")))
        return open_ec(json, key, cause);
    if (json_text_is(json, type, SLICE("OKP")))
        return open_edwards(json, key, cause);
    *cause = "is of a type that is not supported";
    return NULL;
}

/* NULL: taken. */
static const char *read_key(const struct json_text *json, uint32_t key, struct jwks_key *out)
{
    const char *cause;
    *out = (struct jwks_key){0};
    out->key = jwks_open_key(json, key, &cause);
    if (!out->key)
        return cause;
    out->algorithms = jws_key_algorithms(out->key);
    if (read_kid(json, key, out, &cause))
        return NULL;
    jws_key_close(out->key);
    return cause;
}

/* ---- the set ---- */

static void tell(const struct jwks_report *report, uint32_t index, const char *cause)
{
    if (report)
        report->skipped(report->context, index, cause);
}

static bool is_same_kid(const struct jwks_key *one, const struct jwks_key *other)
{
    return one->kid && other->kid && (one->algorithms & other->algorithms) &&
           one->kid_len == other->kid_len && memcmp(one->kid, other->kid, one->kid_len) == 0;
}

/* Which of two keys with one kid is meant cannot be known, so it is neither. */
static void drop_duplicates(struct jwks *jwks, const uint32_t *places,
                            const struct jwks_report *report)
{
    bool is_double[JWKS_KEYS_MAX] = {false};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < jwks->count; i++)
        for (uint32_t at = i + 1; at < jwks->count; at++)
            if (is_same_kid(&jwks->keys[i], &jwks->keys[at]))
                is_double[i] = is_double[at] = true;
    for (uint32_t i = 0; i < jwks->count; i++) {
        if (!is_double[i]) {
            jwks->keys[kept++] = jwks->keys[i];
            continue;
        }
        tell(report, places[i], "has the kid of another key");
        jws_key_close(jwks->keys[i].key);
        free(jwks->keys[i].kid);
    }
    jwks->count = kept;
}

static void read_keys(const struct json_text *json, uint32_t array, struct jwks *jwks,
                      const struct jwks_report *report)
{
    const struct json_node *nodes = json->tape.nodes;
    uint32_t places[JWKS_KEYS_MAX], index = 0;
    for (uint32_t at = array + 1; at < nodes[array].next; at = nodes[at].next, index++) {
        const char *cause = read_key(json, at, &jwks->keys[jwks->count]);
        if (cause)
            tell(report, index, cause);
        else
            places[jwks->count++] = index;
    }
    drop_duplicates(jwks, places, report);
}

static const char *read_set(const struct json_text *json, struct jwks *jwks,
                            const struct jwks_report *report)
{
    uint32_t keys = json_text_member_of(json, 0, "keys", JSON_ARRAY);
    if (!keys)
        return "there is no array of keys";
    if (json->tape.nodes[keys].count > JWKS_KEYS_MAX)
        return "there are more than 100 keys";
    read_keys(json, keys, jwks, report);
    return jwks->count ? NULL : "there is no usable key";
}

struct jwks *jwks_open(struct slice text, const struct jwks_report *report, const char **cause)
{
    struct json_text json = {0};
    struct jwks *jwks = calloc(1, sizeof *jwks);
    *cause = "out of memory";
    if (!jwks)
        return NULL;
    if (text.len > JWKS_BYTES_MAX)
        *cause = "the key set is larger than 256 KiB";
    else if (!json_text_scan(&json, text.at, text.len, bounds))
        *cause = "the key set is no JSON object";
    else
        *cause = read_set(&json, jwks, report);
    json_text_close(&json);
    if (!*cause)
        return jwks;
    jwks_close(jwks);
    return NULL;
}

void jwks_close(struct jwks *jwks)
{
    if (!jwks)
        return;
    for (uint32_t i = 0; i < jwks->count; i++) {
        jws_key_close(jwks->keys[i].key);
        free(jwks->keys[i].kid);
    }
    free(jwks);
}

enum jwks_choice jwks_choose(const struct jwks *jwks, enum mcpp_algorithm algorithm,
                             const struct json_text *header, uint32_t kid, struct jws_key **out)
{
    uint32_t fitting = 0;
    for (uint32_t i = 0; i < jwks->count; i++) {
        const struct jwks_key *key = &jwks->keys[i];
        if (!(key->algorithms & (uint32_t)algorithm))
            continue;
        if (kid && !(key->kid && json_text_is(header, kid, (struct slice){key->kid, key->kid_len})))
            continue;
        *out = key->key;
        fitting++;
    }
    return fitting == 1 ? JWKS_FOUND : fitting ? JWKS_AMBIGUOUS : JWKS_UNKNOWN;
}

/*
 * Judging claims.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/jwt_claims.h"

#include "runtime/identity/base64url.h"

static const int64_t last_ms = INT64_C(253402300799999); /* 9999-12-31T23:59:59.999Z */

enum {
    MANTISSA_DIGITS = 18, /* fit 64 bits with room for the scaling below */
    EXPONENT_MAX = 9999,
    MS_DIGITS = 3, /* a second has 10^3 ms */
};

/* A JSON number as mantissa * 10^exponent; digits beyond the 18th are cut. */
struct decimal {
    uint64_t mantissa;
    int exponent;
};

static void take_digit(struct decimal *out, int *digits, char digit, bool is_fraction)
{
    if (*digits >= MANTISSA_DIGITS) {
        out->exponent += is_fraction ? 0 : 1;
        return;
    }
    out->mantissa = out->mantissa * 10 + (uint64_t)(digit - '0');
    *digits += out->mantissa ? 1 : 0; /* leading zeros cost nothing */
    out->exponent -= is_fraction ? 1 : 0;
}

static int read_exponent(const char *at, const char *end)
{
    bool is_negative = *at == '-';
    int value = 0;
    for (at += *at == '-' || *at == '+' ? 1 : 0; at < end; at++)
        if (value <= EXPONENT_MAX)
            value = value * 10 + (*at - '0');
    return is_negative ? -value : value;
}

/* The scanner has seen to the grammar. False: negative. */
static bool read_decimal(const char *at, const char *end, struct decimal *out)
{
    bool is_fraction = false;
    int digits = 0;
    *out = (struct decimal){0, 0};
    if (*at == '-')
        return false;
    for (; at < end && (*at | 0x20) != 'e'; at++) {
        if (*at == '.')
            is_fraction = true;
        else
            take_digit(out, &digits, *at, is_fraction);
    }
    if (at < end)
        out->exponent += read_exponent(at + 1, end);
    return true;
}

bool claims_date(const struct json_text *claims, uint32_t node, int64_t *ms)
{
    struct decimal value;
    const struct json_node *number = &claims->tape.nodes[node];
    if (number->kind != JSON_NUMBER ||
        !read_decimal(claims->text + number->start, claims->text + number->end, &value))
        return false;
    int scale = value.exponent + MS_DIGITS;
    for (; scale < 0 && value.mantissa; scale++)
        value.mantissa /= 10;
    for (; scale > 0 && value.mantissa && value.mantissa <= (uint64_t)last_ms; scale--)
        value.mantissa *= 10;
    *ms = (int64_t)value.mantissa;
    return value.mantissa <= (uint64_t)last_ms;
}

/* ---- the registered claims ---- */

bool claims_have_issuer(const struct json_text *claims, struct slice issuer)
{
    uint32_t iss = json_text_member(claims, 0, "iss");
    return iss && json_text_is(claims, iss, issuer);
}

static const char *check_times(const struct json_text *claims, int64_t leeway_ms, int64_t now_ms)
{
    int64_t at = INT64_MAX / 2;
    uint32_t exp = json_text_member(claims, 0, "exp");
    uint32_t nbf = json_text_member(claims, 0, "nbf"), iat = json_text_member(claims, 0, "iat");
    if (exp && !claims_date(claims, exp, &at))
        return "exp is no date";
    if (now_ms >= at + leeway_ms)
        return "expired";
    if (nbf && !claims_date(claims, nbf, &at))
        return "nbf is no date";
    if (nbf && now_ms < at - leeway_ms)
        return "not valid yet";
    if (iat && !claims_date(claims, iat, &at))
        return "iat is no date";
    if (iat && now_ms < at - leeway_ms)
        return "issued in the future";
    return NULL;
}

static bool is_audience(const struct json_text *claims, uint32_t node,
                        const struct claim_rules *rules)
{
    for (uint32_t i = 0; i < rules->audience_count; i++)
        if (json_text_is(claims, node, slice_of(rules->audiences[i])))
            return true;
    return false;
}

/* A string, or an array of nothing but strings: RFC 7519, section 4.1.3. */
static bool has_audience(const struct json_text *claims, const struct claim_rules *rules)
{
    uint32_t aud = json_text_member(claims, 0, "aud");
    if (!aud)
        return false;
    if (!json_text_has_kind(claims, aud, JSON_ARRAY))
        return is_audience(claims, aud, rules);
    bool found = false;
    const struct json_node *nodes = claims->tape.nodes;
    for (uint32_t at = aud + 1; at < nodes[aud].next; at = nodes[at].next) {
        if (nodes[at].kind != JSON_STRING)
            return false;
        found = found || is_audience(claims, at, rules);
    }
    return found;
}

static bool is_absent_or_string(const struct json_text *claims, const char *name)
{
    uint32_t node = json_text_member(claims, 0, name);
    return !node || json_text_has_kind(claims, node, JSON_STRING);
}

static const char *check_profile(const struct json_text *claims)
{
    static const struct {
        const char *name;
        enum json_kind kind;
        const char *cause;
    } wanted[] = {
        {"sub", JSON_STRING, "sub is missing"},
        {"client_id", JSON_STRING, "client_id is missing"},
        {"iat", JSON_NUMBER, "iat is missing"},
        {"jti", JSON_STRING, "jti is missing"},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!json_text_member_of(claims, 0, wanted[i].name, wanted[i].kind))
            return wanted[i].cause;
    return NULL;
}

static const char *check_rest(const struct json_text *claims, const struct claim_rules *rules,
                              int64_t now_ms)
{
    const char *cause = check_times(claims, (int64_t)rules->leeway_s * 1000, now_ms);
    if (cause)
        return cause;
    if (!is_absent_or_string(claims, "sub"))
        return "sub is no string";
    return is_absent_or_string(claims, "client_id") ? NULL : "client_id is no string";
}

/* Empty settings would match a token with empty claims. */
static bool is_complete(const struct claim_rules *rules)
{
    for (uint32_t i = 0; i < rules->audience_count; i++)
        if (!rules->audiences[i][0])
            return false;
    return rules->issuer.len && rules->audience_count;
}

const char *claims_check(const struct json_text *claims, const struct claim_rules *rules,
                         int64_t now_ms)
{
    if (!is_complete(rules))
        return "verifier has no issuer or audience";
    if (!claims_have_issuer(claims, rules->issuer))
        return "another issuer";
    if (!has_audience(claims, rules))
        return "another audience";
    if (!json_text_member(claims, 0, "exp"))
        return "exp is missing";
    const char *cause = check_rest(claims, rules, now_ms);
    if (!cause && rules->is_profile_rfc9068)
        cause = check_profile(claims);
    return cause;
}

const char *claims_check_answer(const struct json_text *claims, const struct claim_rules *rules,
                                int64_t now_ms)
{
    if (rules->issuer.len && json_text_member(claims, 0, "iss") &&
        !claims_have_issuer(claims, rules->issuer))
        return "another issuer";
    if (rules->audience_count && !has_audience(claims, rules))
        return "another audience";
    return check_rest(claims, rules, now_ms);
}

int64_t claims_end(const struct json_text *claims, const struct claim_rules *rules)
{
    int64_t at;
    uint32_t exp = json_text_member(claims, 0, "exp");
    return exp && claims_date(claims, exp, &at) ? at + (int64_t)rules->leeway_s * 1000 : INT64_MAX;
}

/* ---- what it is bound to ---- */

static bool read_thumbprint(const struct json_text *claims, uint32_t node,
                            unsigned char out[static THUMBPRINT])
{
    unsigned char bytes[BASE64URL_ROOM(43)];
    size_t size;
    if (!json_text_has_kind(claims, node, JSON_STRING))
        return false;
    struct slice text = json_text_raw(claims, node);
    if (text.len != 43 || !base64url_decode(text, bytes, &size) || size != THUMBPRINT)
        return false;
    memcpy(out, bytes, THUMBPRINT);
    return true;
}

const char *claims_binding(const struct json_text *claims, struct binding *out)
{
    uint32_t cnf = json_text_member(claims, 0, "cnf");
    *out = (struct binding){0};
    if (!cnf)
        return NULL;
    if (!json_text_has_kind(claims, cnf, JSON_OBJECT))
        return "cnf is no object";
    uint32_t key = json_text_member(claims, cnf, "jkt");
    uint32_t certificate = json_text_member(claims, cnf, "x5t#S256");
    if (key && !read_thumbprint(claims, key, out->key))
        return "cnf has no proper jkt";
    if (certificate && !read_thumbprint(claims, certificate, out->certificate))
        return "cnf has no proper x5t#S256";
    out->kinds = (key ? MCPP_BOUND_DPOP : 0U) | (certificate ? MCPP_BOUND_MTLS : 0U);
    /* what is not understood is not proved */
    if (claims->tape.nodes[cnf].count != (key ? 1U : 0U) + (certificate ? 1U : 0U) || !out->kinds)
        return "bound in a way that is not supported";
    return NULL;
}

bool claims_text(const struct json_text *claims, const char *name, struct pool *pool,
                 struct slice *out)
{
    uint32_t node = json_text_member_of(claims, 0, name, JSON_STRING);
    struct slice text = {NULL, 0};
    *out = text;
    if (!node)
        return true;
    if (!json_text_string(claims, node, pool, &text))
        return false;
    char *copy = pool_text(pool, text); /* the token's own memory serves the next token */
    *out = (struct slice){copy, copy ? text.len : 0};
    return copy != NULL;
}

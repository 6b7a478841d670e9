/*
 * Reading tokens. Everything here judges bytes that anybody may have written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/jwt.h"

#include <stdlib.h>
#include <strings.h>

#include "runtime/identity/base64url.h"
#include "runtime/identity/jws_algorithm.h"

/* Headers are flat and short; claims of real issuers nest three or four levels. */
static const struct json_bounds header_bounds = {.depth = 8, .nodes = 256};
static const struct json_bounds claims_bounds = {.depth = 32, .nodes = 4096};

bool jwt_reader_open(struct jwt_reader *reader, size_t token_max)
{
    /* each of the three parts may end in a group of its own, and a NUL follows the first two */
    *reader = (struct jwt_reader){.token_max = token_max};
    reader->buffer = malloc(BASE64URL_ROOM(token_max) + 3 * 4);
    return reader->buffer != NULL;
}

void jwt_reader_close(struct jwt_reader *reader)
{
    json_text_close(&reader->header);
    json_text_close(&reader->claims);
    free(reader->buffer);
    reader->buffer = NULL;
}

struct parts {
    struct slice header, claims, signature;
};

static bool split(struct slice token, struct parts *out)
{
    const char *end = token.at + token.len;
    const char *first = memchr(token.at, '.', token.len);
    if (!first)
        return false;
    const char *second = memchr(first + 1, '.', (size_t)(end - first - 1));
    if (!second || memchr(second + 1, '.', (size_t)(end - second - 1)))
        return false;
    out->header = (struct slice){token.at, (size_t)(first - token.at)};
    out->claims = (struct slice){first + 1, (size_t)(second - first - 1)};
    out->signature = (struct slice){second + 1, (size_t)(end - second - 1)};
    return true;
}

/* Decodes at *at, puts a NUL behind and moves on. */
static bool decode(struct slice part, char **at, struct slice *out)
{
    size_t size;
    if (!base64url_decode(part, (unsigned char *)*at, &size))
        return false;
    *out = (struct slice){*at, size};
    *at += size;
    *(*at)++ = '\0';
    return true;
}

static bool is_media_type(struct slice text, const char *name)
{
    static const char prefix[] = "application/"; /* may be left out: RFC 7515, section 4.1.9 */
    size_t size = sizeof prefix - 1;
    if (text.len > size && strncasecmp(text.at, prefix, size) == 0)
        text = (struct slice){text.at + size, text.len - size};
    return text.len == strlen(name) && strncasecmp(text.at, name, text.len) == 0;
}

/* Tokens for other purposes name themselves here: RFC 8725, section 3.11. */
static const char *check_types(const struct json_text *header, bool is_proof, struct jwt *out)
{
    uint32_t typ = json_text_member(header, 0, "typ"), cty = json_text_member(header, 0, "cty");
    if (is_proof)
        return typ && json_text_is(header, typ, SLICE("dpop+jwt")) ? NULL : "typ is not dpop+jwt";
    if (typ) {
        if (!json_text_has_kind(header, typ, JSON_STRING))
            return "typ is no string";
        struct slice text = json_text_raw(header, typ);
        out->is_at_jwt = is_media_type(text, "at+jwt");
        if (!out->is_at_jwt && !is_media_type(text, "JWT"))
            return "typ is of another kind of token";
    }
    if (cty) {
        if (!json_text_has_kind(header, cty, JSON_STRING))
            return "cty is no string";
        if (is_media_type(json_text_raw(header, cty), "JWT"))
            return "nested token";
    }
    return NULL;
}

/* No extension is understood, so none that must be understood may be there. */
static const char *check_extensions(const struct json_text *header)
{
    uint32_t b64 = json_text_member(header, 0, "b64");
    if (json_text_member(header, 0, "crit"))
        return "crit names an unknown extension";
    if (b64 && !json_text_has_kind(header, b64, JSON_TRUE))
        return "claims are not base64url"; /* RFC 7797 is not for tokens */
    return NULL;
}

static const char *read_header(const struct json_text *header, bool is_proof, struct jwt *out)
{
    uint32_t alg = json_text_member(header, 0, "alg");
    out->algorithm = alg ? jws_algorithm_named(header, alg) : 0;
    if (!out->algorithm)
        return "algorithm is not accepted";
    out->kid = json_text_member(header, 0, "kid");
    if (out->kid && !json_text_has_kind(header, out->kid, JSON_STRING))
        return "kid is no string";
    const char *cause = check_types(header, is_proof, out);
    return cause ? cause : check_extensions(header);
}

/* The bytes of the parts, the header as JSON; NULL: it has the form of a JWT. */
static const char *take_apart(struct jwt_reader *reader, struct slice token, struct slice *claims,
                              struct jwt *out)
{
    struct parts parts;
    struct slice header;
    char *at = reader->buffer;
    if (!token.len || !split(token, &parts))
        return "not three parts";
    if (!decode(parts.header, &at, &header) || !decode(parts.claims, &at, claims) ||
        !decode(parts.signature, &at, &out->signature))
        return "not base64url";
    if (!json_text_scan(&reader->header, header.at, header.len, header_bounds))
        return "header is no JSON object";
    out->signed_text =
        (struct slice){token.at, (size_t)(parts.claims.at + parts.claims.len - token.at)};
    out->header = &reader->header;
    return NULL;
}

static const char *judge(struct jwt_reader *reader, struct slice claims, bool is_proof,
                         struct jwt *out)
{
    const char *cause = read_header(&reader->header, is_proof, out);
    if (cause)
        return cause;
    if (!json_text_scan(&reader->claims, claims.at, claims.len, claims_bounds))
        return "claims are no JSON object";
    out->claims = &reader->claims;
    return NULL;
}

/* Five parts are a JWE, whose inside only its recipient sees. */
static bool is_encrypted(struct slice token)
{
    unsigned dots = 0;
    for (size_t i = 0; i < token.len && dots <= 4; i++)
        dots += token.at[i] == '.';
    return dots == 4;
}

enum jwt_form jwt_read(struct jwt_reader *reader, struct slice token, struct jwt *out,
                       const char **cause)
{
    struct slice claims;
    *out = (struct jwt){0};
    *cause = "token is longer than limit-token-bytes";
    if (token.len > reader->token_max)
        return JWT_REFUSED;
    *cause = take_apart(reader, token, &claims, out);
    if (*cause)
        return is_encrypted(token) ? JWT_REFUSED : JWT_OPAQUE;
    *cause = judge(reader, claims, false, out);
    return *cause ? JWT_REFUSED : JWT_READ;
}

bool jwt_read_proof(struct jwt_reader *reader, struct slice proof, struct jwt *out,
                    const char **cause)
{
    struct slice claims;
    *out = (struct jwt){0};
    *cause = proof.len > reader->token_max ? "proof is too long"
                                           : take_apart(reader, proof, &claims, out);
    if (!*cause)
        *cause = judge(reader, claims, true, out);
    return !*cause;
}

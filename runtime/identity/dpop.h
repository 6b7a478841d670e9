/*
 * Proofs of possession by a key (DPoP, RFC 9449): whether the caller of a request has the key that
 * its token is bound to, shown for this request and this token, and never before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_DPOP_H
#define IDENTITY_DPOP_H

#include "runtime/identity/jwt.h"
#include "runtime/identity/known_token.h"
#include "runtime/identity/replay.h"
#include "runtime/protocol/seal.h"

enum {
    DPOP_LIFE_S = 60,        /* a proof is good for so long after its `iat` */
    DPOP_AHEAD_S = 10,       /* and so far before it, for clocks that differ */
    DPOP_NONCE_LIFE_S = 300, /* of a nonce of ours */
};

/* What a proof must be for. */
struct dpop_request {
    struct slice proof, method, url, token;
    const unsigned char *key; /* THUMBPRINT bytes: of the token's `jkt` */
    bool needs_nonce;
    int64_t now_ms; /* since 1970 */
};

enum dpop_outcome {
    DPOP_PROVED,
    DPOP_WRONG,    /* *cause says why */
    DPOP_NO_NONCE, /* none of ours, or an old one: the caller tries again with a fresh one */
    DPOP_FULL,     /* too many proofs to remember */
};

/* `reader` is used and is free again afterwards. */
enum dpop_outcome dpop_check(struct jwt_reader *reader, struct replay *replay,
                             const uint8_t seal_key[static SEAL_KEY],
                             const struct dpop_request *request, const char **cause);

/* A fresh nonce (section 8): a sealed time, so that nothing is stored. False: out of memory. */
bool dpop_nonce(const uint8_t seal_key[static SEAL_KEY], int64_t now_ms,
                char out[static SEAL_TEXT_MAX]);

/* Whether two URLs are the same but for query and fragment, the case of scheme and host, and a
 * port that is the scheme's own (RFC 3986, section 6.2). */
bool dpop_is_same_url(struct slice one, struct slice other);

/* RFC 7638 of a JWK, with SHA-256. False: a member is missing or no plain text. */
bool dpop_thumbprint(const struct json_text *json, uint32_t key,
                     unsigned char out[static THUMBPRINT]);

#endif

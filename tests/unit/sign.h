/*
 * Signing keys and tokens for unit tests, made with the compiler's own signing code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UNIT_SIGN_H
#define UNIT_SIGN_H

#include <stdlib.h>

#include "compiler/commands/jwk.h"
#include "runtime/memory/slice.h"

struct signer {
    EVP_PKEY *key;
    enum jwk_type type;
    const char *kid;
};

static inline struct signer signer_make(enum jwk_type type, const char *kid)
{
    const char *error;
    struct signer signer = {jwk_make(type, JWK_RSA_BITS, &error), type, kid};
    if (!signer.key) {
        fprintf(stderr, "no key: %s\n", error);
        exit(1);
    }
    return signer;
}

/* The members of the public JWK with further ones ("\"use\":\"sig\"") before them. */
static inline const char *signer_jwk(struct arena *arena, const struct signer *signer,
                                     const char *more)
{
    struct str members = jwk_public(arena, signer->key, signer->type);
    return str_format(arena, "{%s%s%.*s}", more, more[0] ? "," : "", STR_ARG(members)).at;
}

static inline struct slice slice_from(struct str text)
{
    return (struct slice){text.at, text.len};
}

/* A token of exactly this header and these claims, whatever they are. */
static inline struct slice sign_bytes(struct arena *arena, const struct signer *signer,
                                      struct str header, struct str claims)
{
    struct str text =
        str_format(arena, "%.*s.%.*s", STR_ARG(jwk_base64url(arena, header.at, header.len)),
                   STR_ARG(jwk_base64url(arena, claims.at, claims.len)));
    struct str signature = jwk_sign(arena, signer->key, jwk_algorithm(signer->type), text);
    return slice_from(str_format(arena, "%.*s.%.*s", STR_ARG(text), STR_ARG(signature)));
}

static inline struct slice sign_text(struct arena *arena, const struct signer *signer,
                                     const char *header, const char *claims)
{
    return sign_bytes(arena, signer, str_of(header), str_of(claims));
}

#endif

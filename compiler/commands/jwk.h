/*
 * Signing keys for `mcpc keygen` and `mcpc token`: made, read, described as JSON Web Keys, used to
 * sign. Knows nothing of options and files' names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef COMMANDS_JWK_H
#define COMMANDS_JWK_H

#include <openssl/evp.h>

#include "compiler/base/str.h"

/* JWK_EC is P-256. */
enum jwk_type { JWK_RSA, JWK_EC, JWK_ED25519, JWK_P384, JWK_P521, JWK_ED448 };
enum { JWK_TYPE_COUNT = JWK_ED448 + 1 };

enum { JWK_RSA_BITS = 2048, JWK_RSA_BITS_MAX = 8192 };

/* A new key; `bits` is for RSA. NULL: *error says why. */
EVP_PKEY *jwk_make(enum jwk_type type, unsigned bits, const char **error);

/* A PKCS#8 or traditional private key in PEM, not encrypted. NULL: *error says why, and
 * *is_unreadable whether the file itself could not be read. */
EVP_PKEY *jwk_read(const char *file, bool *is_unreadable, const char **error);

/* The key is one that can sign: RSA of at least 2048 bits, P-256, P-384, P-521, Ed25519, Ed448. */
bool jwk_type_of(EVP_PKEY *key, enum jwk_type *type, const char **error);

/* The algorithm that a key of this type signs with when none is named: "RS256", "ES256", "EdDSA".
 */
const char *jwk_algorithm(enum jwk_type type);

/* Whether a key of this type can sign with the algorithm: "PS384" with RSA. */
bool jwk_signs(enum jwk_type type, const char *algorithm);

/* The members of the public JWK that the thumbprint is made of, as JSON in the order of RFC 7638,
 * section 3.2. An empty slice: OpenSSL failed. */
struct str jwk_public(struct arena *arena, EVP_PKEY *key, enum jwk_type type);

/* RFC 7638 with SHA-256, as base64url. */
struct str jwk_thumbprint(struct arena *arena, struct str public_members);

/* The JWS signature of a text, as base64url, with an algorithm that jwk_signs. An empty slice:
 * OpenSSL failed. */
struct str jwk_sign(struct arena *arena, EVP_PKEY *key, const char *algorithm, struct str text);

/* The same with a secret and HS256, HS384 or HS512; empty for another algorithm. */
struct str jwk_sign_secret(struct arena *arena, struct str secret, const char *algorithm,
                           struct str text);

/* Base64url without padding. */
struct str jwk_base64url(struct arena *arena, const void *bytes, size_t size);

/* A JSON string with its quotes; the text is UTF-8. */
struct str jwk_json_string(struct arena *arena, struct str text);

/* Whether a text can be a key ID here: printable ASCII, not empty. */
bool jwk_is_kid(const char *text);

#endif

/*
 * A key set (RFC 7517): which of its keys can be used, and which one a token means. A key that
 * cannot be used is skipped and named, it does not spoil the others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_JWKS_H
#define IDENTITY_JWKS_H

#include "runtime/identity/json_text.h"
#include "runtime/identity/jws_verify.h"

enum { JWKS_BYTES_MAX = 256 * 1024, JWKS_KEYS_MAX = 100 };

struct jwks_key {
    struct jws_key *key;
    uint32_t algorithms; /* it may be used with: its own `alg`, or those of its type */
    char *kid;           /* NULL: none; may hold NUL bytes */
    size_t kid_len;
};

struct jwks {
    uint32_t count;
    struct jwks_key keys[JWKS_KEYS_MAX];
};

/* Told about each key that is skipped: its place from 0 and a fixed text. */
struct jwks_report {
    void (*skipped)(void *context, uint32_t index, const char *cause);
    void *context;
};

/* Reads the text of a key set; a NUL or any byte follows it. NULL: no set, or no usable key in it,
 * and *cause says which. `report` may be NULL. */
struct jwks *jwks_open(struct slice text, const struct jwks_report *report, const char **cause);
void jwks_close(struct jwks *jwks); /* NULL is fine */

/* One key that is not of a set: node `key` of `json`, an object. NULL: *cause says why. */
struct jws_key *jwks_open_key(const struct json_text *json, uint32_t key, const char **cause);

enum jwks_choice {
    JWKS_FOUND,
    JWKS_UNKNOWN,   /* no key with this kid, or none for the algorithm */
    JWKS_AMBIGUOUS, /* the token has no kid and several keys would do */
};

/* The key for a token: by the kid node of its header, or (kid 0) the only one for the algorithm. */
enum jwks_choice jwks_choose(const struct jwks *jwks, enum mcpp_algorithm algorithm,
                             const struct json_text *header, uint32_t kid, struct jws_key **out);

#endif

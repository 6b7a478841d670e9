/*
 * What is inside a key, for the files that open it and that use it: jws_key.c and jws_verify.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_JWS_KEY_H
#define IDENTITY_JWS_KEY_H

#include <openssl/evp.h>

#include "runtime/identity/jws_algorithm.h"
#include "runtime/identity/jws_verify.h"
#include "runtime/identity/p256_table.h"

enum { JWS_LANES_MAX = 6 }; /* an RSA key without `alg` */

/* One algorithm of a key, ready to be used. */
struct jws_lane {
    const struct jws_algorithm *algorithm;
    EVP_MD *digest;
    EVP_PKEY_CTX *context; /* initialised for verifying */
    EVP_MAC_CTX *mac;      /* of a secret: holds its key */
};

struct jws_key {
    struct jws_lane lanes[JWS_LANES_MAX];
    uint32_t lane_count;
    EVP_PKEY *public_key;
    EVP_MD_CTX *digest;              /* of an Edwards key: initialised for verifying */
    unsigned coordinate;             /* bytes of r and of s: ECDSA */
    unsigned char point[P256_POINT]; /* of a P-256 key */
    unsigned uses;                   /* of one, until it has its table */
    struct p256_table *table;        /* NULL: none yet */
};

#endif

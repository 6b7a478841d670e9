/*
 * ECDSA over P-256 (FIPS 186-4, section 6.4) on two groups: the curve as it is, and the curve with
 * the issuer's key as its generator, so that EC_GROUP_precompute_mult makes the table for the key.
 * These calls are deprecated in OpenSSL 3.0 and have no successor: EVP_PKEY offers no
 * precomputation. Everything here is public: nothing needs constant time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* see above; this file alone */

#include "runtime/identity/p256_table.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum state { STATE_NONE, STATE_MAKING, STATE_MADE, STATE_FAILED };

struct p256_table {
    EC_GROUP *curve, *of_key; /* the second has the key as its generator */
    EC_POINT *sum, *part;
    BN_CTX *numbers;
    pthread_t thread; /* to be joined unless STATE_NONE */
    bool has_thread;
    atomic_int state;
};

void p256_table_close(struct p256_table *table)
{
    if (!table)
        return;
    if (table->has_thread)
        pthread_join(table->thread, NULL);
    BN_CTX_free(table->numbers);
    EC_POINT_free(table->sum);
    EC_POINT_free(table->part);
    EC_GROUP_free(table->curve);
    EC_GROUP_free(table->of_key);
    free(table);
}

/* The key becomes the generator. */
static bool set_key(struct p256_table *table, const unsigned char *point)
{
    const BIGNUM *order = EC_GROUP_get0_order(table->curve);
    return EC_POINT_oct2point(table->curve, table->part, point, P256_POINT, table->numbers) &&
           EC_GROUP_set_generator(table->of_key, table->part, order, BN_value_one());
}

struct p256_table *p256_table_open(const unsigned char point[static P256_POINT])
{
    struct p256_table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    table->curve = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    table->of_key = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    table->numbers = BN_CTX_new();
    if (table->curve && table->of_key && table->numbers) {
        table->sum = EC_POINT_new(table->curve);
        table->part = EC_POINT_new(table->curve);
        if (table->sum && table->part && set_key(table, point))
            return table;
    }
    ERR_clear_error();
    p256_table_close(table);
    return NULL;
}

bool p256_table_make(struct p256_table *table)
{
    bool done = EC_GROUP_precompute_mult(table->of_key, NULL) == 1;
    atomic_store_explicit(&table->state, done ? STATE_MADE : STATE_FAILED, memory_order_release);
    return done;
}

static void *make_in_thread(void *context)
{
    p256_table_make(context);
    OPENSSL_thread_stop();
    return NULL;
}

static void start(struct p256_table *table)
{
    atomic_store(&table->state, STATE_MAKING);
    table->has_thread = pthread_create(&table->thread, NULL, make_in_thread, table) == 0;
    if (!table->has_thread)
        atomic_store(&table->state, STATE_FAILED); /* then it is checked the usual way */
}

bool p256_table_is_ready(struct p256_table *table)
{
    int state = atomic_load_explicit(&table->state, memory_order_acquire);
    if (state == STATE_NONE)
        start(table);
    return state == STATE_MADE;
}

struct numbers {
    BIGNUM *r, *s, *digest, *inverse, *one, *two, *x;
};

static bool get_numbers(BN_CTX *context, struct numbers *out)
{
    out->r = BN_CTX_get(context);
    out->s = BN_CTX_get(context);
    out->digest = BN_CTX_get(context);
    out->inverse = BN_CTX_get(context);
    out->one = BN_CTX_get(context);
    out->two = BN_CTX_get(context);
    out->x = BN_CTX_get(context);
    return out->x != NULL; /* once it fails it goes on failing */
}

static bool is_in_range(const BIGNUM *number, const BIGNUM *order)
{
    return !BN_is_zero(number) && BN_cmp(number, order) < 0;
}

/* sum = digest/s * G + r/s * Q; its x is r. */
static bool check(struct p256_table *table, const struct numbers *n, const BIGNUM *order)
{
    BN_CTX *context = table->numbers;
    const EC_GROUP *curve = table->curve;
    return BN_mod_inverse(n->inverse, n->s, order, context) &&
           BN_mod_mul(n->one, n->digest, n->inverse, order, context) &&
           BN_mod_mul(n->two, n->r, n->inverse, order, context) &&
           EC_POINT_mul(curve, table->sum, n->one, NULL, NULL, context) &&
           EC_POINT_mul(table->of_key, table->part, n->two, NULL, NULL, context) &&
           EC_POINT_add(curve, table->sum, table->sum, table->part, context) &&
           !EC_POINT_is_at_infinity(curve, table->sum) &&
           EC_POINT_get_affine_coordinates(curve, table->sum, n->x, NULL, context) &&
           BN_nnmod(n->x, n->x, order, context) && BN_cmp(n->x, n->r) == 0;
}

bool p256_table_verify(struct p256_table *table, const unsigned char r[static P256_NUMBER],
                       const unsigned char s[static P256_NUMBER],
                       const unsigned char digest[static P256_NUMBER])
{
    const BIGNUM *order = EC_GROUP_get0_order(table->curve);
    struct numbers numbers;
    BN_CTX_start(table->numbers);
    bool is_good = get_numbers(table->numbers, &numbers) && BN_bin2bn(r, P256_NUMBER, numbers.r) &&
                   BN_bin2bn(s, P256_NUMBER, numbers.s) &&
                   BN_bin2bn(digest, P256_NUMBER, numbers.digest) &&
                   is_in_range(numbers.r, order) && is_in_range(numbers.s, order) &&
                   check(table, &numbers, order);
    BN_CTX_end(table->numbers);
    if (!is_good)
        ERR_clear_error();
    return is_good;
}

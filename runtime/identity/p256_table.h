/*
 * ES256 with a table of multiples of the issuer's key: half the time of OpenSSL's own check, which
 * has such a table for the curve's generator only. Making it takes 26 ms and 150 kB, so it is made
 * for keys that are really used, and in a thread, so that nobody waits for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_P256_TABLE_H
#define IDENTITY_P256_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct p256_table;

enum { P256_NUMBER = 32, P256_POINT = 1 + 2 * P256_NUMBER };

/* Whoever has a key opens a table for it after so many checks. */
enum { P256_TABLE_AFTER = 64 };

/* `point` is uncompressed, on the curve and not at infinity. NULL: out of memory. */
struct p256_table *p256_table_open(const unsigned char point[static P256_POINT]);
void p256_table_close(struct p256_table *table); /* NULL is fine */

/* The first time starts to make it. */
bool p256_table_is_ready(struct p256_table *table);
/* Makes it now, in this thread. For tests and benchmarks. */
bool p256_table_make(struct p256_table *table);

/* Whether r and s are a signature of the digest. Only when it is ready. */
bool p256_table_verify(struct p256_table *table, const unsigned char r[static P256_NUMBER],
                       const unsigned char s[static P256_NUMBER],
                       const unsigned char digest[static P256_NUMBER]);

#endif

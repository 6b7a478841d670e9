/*
 * Answers in gzip (RFC 1952), for clients that ask for it. One per worker, whose 260 kB of state
 * are there from the first such answer on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRANSPORT_COMPRESS_H
#define TRANSPORT_COMPRESS_H

#include "runtime/memory/pool.h"

struct compress;

enum { COMPRESS_LEAST = 1024 }; /* bytes; less fits into one packet as it is */

/* NULL: out of memory. */
struct compress *compress_open(void);
void compress_close(struct compress *compress); /* NULL is fine */

/* The text compressed, in `pool`. False when there is no memory, or it would not be smaller. */
bool compress_text(struct compress *compress, struct slice text, struct pool *pool,
                   struct slice *out);

#endif

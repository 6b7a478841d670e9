/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a hash table's keys that come from outside cannot be
 * chosen to collide by somebody who does not know the key.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MEMORY_SIPHASH_H
#define MEMORY_SIPHASH_H

#include <stdint.h>

#include "runtime/memory/slice.h"

struct siphash_key {
    uint64_t words[2]; /* random, drawn once a process */
};

uint64_t siphash(const struct siphash_key *key, struct slice bytes);

#endif

/*
 * Builds the perfect hash of names that the runtime looks tools up in (compress-hash-displace:
 * Belazzougui, Botelho, Dietzfelbinger, ESA 2009). Takes distinct names, gives the table of
 * <mcpp/policy.h>; knows nothing of tools.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_HASH_H
#define TABLES_HASH_H

#include "compiler/base/str.h"
#include <mcpp/policy.h>

/* The same names give the same table. False when no seed works, which distinct names make
 * practically impossible. */
bool hash_build(const char *const *names, uint32_t count, struct arena *arena,
                struct mcpp_hash_table *out);

#endif

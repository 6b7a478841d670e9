/*
 * Readable C identifiers made from names of the policy: getPetById -> GET_PET_BY_ID. Unique in the
 * one file that they are for; a clash gets _2, _3 in the order of asking. The alphabet is A-Z, 0-9
 * and '_', so nothing that a document says can become code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_C_NAME_H
#define TABLES_C_NAME_H

#include "compiler/base/map.h"

struct c_names {
    struct arena *arena;
    struct map taken;
    struct map counters; /* name without a number -> the last number tried */
};

void c_names_open(struct c_names *names, struct arena *arena);

/* In capitals, for an enumerator. `fallback` is used when the text has no letter or digit of
 * ASCII. */
struct str c_name(struct c_names *names, struct str text, const char *fallback);

/* In small letters after a prefix that ends with '_' ("needs_"), which keeps it clear of keywords,
 * library functions and predefined macros. */
struct str c_name_with_prefix(struct c_names *names, const char *prefix, struct str text,
                              const char *fallback);

#endif

/*
 * Numbers as the decimal texts they were sent as. Nothing goes through a double, so that 64-bit
 * integers and decimal fractions compare exactly. Knows nothing of schemas.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef VALIDATE_DECIMAL_H
#define VALIDATE_DECIMAL_H

#include <stdint.h>

#include "runtime/memory/slice.h"

/* Exponents beyond this are taken for it: such numbers compare as equal in size. */
#define DECIMAL_EXPONENT_MAX INT64_C(1000000000000000)

struct decimal {
    struct slice digits; /* from the first to the last that is not 0, maybe with a point inside */
    int64_t first, last; /* the powers of ten of these two */
    int sign;            /* -1, 0, 1 */
};

/* `number` is a JSON number (RFC 8259, section 6). */
struct decimal decimal_read(struct slice number);

int decimal_compare(const struct decimal *left, const struct decimal *right); /* -1, 0, 1 */
bool decimal_is_integer(const struct decimal *number);

/* A count as schemas give it; UINT32_MAX for more than that, 0 for less than 0. */
uint32_t decimal_count(const struct decimal *number);

/* Divisors that decimal_is_multiple can take: above 0 and of at most 18 significant digits. */
bool decimal_is_divisor(const struct decimal *number);
bool decimal_is_multiple(const struct decimal *number, const struct decimal *divisor);

/* The same for numbers that compare as equal. */
uint64_t decimal_hash(const struct decimal *number);

#endif

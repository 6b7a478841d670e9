/*
 * The formats that are cheap and exact to check: date, date-time and time (RFC 3339), uuid
 * (RFC 9562), ipv4 and ipv6 (RFC 2673, 4291), and the ranges of int32 and int64. Other formats are
 * annotations, as JSON Schema 2020-12 has them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef VALIDATE_FORMAT_H
#define VALIDATE_FORMAT_H

#include "runtime/memory/slice.h"
#include "runtime/validate/decimal.h"

struct format {
    const char *name;
    const char *expected;                           /* "a date like 2024-12-31" */
    bool (*is_string_fit)(struct slice characters); /* NULL: says nothing about strings */
    const char *least, *most;                       /* of integers; NULL: nothing about numbers */
};

/* NULL for a format that is not checked. */
const struct format *format_find(struct slice name);

bool format_fits_number(const struct format *format, const struct decimal *number);

#endif

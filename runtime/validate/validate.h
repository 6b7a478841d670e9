/*
 * Validates a value against a compiled schema and says in words for a model what is wrong: where,
 * what was expected, what came. Memory is only needed for these words, for strings with escapes
 * and for large arrays of unique items.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef VALIDATE_VALIDATE_H
#define VALIDATE_VALIDATE_H

#include "runtime/validate/instance.h"
#include "runtime/validate/schema.h"

enum {
    VALIDATE_PROBLEMS_MAX = 5,     /* told in one answer */
    VALIDATE_DEPTH_MAX = 2000,     /* schemas inside each other, references included */
    VALIDATE_STEPS_MAX = 20000000, /* rules looked at, names compared, pattern states followed */
};

enum validate_result {
    VALIDATE_FITS,
    VALIDATE_DIFFERS,
    VALIDATE_TOO_DEEP,   /* over VALIDATE_DEPTH_MAX: perhaps the schema refers to itself forever */
    VALIDATE_TOO_COSTLY, /* over VALIDATE_STEPS_MAX */
    VALIDATE_NO_MEMORY,
};

/* After VALIDATE_DIFFERS `problems` (may be NULL: nobody wants to know) has a line for each
 * problem: "- tags[0]: expected a string, got 5\n". It starts as {.pool = pool}. */
enum validate_result validate_value(const struct schema *schema, const struct instance *value,
                                    struct pool *pool, struct text *problems);

#endif

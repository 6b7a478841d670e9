/*
 * Regular expressions without backtracking: ECMA-262 patterns become a small program whose states
 * are all followed at once (Thompson), so that matching takes at most program × text steps.
 *
 * Supported: literals, `.`, classes, \d \D \w \W \s \S, \b \B, ^ $, groups (also named and
 * non-capturing), alternation, * + ? {m} {m,} {m,n} with or without a lazy `?`, and the escapes
 * \t \n \v \f \r \0 \cX \xHH \uHHHH \u{…}. As with the flag `u`, a character is a code point.
 * Not supported, and so not enforced: look-around, back references, \p{…}, flags like (?i), POSIX
 * classes, patterns written between slashes, and programs over PATTERN_SIZE_MAX instructions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef VALIDATE_PATTERN_H
#define VALIDATE_PATTERN_H

#include "runtime/memory/pool.h"

enum { PATTERN_SIZE_MAX = 4096, PATTERN_NESTING_MAX = 50 };

enum pattern_operation {
    PATTERN_CHARACTER, /* first: the code point */
    PATTERN_IN,        /* one of ranges[first .. first + second) */
    PATTERN_NOT_IN,
    PATTERN_JUMP,  /* first: relative */
    PATTERN_SPLIT, /* first, second: relative */
    PATTERN_AT_START,
    PATTERN_AT_END,
    PATTERN_AT_WORD,     /* \b */
    PATTERN_NOT_AT_WORD, /* \B */
    PATTERN_MATCH,
};

struct pattern_instruction {
    uint32_t operation; /* enum pattern_operation */
    int32_t first, second;
};

struct pattern_range {
    uint32_t low, high;
};

struct pattern {
    const struct pattern_instruction *program; /* ends with PATTERN_MATCH */
    const struct pattern_range *ranges;
    uint32_t size;
};

enum pattern_status { PATTERN_COMPILED, PATTERN_UNSUPPORTED, PATTERN_NO_MEMORY };

/* `source` is well-formed UTF-8. The pattern lives in `keep`. */
enum pattern_status pattern_compile(struct slice source, struct pool *keep, struct pattern *out);

/* How many words of memory a match needs. */
size_t pattern_scratch_words(const struct pattern *pattern);

enum pattern_result { PATTERN_FOUND, PATTERN_MISSED, PATTERN_TOO_COSTLY };

/* Whether the pattern is found anywhere in the text (well-formed UTF-8). Takes what it costs off
 * `steps`. */
enum pattern_result pattern_match(const struct pattern *pattern, struct slice text,
                                  uint32_t *scratch, uint64_t *steps);

/* The next code point of well-formed UTF-8. */
uint32_t pattern_decode(const char **at);

#endif

/*
 * Assertions for unit tests: plain programs, no framework. A failure prints its place and goes on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UNIT_CHECK_H
#define UNIT_CHECK_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int check_count, check_failures;

static inline bool check_that(bool holds, const char *file, int line, const char *text)
{
    check_count++;
    if (!holds) {
        check_failures++;
        fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
    }
    return holds;
}

#define CHECK(condition) check_that((condition), __FILE__, __LINE__, #condition)

#define CHECK_INT(actual, wanted)                                                             \
    do {                                                                                      \
        intmax_t actual_ = (intmax_t)(actual), wanted_ = (intmax_t)(wanted);                  \
        if (!check_that(actual_ == wanted_, __FILE__, __LINE__, #actual " == " #wanted))      \
            fprintf(stderr, "    got %" PRIdMAX ", wanted %" PRIdMAX "\n", actual_, wanted_); \
    } while (0)

/* For struct str and struct slice alike: anything with .at and .len. */
#define CHECK_STR(actual, wanted)                                                                  \
    do {                                                                                           \
        const char *wanted_ = (wanted);                                                            \
        size_t len_ = (actual).len;                                                                \
        const char *at_ = (actual).at;                                                             \
        if (!check_that(len_ == strlen(wanted_) && (len_ == 0 || !memcmp(at_, wanted_, len_)),     \
                        __FILE__, __LINE__, #actual " is " #wanted))                               \
            fprintf(stderr, "    got '%.*s', wanted '%s'\n", (int)len_, len_ ? at_ : "", wanted_); \
    } while (0)

/* The exit status of the program; 0 only when something was checked and nothing failed. */
static inline int check_report(void)
{
    fprintf(stderr, "%d checks, %d failed\n", check_count, check_failures);
    return check_failures || !check_count;
}

#endif

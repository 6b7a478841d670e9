/*
 * One test of a claim or of an argument (struct mcpp_test). Pure: no memory, no clock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DECIDE_TEST_H
#define DECIDE_TEST_H

#include "runtime/identity/caller.h"

/* A value on a scanned tape. */
struct json_place {
    const char *text;
    const struct json_node *nodes;
    uint32_t node;
};

enum test_result {
    TEST_FAILS,
    TEST_HOLDS,
    TEST_MISFITS, /* the argument is of a type that the test cannot look at: refuse the call */
};

/* The value of a member whose name has exactly these characters; 0: none, or no object. */
uint32_t json_place_member(const struct json_place *object, struct slice name);

/* A test of a claim; `value` NULL: the caller has not got it. */
bool test_claim(const struct mcpp_test *test, const struct json_place *value);

/* A test of an argument. `arguments` is an object; NULL: none were given. */
enum test_result test_argument(const struct mcpp_test *test, const struct caller *caller,
                               const struct json_place *arguments);

/* "a number", "a string or a number": what an argument must be to fit. */
const char *test_wants(const struct mcpp_test *test);

#endif

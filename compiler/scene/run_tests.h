/*
 * Runs the `test` blocks of a policy on its tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SCENE_RUN_TESTS_H
#define SCENE_RUN_TESTS_H

#include "compiler/scene/scene.h"

/* How often a condition was asked in calls, and what it said. */
struct test_coverage {
    uint32_t held, failed;
};

struct test_results {
    uint32_t test_count, expectation_count, failed_count;
    const struct test_coverage *rules; /* of the policy */
    const struct test_coverage *needs; /* of its tools */
};

/* Each expectation that is not met is reported at its line. */
struct test_results run_tests(const struct tables *tables, struct arena *arena,
                              struct diag_list *diags);

#endif

/*
 * JSONPath (RFC 9535) as overlays need it: names, wildcards, indices, descendants and filters that
 * compare with a literal. What is not supported is refused by name, at its place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_JSON_PATH_H
#define OPENAPI_JSON_PATH_H

#include "compiler/openapi/document.h"

/* One step down: a member by its name, or an item by its index. */
struct path_step {
    bool is_index;
    struct str name;
    int64_t index; /* negative: from the end */
};

enum path_test_kind { TEST_OR, TEST_AND, TEST_NOT, TEST_EXISTS, TEST_COMPARE };

enum path_comparison {
    COMPARE_EQUAL,
    COMPARE_NOT_EQUAL,
    COMPARE_LESS_EQUAL,
    COMPARE_GREATER_EQUAL,
    COMPARE_LESS,
    COMPARE_GREATER,
};

/* What a filter asks of a child. */
struct path_test {
    enum path_test_kind kind;
    const struct path_test *left, *right; /* TEST_NOT: left */
    const struct path_step *steps;        /* TEST_EXISTS, TEST_COMPARE: from the child */
    uint32_t step_count;
    enum path_comparison comparison;
    const struct node *literal;
};

enum path_selector_kind { SELECTOR_STEP, SELECTOR_ALL, SELECTOR_FILTER };

struct path_selector {
    enum path_selector_kind kind;
    struct path_step step;
    const struct path_test *test;
};

struct path_segment {
    bool is_descendant; /* also of everything below */
    const struct path_selector *selectors;
    uint32_t selector_count;
};

enum { JSON_PATH_SEGMENT_MAX = 60 };

struct json_path {
    const struct path_segment *segments; /* none: the root */
    uint32_t segment_count;
};

/* Reads the characters of a string node. False when it is no such path; it was reported. */
bool json_path_parse(const struct node *text, struct arena *arena, struct diag_list *diags,
                     struct json_path *out);

/* Whether the segment selects the child number `index` of a sequence or mapping. */
bool json_path_selects(const struct path_segment *segment, const struct node *parent,
                       uint32_t index);

#endif

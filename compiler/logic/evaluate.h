/*
 * The reference evaluator: reads the policy's conditions as they are written, for one caller and
 * one call. Slow and direct; shares nothing with the diagrams or with runtime/decide, because it is
 * their judge.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOGIC_EVALUATE_H
#define LOGIC_EVALUATE_H

#include "compiler/policy/check.h"
#include "grammar/json.h"

enum evaluate_caller_kind {
    EVALUATE_ANONYMOUS,
    EVALUATE_VERIFIED,
    EVALUATE_OPERATOR, /* holds everything */
    EVALUATE_NARROWED, /* the operator with what is listed here; a list that is NULL is everything
                          when the other one is NULL as well */
};

/* A scanned JSON object; text NULL: none. */
struct evaluate_json {
    const char *text;
    const struct json_tape *tape;
    uint32_t node;
};

struct evaluate_caller {
    enum evaluate_caller_kind kind;
    const struct str *scopes, *roles; /* carried by the token, listed by its roles claim */
    uint32_t scope_count, role_count;
    struct str verifier;  /* of a verified caller */
    struct str transport; /* "stdio" or "http" */
    struct evaluate_json claims;
};

enum verdict_kind {
    VERDICT_ALLOWED,
    VERDICT_UNKNOWN,  /* hidden */
    VERDICT_TOKEN,    /* 401 */
    VERDICT_NEEDS,    /* 403: needs are not met */
    VERDICT_DENIED,   /* 403 by a rule on callers */
    VERDICT_REFUSED,  /* a tool result by a rule on arguments */
    VERDICT_ARGUMENT, /* an argument that a rule looks at has a wrong type */
    VERDICT_FILLED,   /* an argument was given that a claim fills in */
    VERDICT_CLAIM,    /* a claim that fills an argument in is missing */
};

struct verdict {
    enum verdict_kind kind;
    const struct rule *rule;      /* that decided; NULL: none did */
    const struct condition *test; /* VERDICT_ARGUMENT: one that the argument does not fit */
};

struct verdict evaluate(const struct policy *policy, const struct evaluate_caller *caller,
                        uint32_t tool, const struct evaluate_json *arguments);

/* One condition for one caller and call; a test that an argument does not fit is false. */
bool evaluate_condition(const struct policy *policy, const struct evaluate_caller *caller,
                        const struct evaluate_json *arguments, const struct condition *condition);
bool evaluate_guard(const struct policy *policy, const struct evaluate_caller *caller,
                    const struct evaluate_json *arguments, struct guard guard);

#endif

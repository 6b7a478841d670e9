/*
 * What the parts of the checker share: check.c (whole policy) and the other check_….c, select.c.
 * Not for other stages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_CHECKER_H
#define POLICY_CHECKER_H

#include "compiler/policy/check.h"
#include "compiler/policy/resolve.h"

/* How well a selector names a tool: a `send` for one tool beats one for many. */
enum specificity { NOT_SELECTED, SELECTED_BY_ALL, SELECTED_BY_KIND, SELECTED_BY_NAME };

struct checker {
    const struct policy_ast *ast;
    struct arena *arena;
    struct diag_list *diags;
    struct resolver names;
    struct policy *policy;
    struct tool *tools;          /* policy->tools, while they are being made */
    enum specificity *marks;     /* of each tool, while selectors are read; else all NOT_SELECTED */
    struct map wrong_selectors;  /* their spans: each is reported once, in however many rules */
    const struct node **schemas; /* of each tool, read when first looked at; NULL: not yet */
    LIST(struct claim *) claims;
    const struct statement *api, *server, *backend, *accept, *validate; /* NULL: not there */
};

/* The next statement of this kind after `previous` (NULL: the first), or NULL. */
const struct statement *check_next(const struct checker *checker, const struct statement *previous,
                                   enum statement_kind kind);

/* The one statement of this kind, or NULL; a second one is reported. */
const struct statement *check_only(struct checker *checker, enum statement_kind kind);

/* Each fills its part of checker->policy. */
void check_scopes(struct checker *checker);
void check_verifiers(struct checker *checker);
void check_tools(struct checker *checker); /* and that every operation is spoken about */
void check_roles(struct checker *checker); /* and granted scopes, and in which order they follow */
void check_rules(struct checker *checker); /* hide, deny, allow only */
void check_fills(struct checker *checker);
void check_limits(struct checker *checker);
void check_sends(struct checker *checker); /* and the credentials that they send */
void check_tests(struct checker *checker); /* and the operator */

/* ---- credentials ---- */

/* What the statement sends; a label of SEND_NAMED must be resolved before. */
struct credential check_credential(struct checker *checker, const struct statement *what);
const struct oauth2 *check_oauth2(struct checker *checker, const struct statement *what);
void check_secret_name(struct checker *checker, const struct secret *secret);
/* ---- selectors ---- */

/* Tools in ascending order, and how well each was named. */
struct selection {
    struct tool_set tools;
    const enum specificity *how;
};

/* What selects nothing is reported. */
struct selection select_tools(struct checker *checker, const struct statement *statement);

/* ---- conditions ---- */

/* What a condition is for decides what it may look at. */
enum condition_use { USE_NEEDS, USE_ROLE, USE_GRANTED, USE_HIDE, USE_RULE };

/* Resolves the names in a condition; NULL is fine. */
void check_condition(struct checker *checker, enum condition_use use,
                     const struct condition *condition);

/* Whether a condition looks at an argument, or at anything about the caller. */
bool condition_mentions_argument(const struct condition *condition);
bool condition_mentions_caller(const struct condition *condition);

/* Arguments in a rule's guard against the schemas of its tools. */
void check_arguments(struct checker *checker, const struct rule *rule, const enum specificity *how);

/* The tool's input schema; NULL when it has none that can be read. */
const struct node *check_input_schema(struct checker *checker, uint32_t tool);

/* The claim's index; a new one is kept. */
uint32_t check_claim(struct checker *checker, struct word claim);

/* The kept claims become the policy's. */
void check_finish_claims(struct checker *checker);

#endif

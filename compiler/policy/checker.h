/*
 * What the parts of the checker share: check.c (whole policy), check_scope.c, check_verifier.c,
 * check_tool.c, check_credential.c. Not for other stages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_CHECKER_H
#define POLICY_CHECKER_H

#include "compiler/policy/check.h"
#include "compiler/policy/resolve.h"

struct checker {
    const struct policy_ast *ast;
    struct arena *arena;
    struct diag_list *diags;
    struct resolver names;
    struct policy *policy;
    const struct statement *api, *server, *backend, *accept, *validate; /* NULL: not there */
};

/* The next statement of this kind after `previous` (NULL: the first), or NULL. */
const struct statement *check_next(const struct checker *checker, const struct statement *previous,
                                   enum statement_kind kind);

/* Each fills its part of checker->policy. */
void check_scopes(struct checker *checker);
void check_verifiers(struct checker *checker);
void check_tools(struct checker *checker); /* and that every operation is spoken about */
void check_credentials(struct checker *checker);

#endif

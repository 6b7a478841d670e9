/*
 * Names of a policy: what is declared, and what is meant where one is used. An unknown name is
 * reported once; after that it is poisoned and causes no further errors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_RESOLVE_H
#define POLICY_RESOLVE_H

#include "compiler/base/map.h"
#include "compiler/policy/ast.h"

/* One thing that has a name: its statement, and its index among its kind. */
struct declared {
    const struct statement *statement;
    uint32_t index;
    bool is_used;
};

/* The names of one kind; starts as {.declared = {arena}, .poisoned = {arena}}. */
struct names {
    struct map declared; /* name -> struct declared */
    struct map poisoned; /* names that were reported */
    LIST(struct str) all;
};

struct resolver {
    struct arena *arena;
    struct diag_list *diags;
    struct names scopes, verifiers, tools;
};

/* Collects what the AST declares; a second declaration of a name is reported. */
void resolve_declarations(const struct policy_ast *ast, struct arena *arena,
                          struct diag_list *diags, struct resolver *out);

/* What the word names, or NULL when it is unknown. */
struct declared *resolve_scope(struct resolver *resolver, struct word word);
struct declared *resolve_verifier(struct resolver *resolver, struct word word);
struct declared *resolve_tool(struct resolver *resolver, struct word word);

#endif

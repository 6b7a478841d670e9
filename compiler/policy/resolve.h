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

enum name_kind {
    NAME_SCOPE,
    NAME_ROLE,
    NAME_VERIFIER,
    NAME_TOOL,
    NAME_GROUP,
    NAME_CREDENTIAL,
    NAME_KIND_COUNT,
};

struct resolver {
    struct arena *arena;
    struct diag_list *diags;
    struct names names[NAME_KIND_COUNT];
};

/* Collects what the AST declares; a second declaration of a name is reported. */
void resolve_declarations(const struct policy_ast *ast, struct arena *arena,
                          struct diag_list *diags, struct resolver *out);

/* What the word names, or NULL when it is unknown: that is reported. */
struct declared *resolve_name(struct resolver *resolver, enum name_kind kind, struct word word);

/* Of either kind; a report speaks about tools and groups. */
struct declared *resolve_tool_or_group(struct resolver *resolver, struct word word);

/* The declaration, or NULL; reports nothing and counts as no use. */
struct declared *resolve_look(const struct resolver *resolver, enum name_kind kind,
                              struct str name);

#endif

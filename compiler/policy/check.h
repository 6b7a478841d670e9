/*
 * Border 5: a policy with every name resolved. Made by check.c from an AST and the API that it
 * speaks about. References are indices into the arrays here; everything has an origin.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H

#include "compiler/openapi/model.h"
#include "compiler/policy/ast.h"

struct scope {
    struct str name, description;
    const uint32_t *implies; /* all scopes that follow, itself included, ascending */
    uint32_t implies_count;
    struct span origin;
};

enum verifier_algorithm { ALGORITHM_RS256 = 1 << 0, ALGORITHM_ES256 = 1 << 1 };

struct verifier {
    struct str name;
    struct str issuer, jwks, audience, scope_claim;
    uint32_t algorithms; /* of enum verifier_algorithm */
    uint32_t leeway_s;
    struct span origin;
};

struct credential {
    enum send_kind kind;
    struct str name; /* of the header, query parameter or cookie */
    enum secret_kind secret_kind;
    struct str secret_name;
    struct span origin;
};

enum {
    HINT_READ_ONLY = 1 << 0,
    HINT_DESTRUCTIVE = 1 << 1,
    HINT_IDEMPOTENT = 1 << 2,
    HINT_OPEN_WORLD = 1 << 3,
};

struct tool {
    struct str name, title, description;
    const struct operation *operation;
    const struct condition *needs; /* scope words resolve through policy_scope() */
    const uint32_t *credentials;
    uint32_t credential_count;
    uint32_t hints;      /* HINT_* */
    uint32_t timeout_ms; /* 0: the default */
    struct str server;   /* base URL of this tool alone; empty: the policy's backend */
    struct span origin;
};

struct policy {
    const struct api *api;
    struct str server_name; /* as MCP clients see it */
    struct str backend;     /* base URL, without a trailing '/'; empty: must be given at start */
    const struct scope *scopes;
    uint32_t scope_count;
    const struct verifier *verifiers; /* the accepted ones in order */
    uint32_t verifier_count;
    const struct credential *credentials;
    uint32_t credential_count;
    const struct tool *tools;
    uint32_t tool_count;
    bool validate_tokens;
    struct map scope_index;             /* name -> struct scope */
    const struct source *const *inputs; /* the policy's own texts; none when lowered */
    uint32_t input_count;
};

bool policy_check(const struct policy_ast *ast, const struct api *api, struct arena *arena,
                  struct diag_list *diags, struct policy *out);

/* The scope's index; the name must have passed policy_check. */
uint32_t policy_scope(const struct policy *policy, struct str name);

#endif

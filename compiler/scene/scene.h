/*
 * Callers and calls as people describe them, put to the server's own code on the tables and to the
 * reference evaluator.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SCENE_SCENE_H
#define SCENE_SCENE_H

#include "compiler/tables/judge.h"
#include "compiler/tables/layout.h"

/* Who calls. Without a token: nobody over HTTP, the local operator over stdio. */
struct scene_caller {
    bool has_token;
    struct str transport; /* "http" or "stdio" */
    const struct str *scopes, *roles;
    uint32_t scope_count, role_count;
    struct str verifier; /* that accepted the token; empty: the first one */
    struct str claims;   /* a JSON object; empty: none */
};

/* The caller of a test's `token` line, over `transport`. */
struct scene_caller scene_caller_of(const struct holdings *holdings, struct str transport,
                                    struct arena *arena);

/* `arguments` is a JSON object; empty: none. False when one of the texts is no JSON object. */
bool scene_make(const struct policy *policy, const struct scene_caller *caller, uint32_t tool,
                struct str arguments, struct arena *arena, struct trial *out);

/* False when the text is no JSON object. */
bool scene_scan(struct str text, struct arena *arena, struct evaluate_json *out);

/* A decision as a sentence: "allowed", "403: scope \"write\" is needed". */
struct str scene_describe(const struct mcpp_policy *policy, const struct decision *decision,
                          struct arena *arena);

/* The rule of the policy that a decision names, or NULL. */
const struct rule *scene_rule(const struct tables *tables, const struct decision *decision);

#endif

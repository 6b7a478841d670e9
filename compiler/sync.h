/*
 * Bringing a policy up to date with its document: what is new there is added as it would be
 * lowered, what is gone is commented out, and everything else stays byte by byte. Takes the policy
 * as it is written and the API; gives the new text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MCPC_SYNC_H
#define MCPC_SYNC_H

#include "compiler/openapi/model.h"
#include "compiler/policy/ast.h"

struct sync {
    const struct policy_ast *ast;   /* the file */
    const struct policy_ast *whole; /* with what it includes */
    const struct api *api;
    struct arena *arena;
    struct diag_list *diags;
};

struct synced {
    struct str text;
    struct str summary; /* one line a change: "new: GET /pets", "gone: …", "moved: … to …" */
    uint32_t changes;
};

/* False when the document could not be lowered, or when something is gone that only an included
 * file speaks about. */
bool sync_policy(const struct sync *sync, struct synced *out);

#endif

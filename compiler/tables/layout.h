/*
 * Border 7: the very arrays that policy.c will hold, and the identifiers to write them with. Made
 * from a checked policy; the emitter only prints, and tests run the runtime's decide/ on it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_LAYOUT_H
#define TABLES_LAYOUT_H

#include "compiler/policy/check.h"
#include <mcpp/policy.h>

/* A set of facts that several tools may share, with the name it gets in policy.c. */
struct fact_set_group {
    struct mcpp_any_of any_of;
    struct str identifier; /* "read_pets", "read_pets_and_write_pets", "needs_17" */
};

struct tables {
    struct mcpp_policy policy;          /* all pointers point into the arena */
    const struct policy *source;        /* statements for the comments, origins */
    const struct str *fact_identifiers; /* "READ_PETS" */
    const struct str *tool_identifiers; /* "GET_PET_BY_ID" */
    const struct str *verifier_identifiers;
    const struct str *credential_identifiers;
    const struct fact_set_group *groups; /* each distinct `needs` once, in order of first use */
    uint32_t group_count;
    const uint32_t *tool_groups; /* tool -> index into groups */
};

bool tables_build(const struct policy *policy, struct arena *arena, struct diag_list *diags,
                  struct tables *out);

#endif

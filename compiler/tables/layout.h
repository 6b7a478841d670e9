/*
 * Border 7: the very arrays that policy.c will hold, and the identifiers to write them with. Made
 * from a checked policy; the emitter only prints, and tests run the runtime's decide/ on it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_LAYOUT_H
#define TABLES_LAYOUT_H

#include "compiler/logic/logic.h"
#include "compiler/tables/facts.h"
#include "compiler/tables/nodes.h"
#include "compiler/tables/tests.h"
#include <mcpp/policy.h>

/* The roots of diagrams: derived facts first, then these of each tool. */
enum { ROOT_SHOWN, ROOT_DECISION, ROOT_OPERATOR, TOOL_ROOTS };

/* A set of facts that several tools may share, with the name it gets in policy.c. */
struct fact_set_group {
    struct mcpp_any_of any_of;
    struct str identifier; /* "needs_read_pets", "needs_read_pets_and_write_pets", "needs_17" */
    struct str enumerator; /* "NEEDS_READ_PETS": of the challenge that asks for it */
};

struct tables {
    struct mcpp_policy policy;   /* all pointers point into the arena */
    const struct policy *source; /* statements for the comments, origins */
    const struct logic *logic;
    struct facts facts;
    struct tests tests;
    struct nodes nodes;
    const struct str *fact_identifiers; /* "READ_PETS" */
    const struct str *tool_identifiers; /* "GET_PET_BY_ID" */
    const struct str *verifier_identifiers, *credential_identifiers, *choice_identifiers;
    const struct str *claim_identifiers, *test_identifiers, *rule_identifiers;
    const struct str *node_identifiers, *limit_identifiers;
    const struct fact_set_group *groups;  /* each distinct challenge once, in order of first use */
    const struct mcpp_any_of *challenges; /* of each group */
    uint32_t group_count;
    const uint32_t *tool_groups; /* tool -> index into groups */
};

/* Does not verify them. The logic is borrowed. */
bool tables_build(const struct logic *logic, struct arena *arena, struct diag_list *diags,
                  struct tables *out);

#endif

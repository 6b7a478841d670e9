/*
 * Proves on every compile that the tables decide as the policy says: runs the runtime's own lookup
 * and decision on them and compares with the conditions, evaluated word by word. Exhaustive for
 * conditions over at most 12 facts, random sets of facts beyond.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_VERIFY_H
#define TABLES_VERIFY_H

#include "compiler/tables/layout.h"

/* False and a reported internal error at the first difference. */
bool tables_verify(const struct tables *tables, struct diag_list *diags);

#endif

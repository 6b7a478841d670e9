/*
 * Proves on every compile that the tables decide as the policy says. The functions are built again
 * from the emitted arrays and compared with those of the policy for all inputs, which is to compare
 * diagrams; tests are compared with the conditions that they were made of; and the server's own
 * code is run on the tables beside the reference evaluator, with callers and calls drawn at random.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_VERIFY_H
#define TABLES_VERIFY_H

#include "compiler/tables/layout.h"

/* False and a reported internal error at the first difference. */
bool tables_verify(const struct tables *tables, struct diag_list *diags);

#endif

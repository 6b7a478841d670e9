/*
 * The identifiers that policy.c indexes its arrays by. Given in the order of that file, so that of
 * two equal ones the first is plain.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_NAMES_H
#define TABLES_NAMES_H

#include "compiler/tables/c_name.h"
#include "compiler/tables/layout.h"

/* Fills all lists of identifiers in the tables, from their logic and the arrays built so far. */
void names_give(struct c_names *names, struct arena *arena, struct tables *tables);

#endif

/*
 * Prints what the tables decide about each tool as indented questions, for `mcpc --dump=decisions`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_DECISION_DUMP_H
#define TABLES_DECISION_DUMP_H

#include "compiler/tables/layout.h"

void decision_dump(const struct tables *tables, struct str_builder *out);

#endif

/*
 * Prints border 7 as text for `mcpc --dump=tables`: stable, one line a thing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_TABLES_DUMP_H
#define TABLES_TABLES_DUMP_H

#include "compiler/tables/layout.h"

void tables_dump(const struct tables *tables, struct str_builder *out);

#endif

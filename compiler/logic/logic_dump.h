/*
 * Prints border 6 as text for `mcpc --dump=logic`: atoms, and each function as a list of questions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOGIC_LOGIC_DUMP_H
#define LOGIC_LOGIC_DUMP_H

#include "compiler/logic/logic.h"

void logic_dump(const struct logic *logic, struct str_builder *out);

#endif

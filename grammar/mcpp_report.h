/*
 * Words for a syntax error: what was found and what was expected. Takes the names of tokens as the
 * grammar gives them; knows no token by itself, keywords by the quotes in their names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef GRAMMAR_MCPP_REPORT_H
#define GRAMMAR_MCPP_REPORT_H

#include "grammar/mcpp_read.h"

/* `found` and `expected` are names of tokens: "'tool'", "a name", "end of line". */
void report_syntax(struct mcpp_reader *reader, struct span span, const char *found,
                   const char *const *expected, size_t count);

#endif

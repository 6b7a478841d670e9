/*
 * What the grammar's actions build nodes with. Takes words and spans; gives nodes of policy/ast.h.
 * Knows no meaning of any name; reports only what the grammar itself cannot say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef GRAMMAR_MCPP_BUILD_H
#define GRAMMAR_MCPP_BUILD_H

#include "grammar/mcpp_read.h"

/* A text with the values of the parameters that it names as `${NAME}`. */
struct str mcpp_substitute(struct mcpp_reader *reader, struct str text, struct span span,
                           bool is_string);

/* ---- statements ---- */

struct statement *build_statement(struct mcpp_reader *reader, enum statement_kind kind,
                                  struct word name);
struct statement *build_send(struct mcpp_reader *reader, enum send_kind kind, struct word name,
                             struct secret secret);

/* Several things together, and alternatives of such; then the statement that sends them. */
struct mcpp_sents build_add_sent(struct mcpp_reader *reader, struct mcpp_sents sents,
                                 struct statement *what, struct span span);
struct mcpp_sents build_add_alternative(struct mcpp_reader *reader, struct mcpp_sents sents,
                                        struct mcpp_sents alternative);
struct statement *build_choice(struct mcpp_reader *reader, struct mcpp_sents sents);

/* A finished statement, with the comments around it. */
void build_keep(struct mcpp_reader *reader, struct statement *statement, struct span span,
                struct mcpp_newline end);
void build_set_block(struct statement *statement, struct mcpp_block block);

struct setting build_setting(struct mcpp_reader *reader, struct word name, struct mcpp_words values,
                             struct span span);

struct mcpp_settings build_add_setting(struct mcpp_reader *reader, struct mcpp_settings settings,
                                       struct setting setting, struct mcpp_newline end);

/* A short number, or 0 when the word is none. */
uint64_t build_number(struct word word);

/* A secret that stands in the policy itself: reported. */
struct secret build_literal_secret(struct mcpp_reader *reader, struct word word);

/* ---- lists ---- */

struct words build_words(struct mcpp_words list);
struct mcpp_words build_add_word(struct mcpp_reader *reader, struct mcpp_words list,
                                 struct word word);
struct mcpp_selectors build_add_selector(struct mcpp_reader *reader, struct mcpp_selectors list,
                                         struct selector selector);
struct selectors build_selectors(struct mcpp_selectors list);

/* ---- conditions ---- */

/* A node, or an earlier one again when there are too many: that was reported. */
const struct condition *build_condition(struct mcpp_reader *reader, struct condition condition);

/* `"read:pets"` alone: allowed in `needs`, reported in a guard. */
const struct condition *build_bare_scope(struct mcpp_reader *reader, struct word word);

/* The end of a condition: of a `needs`, where a scope may stand alone, or of a guard. */
const struct condition *build_whole_condition(struct mcpp_reader *reader,
                                              const struct condition *condition, bool is_needs);

/* What stands after `claim "p"` or `arg p`. */
struct mcpp_test build_test(struct mcpp_reader *reader, enum comparison comparison,
                            struct literal literal);
struct mcpp_literals build_add_literal(struct mcpp_reader *reader, struct mcpp_literals list,
                                       struct literal literal);

/* A number, `true` or `false`; another word is reported. */
struct literal build_literal(struct mcpp_reader *reader, struct word word);

/* ---- values and tests ---- */

struct value build_value(struct mcpp_reader *reader, struct word word);
struct value build_members(enum value_kind kind, struct mcpp_members members, struct span span);
struct mcpp_members build_add_member(struct mcpp_reader *reader, struct mcpp_members list,
                                     struct value_member member);
struct mcpp_holdings build_holdings(struct mcpp_reader *reader, struct mcpp_holdings all,
                                    struct mcpp_holdings more);
struct holdings build_held(struct mcpp_holdings all);
struct test_line build_test_line(struct mcpp_reader *reader, struct test_line line,
                                 struct span span);
struct mcpp_lines build_add_line(struct mcpp_reader *reader, struct mcpp_lines lines,
                                 struct test_line line, struct mcpp_newline end);

#endif

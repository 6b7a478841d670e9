/*
 * Texts of a document as C: string literals and comments that their content can neither end nor
 * continue, under any compiler, with trigraphs or without. The output is ASCII.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EMIT_C_TEXT_H
#define EMIT_C_TEXT_H

#include "compiler/base/str.h"

/* The longest string literal that C17 promises (5.2.4.1), after joining adjacent pieces. */
enum { C_LITERAL_MAX = 4095 };

/* A literal on one line, however long. */
void c_text_literal(struct str text, struct str_builder *out);

/* A literal in pieces: a new line, indented, after each line end and where it grows too wide. */
void c_text_wrapped(struct str text, size_t indent, struct str_builder *out);

/* A comment of one or more lines, with its line end. */
void c_text_comment(struct str text, size_t indent, struct str_builder *out);

/* The inside of a comment: one line, without line end. */
void c_text_comment_line(struct str line, struct str_builder *out);

void c_text_indent(size_t indent, struct str_builder *out);

#endif

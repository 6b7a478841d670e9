/*
 * Pieces that all tables are written with: enumerations, comments from statements, origins, fields.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EMIT_PART_H
#define EMIT_PART_H

#include "compiler/emit/emit.h"

/* `enum { A, B, LAST };`, wrapped; `last` is the name of the count. */
void part_enum(const struct str *identifiers, uint32_t count, const char *last,
               struct str_builder *out);

/* Items of a list, separated by commas and wrapped at the width of a line; starts at column
 * `*column` and keeps it up to date. */
void part_item(struct str item, bool is_last, size_t indent, size_t *column,
               struct str_builder *out);

/* The statement that the span lies in, as a comment. Nothing when there is none. */
void part_statement(const struct emission *emission, struct span origin, size_t indent,
                    struct str_builder *out);

/* `        .name = "text",` with its line end. */
void part_text(const char *name, const char *text, struct str_builder *out);

/* `        .origin = {"petstore.mcpp", 19},` */
void part_origin(struct mcpp_origin origin, struct str_builder *out);

#endif

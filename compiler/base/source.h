/*
 * A text that was read, under the name it was given, and places in it. Sources live to the end of
 * the program because spans point into them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include "compiler/base/str.h"

struct source;

/* Byte offsets [start, end) in a source; an empty span (end of file) is legal. A span without a
 * source speaks about no place: the command line, say. */
struct span {
    struct source *source;
    uint32_t start, end;
};

struct source {
    struct str name; /* as given by the person, or "<rbac>" for the standard library */
    struct str text; /* NUL-terminated past its end, for re2c's sentinel */
    struct str url;  /* where it was fetched from, after redirects; empty: from no URL */
    struct arena *arena;
    const uint32_t *line_starts; /* offsets; made on first use */
    uint32_t line_count;
    uint32_t order;          /* of the first diagnostic about it, from 1; 0: none yet */
    struct span included_at; /* where another text names it; no source: nowhere */
};

/* Reads a file ("-": standard input). On failure gives NULL and the reason in *error. A file over
 * 1 GiB is refused. */
struct source *source_read(struct arena *arena, const char *name, const char **error);

/* A source from text that is already in memory; `text` must be NUL-terminated past its end. */
struct source *source_of(struct arena *arena, struct str name, struct str text);

struct position {
    uint32_t line, column; /* from 1; the column counts bytes, as clang does */
};

struct position source_position(struct source *source, uint32_t offset);

/* The text of a line, from 1, without its line end. */
struct str source_line(struct source *source, uint32_t line);

struct str span_text(struct span span);
struct span span_join(struct span first, struct span last);

#endif

/*
 * Diagnostics: collected while a stage goes on, printed sorted by place. The wording rules are in
 * CONTRIBUTING.md; `slug` is a word from docs/diagnostics.md ("unknown-scope").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdio.h>

#include "compiler/base/list.h"
#include "compiler/base/source.h"

enum diag_severity { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag {
    enum diag_severity severity;
    const char *slug;
    struct span span;
    struct str message; /* what is wrong; lower case, no full stop */
    struct span note_span;
    struct str note; /* about a second place ("declared here"); empty: none */
    struct str help; /* how to mend it; empty: none */
    uint32_t order;  /* of being reported, to keep sorting stable */
};

enum { DIAG_SHOWN_MAX = 50, DIAG_KEPT_MAX = 5000 };

struct diag_list {
    struct arena *arena;
    LIST(struct diag) items;
    uint32_t error_count, warning_count, source_count;
    struct diag surplus; /* stands for those past DIAG_KEPT_MAX, which are only counted */
    size_t surplus_count;
};

/* Adds a diagnostic; the pointer is for the two calls below and valid until the next one. */
struct diag *diag_add(struct diag_list *diags, enum diag_severity severity, const char *slug,
                      struct span span, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
#define diag_error(diags, slug, ...) diag_add((diags), DIAG_ERROR, (slug), __VA_ARGS__)
#define diag_warning(diags, slug, ...) diag_add((diags), DIAG_WARNING, (slug), __VA_ARGS__)

void diag_help(struct diag_list *diags, struct diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_note(struct diag_list *diags, struct diag *diag, struct span span, const char *format,
               ...) __attribute__((format(printf, 4, 5)));

/* "there is a scope with a similar name: 'read:pets'", or nothing when none is near. */
void diag_suggest(struct diag_list *diags, struct diag *diag, const char *noun, struct str wanted,
                  const struct str *candidates, size_t count);

/* Takes out the warnings and notes whose slug is this name; errors stay. */
void diag_allow(struct diag_list *diags, const char *name);

/* All of them, sorted by source and place; as many as diags->items.count. */
const struct diag *const *diag_sorted(const struct diag_list *diags);

/* Prints all of them, sorted by source and place, to `out`, at most DIAG_SHOWN_MAX. */
void diag_print(const struct diag_list *diags, FILE *out);

#endif

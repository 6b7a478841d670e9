/*
 * For tests of the front end: reading a document from a C string and looking at what came of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UNIT_READ_TEXT_H
#define UNIT_READ_TEXT_H

#include "compiler/openapi/document.h"
#include "compiler/openapi/document_dump.h"
#include "tests/unit/check.h"

struct reading {
    struct arena arena;
    struct diag_list diags;
    struct document document;
};

/* The text is copied into heap memory of its own size: its last byte is the NUL. */
static inline bool read_bytes(struct reading *reading, const char *bytes, size_t len)
{
    *reading = (struct reading){0};
    reading->diags.arena = &reading->arena;
    struct str text = str_copy(&reading->arena, (struct str){bytes, len});
    struct source *source = source_of(&reading->arena, STR("test"), text);
    return document_read(source, &reading->arena, &reading->diags, &reading->document);
}

static inline bool read_text(struct reading *reading, const char *text)
{
    return read_bytes(reading, text, strlen(text));
}

static inline struct str dump(struct reading *reading)
{
    struct str_builder out = {.arena = &reading->arena};
    document_dump(&reading->document, &out);
    return str_built(&out);
}

static inline void check_tree(const char *text, const char *wanted, const char *file, int line)
{
    struct reading reading;
    check_that(read_text(&reading, text), file, line, "the text can be read");
    struct str actual = dump(&reading);
    if (!check_that(str_is(actual, wanted), file, line, "the tree is as wanted"))
        fprintf(stderr, "--- got\n%.*s--- wanted\n%s", STR_ARG(actual), wanted);
    diag_print(&reading.diags, stderr);
    arena_free(&reading.arena);
}
#define CHECK_TREE(text, wanted) check_tree((text), (wanted), __FILE__, __LINE__)

/* The first diagnostic as "line:column slug: message". */
static inline struct str first_diag(struct arena *arena, const struct diag_list *diags)
{
    if (diags->items.count == 0)
        return (struct str){0};
    const struct diag *diag = &diags->items.at[0];
    struct position at = source_position(diag->span.source, diag->span.start);
    return str_format(arena, "%u:%u %s: %.*s", at.line, at.column, diag->slug,
                      STR_ARG(diag->message));
}

static inline void check_refused(const char *text, const char *wanted, const char *file, int line)
{
    struct reading reading;
    check_that(!read_text(&reading, text), file, line, "the text is refused");
    struct str actual = first_diag(&reading.arena, &reading.diags);
    if (!check_that(str_is(actual, wanted), file, line, "the diagnostic is as wanted"))
        fprintf(stderr, "    got '%.*s', wanted '%s'\n", STR_ARG(actual), wanted);
    check_that(reading.document.root == NULL, file, line, "there is no root");
    arena_free(&reading.arena);
}
#define CHECK_REFUSED(text, wanted) check_refused((text), (wanted), __FILE__, __LINE__)

#endif

/*
 * Reading texts and finding lines in them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_LIMIT = 1024 * 1024 * 1024, PIECE = 64 * 1024 };

struct source *source_of(struct arena *arena, struct str name, struct str text)
{
    struct source *source = arena_new(arena, struct source);
    *source = (struct source){.name = name, .text = text, .arena = arena};
    return source;
}

/* Reads to the end; doubles a heap buffer so that the arena holds the text only once. */
static char *read_all(FILE *file, size_t *size, const char **error)
{
    char *bytes = NULL;
    size_t capacity = 0;
    *size = 0;
    for (;;) {
        if (*size + PIECE > capacity) {
            capacity = capacity ? capacity * 2 : 4 * (size_t)PIECE;
            char *bigger = realloc(bytes, capacity);
            if (!bigger)
                arena_exhausted();
            bytes = bigger;
        }
        /* cppcheck-suppress nullPointerArithmeticRedundantCheck ; arena_exhausted ends the program
         */
        size_t got = fread(bytes + *size, 1, PIECE, file);
        *size += got;
        if (ferror(file))
            *error = strerror(errno);
        else if (*size > SIZE_LIMIT)
            *error = "the file is larger than 1 GiB";
        if (*error || got < PIECE) /* a short read is the end */
            return bytes;
    }
}

struct source *source_read(struct arena *arena, const char *name, const char **error)
{
    bool is_stdin = strcmp(name, "-") == 0;
    *error = NULL;
    FILE *file = is_stdin ? stdin : fopen(name, "rb");
    if (!file) {
        *error = strerror(errno);
        return NULL;
    }
    size_t size;
    char *bytes = read_all(file, &size, error);
    if (!is_stdin)
        fclose(file);
    struct source *source = NULL;
    if (!*error) {
        struct str text = str_copy(arena, (struct str){bytes, size});
        struct str shown = is_stdin ? STR("<stdin>") : str_copy(arena, str_of(name));
        source = source_of(arena, shown, text);
    }
    free(bytes);
    return source;
}

static void index_lines(struct source *source)
{
    uint32_t count = 1;
    for (size_t i = 0; i < source->text.len; i++)
        count += source->text.at[i] == '\n';
    uint32_t *starts = arena_array(source->arena, count, sizeof *starts);
    starts[0] = 0;
    uint32_t line = 1;
    for (size_t i = 0; i < source->text.len; i++)
        if (source->text.at[i] == '\n')
            starts[line++] = (uint32_t)i + 1;
    source->line_starts = starts;
    source->line_count = count;
}

struct position source_position(struct source *source, uint32_t offset)
{
    if (!source->line_starts)
        index_lines(source);
    uint32_t low = 0, high = source->line_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->line_starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return (struct position){low + 1, offset - source->line_starts[low] + 1};
}

struct str source_line(struct source *source, uint32_t line)
{
    if (!source->line_starts)
        index_lines(source);
    if (line == 0 || line > source->line_count)
        return (struct str){0};
    struct str rest = str_from(source->text, source->line_starts[line - 1]);
    struct str text = str_part(rest, 0, str_find(rest, '\n'));
    if (str_ends(text, "\r"))
        text.len--;
    return text;
}

struct str span_text(struct span span)
{
    return span.source ? str_part(span.source->text, span.start, span.end) : (struct str){0};
}

struct span span_join(struct span first, struct span last)
{
    if (!first.source)
        return last;
    if (first.source != last.source || last.end < first.start)
        return first;
    return (struct span){first.source, first.start, last.end};
}

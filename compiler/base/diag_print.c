/*
 * Printing diagnostics the way compilers do: one line that editors understand, then the source
 * line with a caret, then a note and a help line where there are any.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/base/diag.h"
#include "compiler/base/utf8.h"

static const char *const severity_names[] = {
    [DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_NOTE] = "note"};

/* Long lines (a whole JSON document on one) are shown in part, around the caret. */
enum { WIDTH_MAX = 160, LEFT_OF_CARET = 60 };

static int by_place(const void *left, const void *right)
{
    const struct diag *a = *(const struct diag *const *)left;
    const struct diag *b = *(const struct diag *const *)right;
    uint32_t a_source = a->span.source ? a->span.source->order : 0;
    uint32_t b_source = b->span.source ? b->span.source->order : 0;
    if (a_source != b_source)
        return a_source < b_source ? -1 : 1;
    if (a->span.start != b->span.start)
        return a->span.start < b->span.start ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static bool is_hidden(uint32_t point)
{
    return (utf8_is_control(point) && point != '\t') || utf8_is_direction(point);
}

/* Text from a document may hold control characters: none reaches a terminal. */
static void print_clean(FILE *out, struct str text)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t point = 0;
        size_t size = utf8_decode(text, at, &point);
        if (size == 0)
            fprintf(out, "\\x%02x", (unsigned char)text.at[at]);
        else if (is_hidden(point))
            fprintf(out, "\\u{%x}", point);
        else
            fwrite(text.at + at, 1, size, out);
        at += size ? size : 1;
    }
}

/* The part of a line that is shown: around the caret when the line is long. */
struct window {
    struct str line;
    size_t start, end, caret; /* offsets in the line, at the first byte of a character */
};

static struct window window_of(struct span span, struct position from)
{
    struct window window = {.line = source_line(span.source, from.line)};
    size_t len = window.line.len;
    window.caret = from.column - 1 < len ? from.column - 1 : len;
    if (len > WIDTH_MAX && window.caret > LEFT_OF_CARET)
        window.start = window.caret - LEFT_OF_CARET;
    while (window.start > 0 && utf8_is_continuation(window.line.at[window.start]))
        window.start--;
    window.end = len - window.start > WIDTH_MAX ? window.start + WIDTH_MAX : len;
    while (window.end < len && utf8_is_continuation(window.line.at[window.end]))
        window.end++;
    return window;
}

/* What cannot be shown becomes one replacement character. */
static void print_source(FILE *out, const struct window *window)
{
    fputs(window->start ? "…" : "", out);
    for (size_t at = window->start; at < window->end;) {
        uint32_t point = 0;
        size_t size = utf8_decode(window->line, at, &point);
        if (size == 0 || is_hidden(point))
            fputs("\xef\xbf\xbd", out);
        else
            fwrite(window->line.at + at, 1, size, out);
        at += size ? size : 1;
    }
    fputs(window->end < window->line.len ? "…\n" : "\n", out);
}

/* One column a character; tabs as they are, so that the caret stands below its place. */
static void print_caret(FILE *out, const struct window *window, size_t length)
{
    fputs(window->start ? " " : "", out);
    for (size_t i = window->start; i < window->caret; i++)
        if (!utf8_is_continuation(window->line.at[i]))
            fputc(window->line.at[i] == '\t' ? '\t' : ' ', out);
    fputc('^', out);
    for (size_t i = window->caret + 1; i < window->caret + length && i < window->end; i++)
        if (!utf8_is_continuation(window->line.at[i]))
            fputc('~', out);
    fputc('\n', out);
}

static void print_line(FILE *out, struct span span)
{
    struct position from = source_position(span.source, span.start);
    struct window window = window_of(span, from);
    int gutter = fprintf(out, "%5u | ", from.line) - 2;
    print_source(out, &window);
    fprintf(out, "%*s| ", gutter, "");
    print_caret(out, &window, span.end > span.start ? span.end - span.start : 1);
}

static void print_head(FILE *out, struct span span, const char *severity, struct str message)
{
    if (span.source) {
        struct position at = source_position(span.source, span.start);
        print_clean(out, span.source->name);
        fprintf(out, ":%u:%u: %s: ", at.line, at.column, severity);
    } else {
        fprintf(out, "mcpc: %s: ", severity);
    }
    print_clean(out, message);
}

/* Through which statements a text that was included became part of the policy. */
static void print_includes(FILE *out, const struct source *source)
{
    for (; source && source->included_at.source; source = source->included_at.source) {
        print_head(out, source->included_at, "note", STR("included here"));
        fputc('\n', out);
        print_line(out, source->included_at);
    }
}

static void print_one(FILE *out, const struct diag *diag)
{
    print_head(out, diag->span, severity_names[diag->severity], diag->message);
    fprintf(out, " [%s]\n", diag->slug);
    if (diag->span.source)
        print_line(out, diag->span);
    if (diag->note.len) {
        print_head(out, diag->note_span, "note", diag->note);
        fputc('\n', out);
        if (diag->note_span.source)
            print_line(out, diag->note_span);
    }
    print_includes(out, diag->span.source);
    if (diag->help.len) {
        fputs("      = help: ", out);
        print_clean(out, diag->help);
        fputc('\n', out);
    }
}

const struct diag *const *diag_sorted(const struct diag_list *diags)
{
    size_t count = diags->items.count;
    const struct diag **sorted = arena_array(diags->arena, count + 1, sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &diags->items.at[i];
    qsort(sorted, count, sizeof *sorted, by_place);
    return sorted;
}

void diag_print(const struct diag_list *diags, FILE *out)
{
    size_t count = diags->items.count;
    if (count == 0)
        return;
    const struct diag *const *sorted = diag_sorted(diags);
    size_t shown = count < DIAG_SHOWN_MAX ? count : DIAG_SHOWN_MAX;
    for (size_t i = 0; i < shown; i++)
        print_one(out, sorted[i]);
    if (shown < count)
        fprintf(out, "mcpc: … and %zu more\n", count - shown + diags->surplus_count);
}

/*
 * Collecting diagnostics.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/diag.h"
#include <string.h>

struct diag *diag_add(struct diag_list *diags, enum diag_severity severity, const char *slug,
                      struct span span, const char *format, ...)
{
    diags->error_count += severity == DIAG_ERROR;
    diags->warning_count += severity == DIAG_WARNING;
    if (diags->items.count == DIAG_KEPT_MAX) {
        diags->surplus_count++;
        return &diags->surplus;
    }
    va_list arguments;
    va_start(arguments, format);
    struct str message = str_vformat(diags->arena, format, arguments);
    va_end(arguments);
    if (span.source && span.source->order == 0)
        span.source->order = ++diags->source_count;
    struct diag *diag = list_add(diags->arena, &diags->items);
    *diag = (struct diag){.severity = severity,
                          .slug = slug,
                          .span = span,
                          .message = message,
                          .order = (uint32_t)diags->items.count};
    return diag;
}

void diag_help(struct diag_list *diags, struct diag *diag, const char *format, ...)
{
    if (diag == &diags->surplus)
        return;
    va_list arguments;
    va_start(arguments, format);
    diag->help = str_vformat(diags->arena, format, arguments);
    va_end(arguments);
}

void diag_note(struct diag_list *diags, struct diag *diag, struct span span, const char *format,
               ...)
{
    if (diag == &diags->surplus)
        return;
    va_list arguments;
    va_start(arguments, format);
    diag->note = str_vformat(diags->arena, format, arguments);
    diag->note_span = span;
    va_end(arguments);
}

void diag_suggest(struct diag_list *diags, struct diag *diag, const char *noun, struct str wanted,
                  const struct str *candidates, size_t count)
{
    struct str nearest = str_nearest(wanted, candidates, count);
    if (nearest.len)
        diag_help(diags, diag, "there is %s %s with a similar name: '%.*s'",
                  strchr("aeiou", *noun) ? "an" : "a", noun, STR_ARG(nearest));
}

void diag_allow(struct diag_list *diags, const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < diags->items.count; i++) {
        struct diag diag = diags->items.at[i];
        bool is_allowed = diag.severity != DIAG_ERROR && strcmp(diag.slug, name) == 0;
        if (!is_allowed)
            diags->items.at[kept++] = diag;
        diags->warning_count -= is_allowed && diag.severity == DIAG_WARNING;
    }
    diags->items.count = kept;
}

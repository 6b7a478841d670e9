/*
 * Reading selectors and asking operations about them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/select.h"

#include <ctype.h>

#include "compiler/base/glob.h"

enum aspect { ASPECT_TAG, ASPECT_PATH, ASPECT_METHOD, ASPECT_ID, ASPECT_COUNT };

static const struct {
    const char *prefix, *noun;
} aspects[] = {
    [ASPECT_TAG] = {"tag:", "tag"},
    [ASPECT_PATH] = {"path:", "path"},
    [ASPECT_METHOD] = {"method:", "method"},
    [ASPECT_ID] = {"id:", "operationId"},
};

struct term {
    enum aspect aspect;
    struct str pattern;
    bool is_matched; /* by some operation, on its own */
};

enum { TERM_MAX = 8 };

struct selector {
    const char *option; /* "--include" */
    struct str text;
    struct term terms[TERM_MAX];
    uint32_t term_count;
    bool is_matched;
};

struct selecting {
    const struct api *api;
    struct arena *arena;
    struct diag_list *diags;
};

/* ---- reading ---- */

static bool find_aspect(struct str text, enum aspect *aspect)
{
    for (int i = 0; i < ASPECT_COUNT; i++) {
        *aspect = (enum aspect)i;
        if (str_starts(text, aspects[i].prefix))
            return true;
    }
    return false;
}

/* Where the first condition ends: at a comma that another one follows, so that a tag may hold a
 * comma. */
static size_t term_end(struct str text)
{
    enum aspect aspect;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == ',' && find_aspect(str_from(text, i + 1), &aspect))
            return i;
    return text.len;
}

static struct str upper(struct arena *arena, struct str text)
{
    struct str_builder out = {.arena = arena};
    for (size_t i = 0; i < text.len; i++)
        str_add_byte(&out, (char)toupper((unsigned char)text.at[i]));
    return str_built(&out);
}

static bool refuse(const struct selecting *selecting, const struct selector *selector,
                   const char *problem)
{
    struct diag *diag =
        diag_error(selecting->diags, "bad-selector", (struct span){0}, "%s '%.*s': %s",
                   selector->option, STR_ARG(selector->text), problem);
    diag_help(selecting->diags, diag,
              "a selector is tag:NAME, path:/pets/**, method:GET or id:getPet*, or several of them "
              "joined with commas");
    return false;
}

static bool read_selector(const struct selecting *selecting, struct selector *selector)
{
    struct str rest = selector->text;
    do {
        struct term term;
        if (!find_aspect(rest, &term.aspect))
            return refuse(selecting, selector, "it does not say what to select by");
        if (selector->term_count == TERM_MAX)
            return refuse(selecting, selector, "too many conditions");
        size_t end = term_end(rest), start = str_find(rest, ':') + 1;
        term.pattern = str_part(rest, start, end);
        if (term.pattern.len == 0 || term.pattern.len > GLOB_PATTERN_MAX)
            return refuse(selecting, selector,
                          term.pattern.len ? "a pattern that is too long" : "an empty pattern");
        if (term.aspect == ASPECT_METHOD)
            term.pattern = upper(selecting->arena, term.pattern);
        term.is_matched = false;
        selector->terms[selector->term_count++] = term;
        rest = str_from(rest, end + 1);
    } while (rest.len);
    return true;
}

/* ---- asking ---- */

static bool has_tag(const struct operation *operation, struct str pattern)
{
    for (uint32_t i = 0; i < operation->tag_count; i++)
        if (glob_matches(pattern, operation->tags[i], false))
            return true;
    return false;
}

static bool term_selects(const struct term *term, const struct operation *operation)
{
    switch (term->aspect) {
    case ASPECT_TAG:
        return has_tag(operation, term->pattern);
    case ASPECT_PATH:
        return glob_matches(term->pattern, operation->path, true);
    case ASPECT_METHOD:
        return glob_matches(term->pattern, operation->method, false);
    case ASPECT_ID:
        return operation->id.len && glob_matches(term->pattern, operation->id, false);
    case ASPECT_COUNT:
        break;
    }
    return false;
}

static bool selects(struct selector *selector, const struct operation *operation)
{
    bool is_selected = true;
    for (uint32_t i = 0; i < selector->term_count; i++) {
        bool holds = term_selects(&selector->terms[i], operation);
        selector->terms[i].is_matched |= holds;
        is_selected = is_selected && holds;
    }
    selector->is_matched |= is_selected;
    return is_selected;
}

/* ---- what selects nothing ---- */

static struct str *names_of(const struct selecting *selecting, enum aspect aspect, size_t *count)
{
    const struct api *api = selecting->api;
    LIST(struct str) names = {0};
    for (uint32_t i = 0; i < api->operation_count; i++) {
        const struct operation *operation = &api->operations[i];
        if (aspect == ASPECT_PATH || aspect == ASPECT_METHOD)
            *list_add(selecting->arena, &names) =
                aspect == ASPECT_PATH ? operation->path : operation->method;
        else if (aspect == ASPECT_ID)
            *list_add(selecting->arena, &names) = operation->id;
        for (uint32_t at = 0; aspect == ASPECT_TAG && at < operation->tag_count; at++)
            *list_add(selecting->arena, &names) = operation->tags[at];
    }
    *count = names.count;
    return names.at;
}

static void report_unmatched(const struct selecting *selecting, const struct selector *selector)
{
    struct diag *diag =
        diag_error(selecting->diags, "unmatched-selector", (struct span){0},
                   "%s '%.*s' selects no operation", selector->option, STR_ARG(selector->text));
    for (uint32_t i = 0; i < selector->term_count; i++) {
        const struct term *term = &selector->terms[i];
        size_t count;
        if (term->is_matched)
            continue;
        const struct str *names = names_of(selecting, term->aspect, &count);
        diag_suggest(selecting->diags, diag, aspects[term->aspect].noun, term->pattern, names,
                     count);
        return;
    }
}

/* ---- all of it ---- */

static struct selector *read_selectors(const struct selecting *selecting, const char *option,
                                       const char *const *texts, uint32_t count)
{
    struct selector *selectors = arena_array(selecting->arena, count + 1, sizeof *selectors);
    for (uint32_t i = 0; i < count; i++) {
        selectors[i] = (struct selector){.option = option, .text = str_of(texts[i])};
        read_selector(selecting, &selectors[i]);
    }
    return selectors;
}

/* The first that selects the operation, or NULL; all are asked, to know which select nothing. */
static const struct selector *first_match(struct selector *selectors, uint32_t count,
                                          const struct operation *operation)
{
    const struct selector *first = NULL;
    for (uint32_t i = 0; i < count; i++)
        if (selects(&selectors[i], operation) && !first)
            first = &selectors[i];
    return first;
}

static void check_matched(const struct selecting *selecting, const struct selector *selectors,
                          uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!selectors[i].is_matched)
            report_unmatched(selecting, &selectors[i]);
}

const struct str *select_operations(const struct api *api, const struct selection *selection,
                                    struct arena *arena, struct diag_list *diags)
{
    struct selecting selecting = {api, arena, diags};
    uint32_t errors_before = diags->error_count;
    uint32_t includes = selection->include_count, excludes = selection->exclude_count;
    struct str *reasons = arena_array(arena, api->operation_count + 1, sizeof *reasons);
    struct selector *include =
        read_selectors(&selecting, "--include", selection->includes, includes);
    struct selector *exclude =
        read_selectors(&selecting, "--exclude", selection->excludes, excludes);
    if (diags->error_count != errors_before)
        return NULL;
    for (uint32_t i = 0; i < api->operation_count; i++) {
        const struct operation *operation = &api->operations[i];
        bool is_included = first_match(include, includes, operation) || includes == 0;
        const struct selector *excluded = first_match(exclude, excludes, operation);
        if (excluded)
            reasons[i] = str_format(arena, "--exclude %.*s", STR_ARG(excluded->text));
        else if (!is_included)
            reasons[i] = STR("not in any --include");
    }
    check_matched(&selecting, include, includes);
    check_matched(&selecting, exclude, excludes);
    return diags->error_count == errors_before ? reasons : NULL;
}
